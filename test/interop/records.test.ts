// Keys, headers, null values and timestamps survive from every client to every other.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { millrace, startBroker, type TestBroker } from '../support/broker.js'
import { runOrFail } from '../support/processes.js'
import { kafkaJs, overWebSocket } from './kafkajs.js'
import { readWithKcat, readWithMillrace } from './readers.js'

const records = [
  { timestamp: 1_700_000_000_000, key: 'plain', value: 'line' },
  { timestamp: 1_700_000_000_001, key: null, value: '' },
  { timestamp: 1_700_000_000_002, key: 'tombstone', value: null },
  {
    timestamp: 1_700_000_000_003,
    key: 'ключ',
    value: 'a "quoted" line\twith tab',
    headers: [
      ['trace', 'abc'],
      ['trace', 'again'],
      ['empty', ''],
    ],
  },
]
let broker: TestBroker

before(async () => {
  broker = await startBroker()
})

after(() => broker.stop())

function createTopic(topic: string) {
  return runOrFail(process.execPath, [
    millrace,
    'topic',
    'create',
    topic,
    '--url',
    broker.websocket,
  ])
}

async function areIntact(topic: string): Promise<void> {
  const expected = records.map((record, offset) => ({ topic, partition: 0, offset, ...record }))
  const ours = (await readWithMillrace(broker, topic, '--format', 'ndjson')).toString()
  assert.deepEqual(
    ours
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    expected,
  )
  const theirs = (await readWithKcat(broker, topic, '-J')).toString()
  assert.deepEqual(
    theirs
      .trim()
      .split('\n')
      .map((line) => {
        const { ts, key, payload, headers, offset } = JSON.parse(line)
        return { offset, ts, key, payload, headers }
      }),
    records.map(({ timestamp, key, value, headers }, offset) => ({
      offset,
      ts: timestamp,
      key,
      payload: value,
      headers: headers?.flat(),
    })),
  )
}

test('from millrace produce', async () => {
  await createTopic('from-millrace')
  const input = records.map((record) => `${JSON.stringify(record)}\n`).join('')
  const args = ['produce', 'from-millrace', '--format', 'ndjson', '--url', broker.websocket]
  await runOrFail(process.execPath, [millrace, ...args], { input })
  await areIntact('from-millrace')
})

for (const way of ['TCP', 'WebSocket'] as const) {
  test(`from KafkaJS over ${way}`, async () => {
    const topic = `from-kafkajs-${way}`
    await createTopic(topic)
    const isWebSocket = way === 'WebSocket'
    const producer = kafkaJs(
      broker.kafka,
      isWebSocket ? overWebSocket(broker.websocket) : undefined,
    ).producer()
    await producer.connect()
    const messages = records.map(({ timestamp, headers, ...rest }) => ({
      ...rest,
      partition: 0,
      timestamp: String(timestamp),
      headers: grouped(headers ?? []),
    }))
    await producer.send({ topic, messages })
    await producer.disconnect()
    await areIntact(topic)
  })
}

// KafkaJS takes repeated headers as an array under their name.
function grouped(headers: readonly string[][]): Record<string, string[]> {
  const all: Record<string, string[]> = {}
  for (const [name = '', value = ''] of headers) all[name] = [...(all[name] ?? []), value]
  return all
}

test('a topic of KafkaJS, its offsets and its metadata over WebSocket', async () => {
  const admin = kafkaJs(broker.kafka, overWebSocket(broker.websocket)).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'by-admin', numPartitions: 3 }] })
  const { topics } = await admin.fetchTopicMetadata({ topics: ['by-admin'] })
  assert.equal(topics[0]?.partitions.length, 3)
  const offsets = await admin.fetchTopicOffsets('by-admin')
  assert.deepEqual(
    offsets.map(({ offset }) => offset),
    ['0', '0', '0'],
  )
  await admin.deleteTopics({ topics: ['by-admin'] })
  assert.equal((await admin.listTopics()).includes('by-admin'), false)
  await admin.disconnect()
})
