// What WebSocket wrote, read by two JavaScript clients of Kafka: every byte, null apart from empty.
// Both read with plain fetches: their consumers proper need a group coordinator.
import assert from 'node:assert/strict'
import { on } from 'node:events'
import { after, before, test } from 'node:test'
import { Consumer } from '@platformatic/kafka'
import { WebSocket } from 'ws'
import { connect } from '../../src/client/index.js'
import { startBroker, type TestBroker } from '../support/broker.js'
import { fetchWithKafkaJs } from './kafkajs.js'

interface Read {
  readonly timestamp: bigint
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly (readonly [string, Buffer | null])[]
}

const bytes = Buffer.from([0xff, 0x00, 0xc3, 0x28])
const record = (at: number, key: Buffer | null, value: Buffer | null): Read => ({
  timestamp: 1_700_000_000_000n + BigInt(at),
  key,
  value,
  headers: [],
})
const plain: readonly Read[] = [
  record(0, Buffer.from('ключ'), Buffer.from('text')),
  record(1, null, Buffer.alloc(0)),
  record(2, Buffer.alloc(0), null),
  record(3, null, null),
  record(4, bytes, bytes),
]
const withHeaders: readonly Read[] = [
  ...plain,
  {
    ...record(5, Buffer.from('headers'), Buffer.from('x')),
    headers: [
      ['text', Buffer.from('abc')],
      ['empty', Buffer.alloc(0)],
      ['null', null],
      ['bytes', bytes],
    ],
  },
]

let broker: TestBroker
before(async () => {
  broker = await startBroker()
})
after(() => broker.stop())

async function withPlatformatic(topic: string): Promise<Read[]> {
  const consumer = new Consumer({
    clientId: 'interop',
    groupId: 'unused',
    bootstrapBrokers: [broker.kafka],
  })
  const metadata = await consumer.metadata({ topics: [topic] })
  const found = metadata.topics.get(topic)
  assert.ok(found)
  const start = { currentLeaderEpoch: -1, lastFetchedEpoch: -1, fetchOffset: 0n }
  const { responses } = await consumer.fetch({
    node: found.partitions[0]?.leader ?? -1,
    topics: [
      {
        topicId: found.id,
        partitions: [{ partition: 0, ...start, partitionMaxBytes: 1_000_000 }],
      },
    ],
  })
  await consumer.close()
  const batches = [responses[0]?.partitions[0]?.records ?? []].flat()
  return batches.flatMap(({ firstTimestamp, records }) =>
    records.map(({ timestampDelta, key, value, headers }) => ({
      timestamp: firstTimestamp + timestampDelta,
      key,
      value,
      headers: [...headers].map(([name, value]): [string, Buffer | null] => [`${name}`, value]),
    })),
  )
}

async function withKafkaJs(topic: string): Promise<Read[]> {
  const messages = await fetchWithKafkaJs(broker.kafka, topic)
  return messages.map(({ timestamp, key, value, headers }) => ({
    timestamp: BigInt(timestamp),
    key,
    value,
    headers: Object.entries(headers),
  }))
}

async function areRead(topic: string, expected: readonly Read[]): Promise<void> {
  assert.deepEqual(await withKafkaJs(topic), expected)
  assert.deepEqual(await withPlatformatic(topic), expected)
}

test('what our client wrote', async () => {
  const client = await connect(broker.websocket)
  await client.topics.create('by-client', { partitions: 1 })
  const producer = await client.producer('by-client')
  for (const { timestamp, ...rest } of withHeaders) {
    producer.send({ ...rest, timestamp: Number(timestamp) })
  }
  await producer.flush()
  await client.close()
  await areRead('by-client', withHeaders)
})

test('what a plain WebSocket wrote in JSON', async () => {
  const base64 = (of: Buffer | null) => of && { base64: of.toString('base64') }
  const records = withHeaders.map(({ timestamp, key, value, headers }) => ({
    timestamp: Number(timestamp),
    key: base64(key),
    value: base64(value),
    headers: headers.map(([name, header]) => [name, base64(header)]),
  }))
  const produce = { type: 'produce', channel: 1, partition: 0, sequence: 0, records }
  await write('by-json', [JSON.stringify(produce)], withHeaders.length)
  await areRead('by-json', withHeaders)
})

test('what a plain WebSocket wrote in compact binary records', async () => {
  const message = ({ timestamp, key, value }: Read, sequence: number) => {
    const head = Buffer.alloc(32)
    head.writeUInt8(0x02, 0)
    head.writeUInt8(value === null ? 1 : 0, 1)
    head.writeUInt32BE(1, 4)
    head.writeUInt32BE(16 + (key?.length ?? 0) + (value?.length ?? 0), 12)
    head.writeInt32BE(sequence, 16)
    head.writeBigInt64BE(timestamp, 20)
    head.writeInt32BE(key?.length ?? -1, 28)
    return Buffer.concat([head, key ?? Buffer.alloc(0), value ?? Buffer.alloc(0)])
  }
  await write('by-binary', [Buffer.concat(plain.map(message))], plain.length)
  await areRead('by-binary', plain)
})

/** Opens a producer on channel 1, sends the frames, and waits until all their records are acknowledged. */
async function write(topic: string, frames: readonly (string | Buffer)[], count: number) {
  const socket = new WebSocket(broker.websocket, 'millrace.v1')
  const send = (message: object) => socket.send(JSON.stringify(message))
  socket.on('open', () => send({ type: 'hello' }))
  let stored = 0
  for await (const [data] of on(socket, 'message')) {
    const [{ type, count: acknowledged, message }] = [JSON.parse(String(data))].flat()
    assert.notEqual(type, 'error', message)
    if (type === 'welcome') send({ type: 'open', channel: 1, kind: 'producer', topic })
    if (type === 'opened') for (const frame of frames) socket.send(frame)
    if (type === 'ack') stored += acknowledged
    if (stored === count) break
  }
  socket.close()
}
