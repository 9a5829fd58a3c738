// A cluster on this machine, as a newcomer starts one.
import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { millrace, temporaryDirectory } from '../support/broker.js'
import { runOrFail, runToEnd, start } from '../support/processes.js'
import { run } from './cli.js'

interface Told {
  readonly said: () => string
  readonly exit: Promise<number | null>
  kill(): void
  says(pattern: RegExp): Promise<RegExpExecArray>
}

function dev(...args: string[]): Told {
  const child = start(process.execPath, [millrace, 'dev', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const waiting = new Set<() => void>()
  const hear = (chunk: Buffer) => {
    said += chunk.toString()
    for (const look of waiting) look()
  }
  child.stdout?.on('data', hear)
  child.stderr?.on('data', hear)
  const exit = new Promise<number | null>((done) => child.once('exit', done))
  return {
    said: () => said,
    exit,
    kill: () => void child.kill('SIGINT'),
    says: (pattern) =>
      new Promise((done, reject) => {
        const look = () => {
          const found = pattern.exec(said)
          if (found !== null) done(found)
        }
        waiting.add(look)
        void exit.then(() => reject(new Error(`it never said ${pattern}: ${said}`)))
        look()
      }),
  }
}

const BROKERS = 3
// Below the ports that the kernel gives away by itself.
const LOWEST = 20_000
const PORTS = 10_000

/** Free ones in a row: those of the Kafka listeners, and those of the others. */
async function ports(): Promise<{ flags: string[]; kafka: number }> {
  const kafka = LOWEST + Math.floor(Math.random() * PORTS)
  const websocket = kafka + BROKERS
  const all = Array.from({ length: 2 * BROKERS }, (_, place) => isFree(kafka + place))
  if ((await Promise.all(all)).includes(false)) return ports()
  return { flags: ['--kafka', String(kafka), '--websocket', String(websocket)], kafka }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })
}

test('three brokers serve, one that dies comes back, and the records are there at the next start', async () => {
  const { flags, kafka } = await ports()
  const data = ['--data', join(temporaryDirectory(), 'dev')]
  const address = `127.0.0.1:${kafka}`
  const first = dev('--brokers', '3', ...flags, ...data)
  const [, pid = ''] = await first.says(/kill -9 (\d+) /)
  const produce = ['-b', address, '-P', '-t', 'kept', '-X', 'acks=all']
  await runOrFail('kcat', produce, { input: 'one\ntwo\n' })
  const status = await run(['cluster', 'status', '--kafka', address])
  assert.match(status.stdout.toString(), /3 .*127.* +serves/, status.stderr)
  const described = await run(['cluster', 'describe', 'kept', '--json', '--kafka', address])
  assert.equal(JSON.parse(described.stdout.toString())[0].replicas.length, 3)
  process.kill(Number(pid), 'SIGKILL')
  await first.says(/broker 1 ended \(SIGKILL\); it starts again in 5 s/)
  await first.says(/broker 1 serves again/)
  first.kill()
  assert.equal(await first.exit, 0, first.said())
  assert.match(first.said(), /stopped cleanly\n$/)

  const second = dev('--brokers', '3', ...flags, ...data)
  await second.says(/Millrace serves: 3 brokers/)
  const consume = ['-b', address, '-C', '-t', 'kept', '-o', 'beginning', '-e', '-q']
  const { stdout } = await runOrFail('kcat', consume)
  assert.equal(stdout.toString(), 'one\ntwo\n')
  second.kill()
  assert.equal(await second.exit, 0, second.said())
})

test('stopped before it serves it leaves nothing running', async () => {
  const { flags } = await ports()
  const data = join(temporaryDirectory(), 'dev')
  for (const afterMs of [300, 1500]) {
    const early = dev('--brokers', '3', ...flags, '--data', data)
    await pause(afterMs)
    early.kill()
    await early.exit
    const left = await runToEnd('pgrep', ['-af', data])
    assert.equal(left.stdout.toString(), '')
  }
})

test('without a coordination service it says how to install one', async () => {
  const args = ['dev', '--data', join(temporaryDirectory(), 'dev')]
  const { code, stderr } = await run(args, { environment: { PATH: '/nowhere' } })
  assert.equal(code, 1)
  assert.match(stderr, /sudo apt-get install etcd-server/)
  assert.match(stderr, /--store zookeeper:/)
})

test('a broker that cannot start says why, and nothing is left running', async () => {
  const { flags } = await ports()
  const args = ['--brokers', '2', ...flags, '--store', 'etcd://127.0.0.1:1/millrace']
  const { code, stderr } = await run(['dev', ...args, '--data', join(temporaryDirectory(), 'dev')])
  assert.equal(code, 1)
  assert.match(stderr, /broker [12] ended \(exit code 1\)\n.*etcd/s)
})

for (const [args, said] of [
  [['--brokers', '0'], /--brokers is 1 to 16/],
  [['--brokers', '17'], /--brokers is 1 to 16/],
  [['--kafka', '70000'], /the ports are 1 to 65533/],
  [['--kafka', '9600', '--websocket', '9601'], /9600 and 9601 are too close/],
] as const) {
  test(`dev ${args.join(' ')}`, async () => {
    const { code, stderr } = await run(['dev', ...args])
    assert.match(stderr, said)
    assert.equal(code, 2)
  })
}
