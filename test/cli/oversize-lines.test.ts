// Lines that are too large: for the command, for the topic; and lines that only a batch makes too large.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { LineTooLong, lines } from '../../src/cli/records/lines.js'
import { startBroker, type TestBroker } from '../support/broker.js'
import { run } from './cli.js'

const MAX_LINE_BYTES = 64 * 1024 * 1024
const MAX_MESSAGE_BYTES = 20_000
let broker: TestBroker
let topics = 0

before(async () => {
  broker = await startBroker()
})

after(() => broker.stop())

async function newTopic(): Promise<string> {
  const topic = `oversize-${topics++}`
  const config = `max.message.bytes=${MAX_MESSAGE_BYTES}`
  const { code } = await run(['topic', 'create', topic, '-c', config, '--url', broker.websocket])
  assert.equal(code, 0)
  return topic
}

async function produce(topic: string, input: string | Uint8Array) {
  const args = ['produce', topic, '--url', broker.websocket, '--json']
  const { code, stdout, stderr } = await run(args, { input })
  return { code, stderr, summary: JSON.parse(stdout.toString()) }
}

async function stored(topic: string): Promise<string> {
  const { code, stdout } = await run(['consume', topic, '-e', '--url', broker.websocket])
  assert.equal(code, 0)
  return stdout.toString()
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${from + i}\n`).join('')

test('a line longer than the command takes is named; what came before it is stored', async () => {
  const topic = await newTopic()
  const input = Buffer.concat([
    Buffer.from(numbered(1, 501)),
    Buffer.alloc(MAX_LINE_BYTES + 100_000, 'x'),
    Buffer.from('\nafter\n'),
  ])
  const { code, stderr, summary } = await produce(topic, input)
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^millrace: line 501: a line is longer than 67108864 bytes; the lines before/,
  )
  assert.equal(summary.acknowledged, 500)
  assert.equal(await stored(topic), numbered(1, 501))
})

test('lines that end in the chunk in which a too long one begins are not lost', async () => {
  const read = async () => {
    const found: string[] = []
    const input = (async function* () {
      yield Buffer.from('a\nb\ntoo long')
    })()
    try {
      for await (const some of lines(input, 5)) found.push(...some.map((line) => `${line}`))
    } catch (error) {
      assert.ok(error instanceof LineTooLong)
      return found
    }
    return assert.fail('nothing was refused')
  }
  assert.deepEqual(await read(), ['a', 'b'])
})

test('a record larger than max.message.bytes is named by its line, and nothing else is lost', async () => {
  const topic = await newTopic()
  const large = `${'x'.repeat(MAX_MESSAGE_BYTES)}\n`
  const { code, stderr, summary } = await produce(
    topic,
    numbered(1, 301) + large + numbered(302, 601),
  )
  assert.equal(code, 1)
  assert.match(stderr, /^millrace: line 301: .*larger than max\.message\.bytes 20000$/m)
  assert.equal(summary.acknowledged, summary.records - 1)
  assert.equal(await stored(topic), numbered(1, 301) + numbered(302, 601))
})

test('small lines fit into a topic that takes smaller batches than the client makes', async () => {
  const topic = await newTopic()
  const input = numbered(0, 50_000)
  const { code, stderr, summary } = await produce(topic, input)
  assert.equal(code, 0, stderr)
  assert.equal(summary.acknowledged, 50_000)
  assert.equal(await stored(topic), input)
})
