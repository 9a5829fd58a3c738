// Stock clients write real lines with every codec they have; WebSocket and stock clients read them back.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Producer } from '@platformatic/kafka'
import { millrace, startBroker, type TestBroker } from '../support/broker.js'
import { runKafkaTool } from '../support/kafka-server.js'
import { sha256 } from '../support/log-file.js'
import { runOrFail } from '../support/processes.js'
import { codecsOfKafkaJs, installCodecs, kafkaJs, overWebSocket } from './kafkajs.js'
import { readWithConsoleConsumer, readWithKcat, readWithMillrace } from './readers.js'
import { firstFullLines, firstLines, type Slice } from './slice.js'

const LINES = 20_000
const LINES_A_REQUEST = 2000
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const
type Codec = (typeof codecs)[number]
// Node 20 has no zstd, so this client has none there.
const codecsOfPlatformatic = ['none', 'gzip', 'snappy', 'lz4'] as const

let broker: TestBroker
let slice: Slice
let fullLines: Slice

before(async () => {
  installCodecs()
  slice = firstLines(LINES)
  fullLines = firstFullLines(LINES)
  broker = await startBroker()
})

after(() => broker.stop())

async function createTopic(topic: string): Promise<void> {
  await runOrFail(process.execPath, [millrace, 'topic', 'create', topic, '--url', broker.websocket])
}

function* requests(): Generator<readonly Buffer[]> {
  for (let at = 0; at < LINES; at += LINES_A_REQUEST) {
    yield slice.lines.slice(at, at + LINES_A_REQUEST)
  }
}

async function isIntact(topic: string, expectedBytes: Buffer = slice.bytes): Promise<void> {
  const expected = sha256(expectedBytes)
  assert.equal(sha256(await readWithMillrace(broker, topic)), expected, 'millrace consume')
  assert.equal(sha256(await readWithKcat(broker, topic)), expected, 'kcat')
  const console = await readWithConsoleConsumer(broker, topic, LINES)
  assert.equal(sha256(console), expected, 'console consumer')
}

/** The codecs of the batches that lie in the topic's segments. */
async function storedCodecs(topic: string): Promise<readonly number[]> {
  const path = `${broker.dataDirectory}/${topic}-0`
  const dumped = await runOrFail(process.execPath, [millrace, 'log', 'dump', path, '--json'])
  const batches = dumped.stdout.toString().trim().split('\n')
  return [...new Set(batches.map((line) => JSON.parse(line).compression as number))]
}

async function isStoredAs(topic: string, codec: Codec): Promise<void> {
  assert.deepEqual(await storedCodecs(topic), [codecs.indexOf(codec)])
}

for (const codec of codecs) {
  test(`kcat writes ${codec}`, async () => {
    const topic = `kcat-${codec}`
    await createTopic(topic)
    const flags = ['-P', '-t', topic, '-p', '0', '-z', codec, '-X', 'linger.ms=50']
    await runOrFail('kcat', ['-b', broker.kafka, ...flags, '-l', fullLines.path])
    await isStoredAs(topic, codec)
    await isIntact(topic, fullLines.bytes)
  })

  for (const way of ['TCP', 'WebSocket'] as const) {
    test(`KafkaJS writes ${codec} over ${way}`, async () => {
      const topic = `kafkajs-${codec}-${way}`
      await createTopic(topic)
      const factory = way === 'WebSocket' ? overWebSocket(broker.websocket) : undefined
      const producer = kafkaJs(broker.kafka, factory).producer()
      await producer.connect()
      for (const lines of requests()) {
        const messages = lines.map((value) => ({ value, partition: 0 }))
        await producer.send({ topic, messages, compression: codecsOfKafkaJs[codec] })
      }
      await producer.disconnect()
      await isStoredAs(topic, codec)
      await isIntact(topic)
    })
  }

  test(`Kafka's console producer writes ${codec}`, async () => {
    const topic = `console-${codec}`
    await createTopic(topic)
    const flags = ['--bootstrap-server', broker.kafka, '--topic', topic]
    const args = [...flags, '--compression-codec', codec]
    const { code, stderr } = await runKafkaTool('console-producer', args, slice.bytes)
    assert.equal(code, 0, stderr)
    await isStoredAs(topic, codec)
    await isIntact(topic)
  })
}

for (const codec of codecsOfPlatformatic) {
  test(`@platformatic/kafka writes ${codec}`, async () => {
    const topic = `platformatic-${codec}`
    await createTopic(topic)
    const bootstrapBrokers = [broker.kafka]
    const producer = new Producer({ clientId: 'interop', bootstrapBrokers })
    for (const lines of requests()) {
      const messages = lines.map((value) => ({ topic, value, partition: 0 }))
      await producer.send({ messages, compression: codec, acks: -1 })
    }
    await producer.close()
    await isStoredAs(topic, codec)
    await isIntact(topic)
  })
}
