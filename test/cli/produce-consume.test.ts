import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { millrace, startBroker, type TestBroker } from '../support/broker.js'
import { kill, outputLine, start } from '../support/processes.js'
import { run } from './cli.js'

let broker: TestBroker
let topics = 0

before(async () => {
  broker = await startBroker()
})

after(() => broker.stop())

function newTopic(): string {
  return `topic-${topics++}`
}

async function produce(topic: string, input: string | Uint8Array, ...flags: string[]) {
  const args = ['produce', topic, '--url', broker.websocket, '--json', ...flags]
  const { code, stdout, stderr } = await run(args, { input })
  return { code, stderr, summary: code === 0 ? JSON.parse(stdout.toString()) : undefined }
}

async function consume(topic: string, ...flags: string[]): Promise<Buffer> {
  const { code, stdout, stderr } = await run([
    'consume',
    topic,
    '--url',
    broker.websocket,
    ...flags,
  ])
  assert.equal(code, 0, stderr)
  return stdout
}

test('lines as they are: empty ones, CR LF, no newline at the end, bytes that are no text', async () => {
  const topic = newTopic()
  const input = Buffer.concat([Buffer.from('a\r\n\n  b \n'), Buffer.of(0xff, 0, 0xfe)])
  const { summary } = await produce(topic, input)
  assert.deepEqual([summary.records, summary.acknowledged, summary.topic], [4, 4, topic])
  const output = await consume(topic, '--until-end')
  assert.deepEqual(output, Buffer.concat([input, Buffer.from('\n')]))
})

test('no input is no record', async () => {
  const topic = newTopic()
  const { summary } = await produce(topic, '')
  assert.deepEqual([summary.records, summary.acknowledged], [0, 0])
  assert.equal((await consume(topic, '--until-end')).length, 0)
})

test('a long line', async () => {
  const topic = newTopic()
  const line = `${'x'.repeat(1_000_000)}\n`
  assert.equal((await produce(topic, line)).summary.acknowledged, 1)
  assert.equal((await consume(topic, '--until-end')).toString(), line)
})

const badLines: readonly (readonly [line: string, said: RegExp])[] = [
  ['{"value": ', /^millrace: line 2: not JSON/],
  ['[1]', /^millrace: line 2: a record is a JSON object/],
  ['{"vlaue": "x"}', /^millrace: line 2: unknown field "vlaue"/],
  ['{"value": "x", "timestamp": -5}', /^millrace: line 2: "timestamp" must be a whole number/],
  ['{"value": "x", "headers": 5}', /^millrace: line 2: "headers" is/],
]

for (const [line, said] of badLines) {
  test(`a bad line of NDJSON is named: ${line}`, async () => {
    const topic = newTopic()
    const { code, stderr } = await produce(topic, `{"value":"good"}\n${line}\n`, '-f', 'ndjson')
    assert.equal(code, 1)
    assert.match(stderr, said)
    assert.match(stderr, /the lines before it were sent/)
    assert.equal((await consume(topic, '--until-end')).toString(), 'good\n')
  })
}

test('a bad line after blank ones is named by its place in the file', async () => {
  const { code, stderr } = await produce(newTopic(), '{"value":"a"}\n\n\nwrong\n', '-f', 'ndjson')
  assert.equal(code, 1)
  assert.match(stderr, /line 4: not JSON/)
})

test('what consume prints as NDJSON is what produce takes', async () => {
  const [one, two] = [newTopic(), newTopic()]
  const input =
    '{"key":"k","value":{"n":1},"headers":[["h","x"],["h",null]],"timestamp":5}\n{"value":null,"timestamp":6}\n'
  await produce(one, input, '--format', 'ndjson')
  const printed = await consume(one, '--until-end', '--json')
  await produce(two, printed, '--format', 'ndjson')
  const again = (await consume(two, '--until-end', '--format', 'ndjson')).toString()
  assert.equal(again.replaceAll(two, one), printed.toString())
})

test('from an offset, a time, the end; so many; raw', async () => {
  const topic = newTopic()
  const lines = [0, 1, 2, 3, 4].map((n) => `{"value":"${n}","timestamp":${1000 * (n + 1)}}`)
  await produce(topic, `${lines.join('\n')}\n`, '-f', 'ndjson')
  assert.equal((await consume(topic, '--from', '3', '-e')).toString(), '3\n4\n')
  assert.equal(
    (await consume(topic, '--from', '1970-01-01T00:00:02.500Z', '-e')).toString(),
    '2\n3\n4\n',
  )
  assert.equal((await consume(topic, '--from', 'latest', '-e')).toString(), '')
  assert.equal((await consume(topic, '--count', '2')).toString(), '0\n1\n')
  assert.equal((await consume(topic, '-e', '--format', 'raw')).toString(), '01234')
})

test('following: what comes later is printed; Ctrl-C ends it well', async () => {
  const topic = newTopic()
  await produce(topic, 'before\n')
  const args = [millrace, 'consume', topic, '--url', broker.websocket, '--follow']
  const child = start(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await outputLine(child, /before/)
  const after = outputLine(child, /after/)
  await produce(topic, 'after\n')
  await after
  await kill(child, 'SIGINT')
  assert.equal(child.exitCode, 0)
})

test('keys and partitions', async () => {
  const topic = newTopic()
  await run(['topic', 'create', topic, '-p', '3', '--url', broker.websocket])
  await produce(topic, 'x\n', '--partition', '2', '--key', 'k')
  const record = JSON.parse((await consume(topic, '-p', '2', '-e', '--json')).toString())
  assert.deepEqual([record.partition, record.key, record.value], [2, 'k', 'x'])
  assert.equal((await consume(topic, '-p', '0', '-p', '1', '-e')).length, 0)
  const { code, stderr } = await produce(topic, 'x\n', '--partition', '7')
  assert.equal(code, 4)
  assert.match(stderr, /line 1: there is no partition 7: the topic has 3, counted from 0/)
})

test('a record that is refused in the middle is named, and the summary says what was stored', async () => {
  const topic = newTopic()
  await run(['topic', 'create', topic, '-p', '2', '--url', broker.websocket])
  const input = '{"value":"a"}\n\n{"value":"b","partition":1}\n{"value":"c","partition":9}\n'
  const args = ['produce', topic, '--url', broker.websocket, '--format', 'ndjson']
  const { code, stderr } = await run(args, { input })
  assert.equal(code, 4)
  const [summary, failure, ...more] = stderr.trim().split('\n')
  assert.match(summary ?? '', /^2 of 3 records acknowledged/)
  assert.match(failure ?? '', /^millrace: line 4: there is no partition 9/)
  assert.deepEqual(more, [])
  assert.equal((await consume(topic, '--until-end')).toString().split('\n').length, 3)
  const asJson = await run([...args, '--json'], { input })
  assert.equal(asJson.code, 4)
  assert.equal(JSON.parse(asJson.stdout.toString()).acknowledged, 2)
})

test('a summary for a person', async () => {
  const args = ['produce', newTopic(), '--url', broker.websocket]
  const { code, stdout, stderr } = await run(args, { input: 'a\nb\n' })
  assert.deepEqual([code, stdout.length], [0, 0])
  assert.match(stderr, /^2 of 2 records acknowledged in topic-\d+, 0.0 MB in [\d.]+ s/)
})
