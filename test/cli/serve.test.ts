import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { millrace, startBroker, type TestBroker, temporaryDirectory } from '../support/broker.js'
import { kill, outputLine, runToEnd, start } from '../support/processes.js'
import { run } from './cli.js'

let broker: TestBroker

before(async () => {
  broker = await startBroker()
})

after(() => broker.stop())

const anywhere = ['--kafka', '127.0.0.1:0', '--websocket', '127.0.0.1:0']

/** Starts what cannot start; the one line that it says. */
async function refusal(
  args: readonly string[],
  environment = {},
): Promise<[number | null, string]> {
  const { code, stderr, stdout } = await run(['serve', '--log-level', 'silent', ...args], {
    environment,
  })
  assert.equal(stdout.toString(), '')
  assert.equal(stderr.trim().split('\n').length, 1, stderr)
  return [code, stderr.trim()]
}

test('a wrong setting is named as it was given', async () => {
  const file = join(temporaryDirectory(), 'millrace.yaml')
  writeFileSync(file, 'flush: sometimes\n')
  const wrong = 'must be one of group, interval, os'
  assert.deepEqual(await refusal(['--flush', 'x']), [2, `millrace: --flush: ${wrong}`])
  assert.deepEqual(await refusal([], { MILLRACE_FLUSH: 'x' }), [
    2,
    `millrace: MILLRACE_FLUSH: ${wrong}`,
  ])
  assert.deepEqual(await refusal(['--config', file]), [2, `millrace: flush in ${file}: ${wrong}`])
  const [code, missing] = await refusal(['--config', '/nonexistent.yaml'])
  assert.equal(code, 2)
  assert.match(missing, /cannot read the configuration file \/nonexistent.yaml/)
  writeFileSync(file, 'flushh: os\n')
  const [, unknown] = await refusal(['--config', file])
  assert.match(unknown, /unknown setting flushh in .*; the settings are id, .*flush/)
})

test('file, environment and flags, each over the one before', async () => {
  const directory = temporaryDirectory()
  const file = join(directory, 'millrace.yaml')
  writeFileSync(file, `kafka: 127.0.0.1:0\nwebsocket: 127.0.0.1:0\nflush: wrong\nworkers: wrong\n`)
  const child = start(
    process.execPath,
    [millrace, 'serve', '--config', file, '--data', directory, '--flush', 'os'],
    { env: { ...process.env, MILLRACE_FLUSH: 'interval', MILLRACE_WORKERS: '1' } },
  )
  const promise = await outputLine(child, /Durability/)
  assert.match(promise, /survives a crash of the broker, not a power cut \(flush=os\)/)
  await kill(child, 'SIGINT')
  assert.equal(child.exitCode, 0)
})

test('a port that something else uses', async () => {
  const other = await listening()
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  for (const [flag, free] of [
    ['--kafka', '--websocket'],
    ['--websocket', '--kafka'],
  ] as const) {
    const [code, line] = await refusal([flag, `127.0.0.1:${port}`, free, '127.0.0.1:0'])
    assert.equal(code, 1)
    assert.ok(line.includes(String(port)), line)
  }
  other.close()
})

function listening(): Promise<Server> {
  const server = createServer()
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

test('a port that another Millrace uses', async () => {
  const websocketPort = broker.websocket.slice(broker.websocket.lastIndexOf(':') + 1)
  for (const [flag, free, port] of [
    ['--kafka', '--websocket', String(broker.kafkaPort)],
    ['--websocket', '--kafka', websocketPort],
  ] as const) {
    const [code, line] = await refusal([flag, `127.0.0.1:${port}`, free, '127.0.0.1:0'])
    assert.equal(code, 1)
    assert.ok(line.includes(port), line)
  }
})

test('a data directory that another broker holds', async () => {
  const [code, line] = await refusal([...anywhere, '--data', broker.dataDirectory])
  assert.equal(code, 1)
  assert.ok(line.includes(broker.dataDirectory), line)
  assert.match(line, /another|locked/)
})

test('a data directory without permission', async () => {
  const parent = temporaryDirectory()
  chmodSync(parent, 0o755)
  const directory = join(parent, 'not-yours')
  mkdirSync(directory)
  chmodSync(directory, 0o555)
  const args = [millrace, 'serve', '--log-level', 'silent', ...anywhere, '--data', directory]
  const isRoot = process.getuid?.() === 0
  const { code, stderr } = isRoot
    ? await runToEnd('setpriv', [
        '--reuid=65534',
        '--regid=65534',
        '--clear-groups',
        process.execPath,
        ...args,
      ])
    : await runToEnd(process.execPath, args)
  assert.equal(code, 1, stderr)
  assert.ok(stderr.includes(directory), stderr)
  assert.match(stderr, /permission|EACCES|may not/i)
  assert.equal(stderr.trim().split('\n').length, 1, stderr)
})

test('the runtime folder of another user, which su leaves in the environment', async () => {
  const folder = temporaryDirectory()
  chmodSync(folder, 0o755)
  const foreign = join(folder, 'theirs')
  mkdirSync(foreign)
  chmodSync(foreign, process.getuid?.() === 0 ? 0o700 : 0o500)
  const own = join(folder, 'own')
  mkdirSync(own)
  chmodSync(own, 0o777)
  const args = [millrace, 'serve', '--json', ...anywhere, '--data', join(own, 'data')]
  const asNobody = ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath]
  const options = { env: { ...process.env, XDG_RUNTIME_DIR: foreign } }
  const child =
    process.getuid?.() === 0
      ? start('setpriv', [...asNobody, ...args], options)
      : start(process.execPath, args, options)
  assert.equal(JSON.parse(await outputLine(child, /./)).ready, true)
  await kill(child, 'SIGINT')
  assert.equal(child.exitCode, 0)
})

test('a host that has no address', async () => {
  const [code, line] = await refusal(['--kafka', 'nowhere.invalid:0', '--allow-public-bind', 'yes'])
  assert.equal(code, 1)
  assert.match(line, /no address is known for nowhere\.invalid/)
})

test('a topic default that cannot be is found before anything starts', async () => {
  const file = join(temporaryDirectory(), 'millrace.yaml')
  const data = join(temporaryDirectory(), 'never-made')
  writeFileSync(file, 'topic.defaults:\n  retention.mss: 1\n')
  const [code, line] = await refusal(['--config', file, '--data', data])
  assert.equal(code, 2)
  assert.equal(
    line,
    `millrace: topic.defaults in ${file}: Unknown topic config name: retention.mss`,
  )
  assert.equal(existsSync(data), false)
})

test('pages of an origin that is allowed may connect, others may not', async () => {
  const page = 'https://app.example.com'
  const other = await startBroker({ flags: ['--allow-origin', page] })
  const upgrade = (origin: string, to: TestBroker) => {
    const socket = new WebSocket(to.websocket, 'millrace.v1', { origin })
    return new Promise((resolve) => {
      socket.once('open', () => resolve('open'))
      socket.once('error', ({ message }) => resolve(message))
    }).finally(() => socket.terminate())
  }
  assert.equal(await upgrade(page, other), 'open')
  assert.match(String(await upgrade('https://evil.example', other)), /403/)
  assert.match(String(await upgrade(page, broker)), /403/)
  await other.stop()
})

test('a public address without saying so', async () => {
  const [code, line] = await refusal(['--kafka', '0.0.0.0:0'])
  assert.equal(code, 2)
  assert.match(line, /--allow-public-bind/)
})

test('Ctrl-C stops it cleanly, and what it says at start is for a person', async () => {
  const child = start(process.execPath, [
    millrace,
    'serve',
    ...anywhere,
    '--data',
    temporaryDirectory(),
  ])
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  await outputLine(child, /Ctrl-C stops it/)
  for (const said of [
    /WebSocket +ws:/,
    /Kafka +127/,
    /kcat -b \S+ -C -t greetings/,
    /Data +\//,
    /Durability/,
    /millrace produce/,
  ])
    assert.match(output, said)
  await kill(child, 'SIGINT')
  assert.equal(child.exitCode, 0)
  assert.match(output, /stopped cleanly/)
})
