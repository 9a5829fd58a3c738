import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ReceivedDelivery,
  readBinaryFrame,
  readDelivery,
} from '../../../src/protocol/millrace/binary.js'
import { readRecords } from '../../../src/protocol/records/read-records.js'
import { RecordBatchBuilder } from '../../../src/protocol/records/record-batch-builder.js'
import { BrokerFixture, type BrokerFixtureOptions } from './broker-fixture.js'
import { type Message, SessionClient } from './session-client.js'

const openReader = {
  type: 'open',
  channel: 2,
  kind: 'reader',
  topic: 'orders',
  credit: { bytes: 1_000_000 },
}

async function reader(options: BrokerFixtureOptions & { partitions?: number } = {}) {
  const broker = new BrokerFixture(options)
  broker.topic('orders', options.partitions ?? 1)
  const client = await SessionClient.greeted(broker)
  return { broker, client }
}

function fill(
  broker: BrokerFixture,
  values: readonly (string | Uint8Array)[],
  partition = 0,
): void {
  const builder = new RecordBatchBuilder()
  for (const value of values) builder.append('key', value, [], 7)
  broker.logOf('orders', partition).append(builder.build())
}

function offsets(messages: Message[]): unknown[] {
  return messages.flatMap((m) => (m.records as { offset: number }[]).map(({ offset }) => offset))
}

function values(messages: Message[]): unknown[] {
  return messages.flatMap((m) => (m.records as { value: unknown }[]).map(({ value }) => value))
}

function position(messages: Message[]): Message | undefined {
  return ((messages[0]?.positions ?? []) as Message[])[0]
}

test('reads from the earliest, then live', async () => {
  const { broker, client } = await reader()
  fill(broker, ['a', '{"n":1}'])
  const [opened, ...deliveries] = await client.say(openReader)
  assert.deepEqual(opened?.positions, [{ partition: 0, offset: 0, endOffset: 2, state: 'started' }])
  const [delivery] = deliveries
  const records = [
    { offset: 0, timestamp: 7, key: 'key', value: 'a' },
    { offset: 1, timestamp: 7, key: 'key', value: { n: 1 } },
  ]
  const { cursor, bytes, ...rest } = delivery ?? {}
  const header = { type: 'deliver', channel: 2, partition: 0, nextOffset: 2, endOffset: 2 }
  assert.deepEqual(rest, { ...header, records })
  assert.equal(
    bytes,
    records.map((r) => JSON.stringify(r).length).reduce((a, b) => a + b),
  )
  fill(broker, ['b'])
  broker.moved()
  await broker.turn()
  assert.deepEqual(offsets(client.take()), [2])
})

test('values come back as what they were', async () => {
  const { broker, client } = await reader()
  const given = ['text', '42', '"quoted"', 'null', '{"base64":"x"}', '[1]']
  fill(broker, [...given, new Uint8Array([255])])
  const [, ...deliveries] = await client.say(openReader)
  assert.deepEqual(values(deliveries), [
    'text',
    42,
    { json: 'quoted' },
    { json: null },
    { json: { base64: 'x' } },
    [1],
    { base64: '/w==' },
  ])
  const [, ...exact] = await client.say({ ...openReader, channel: 3, values: 'base64' })
  assert.deepEqual(values(exact)[1], { base64: btoa('42') })
  const [record] = (exact[0]?.records ?? []) as Message[]
  assert.deepEqual(record?.key, { base64: btoa('key') })
})

test('only credit permits a push', async () => {
  const { broker, client } = await reader()
  for (let i = 0; i < 10; i++) fill(broker, [`value ${i}`])
  const [opened, ...none] = await client.say({ ...openReader, credit: { bytes: 0 } })
  assert.equal(opened?.type, 'opened')
  assert.deepEqual(none, [])
  const first = await client.say({ type: 'credit', channel: 2, bytes: 1 })
  assert.deepEqual(offsets(first), [0])
  // That took more than was there: the next byte does not make up for it.
  assert.deepEqual(await client.say({ type: 'credit', channel: 2, bytes: 1 }), [])
  const rest = await client.say({ type: 'credit', channel: 2, bytes: 10_000 })
  assert.deepEqual(offsets(rest), [1, 2, 3, 4, 5, 6, 7, 8, 9])
})

test('credit ends within a batch, and the rest follows', async () => {
  const { broker, client } = await reader()
  fill(
    broker,
    Array.from({ length: 20 }, (_, i) => `value ${i}`),
  )
  const [, ...deliveries] = await client.say({ ...openReader, credit: { bytes: 100 } })
  const seen = offsets(deliveries)
  assert.ok(seen.length > 0 && seen.length < 5, `${seen.length}`)
  assert.equal(deliveries[0]?.nextOffset, seen.length)
  const rest = await client.say({ type: 'credit', channel: 2, bytes: 100_000 })
  assert.deepEqual(
    [...seen, ...offsets(rest)],
    Array.from({ length: 20 }, (_, i) => i),
  )
})

test('a socket that is not read gets nothing more until it is', async () => {
  const { broker, client } = await reader()
  fill(broker, ['a'])
  client.bufferedBytes = 1024 * 1024
  const [opened, ...held] = await client.say(openReader)
  assert.equal(opened?.type, 'opened')
  assert.deepEqual(held, [])
  assert.deepEqual(offsets(await client.drained()), [0])
})

test('partitions take turns', async () => {
  const { broker, client } = await reader({ partitions: 3 })
  const large = 'x'.repeat(200_000)
  for (const partition of [0, 1, 2]) for (let i = 0; i < 3; i++) fill(broker, [large], partition)
  const [, ...deliveries] = await client.say({ ...openReader, credit: { bytes: 10_000_000 } })
  const order = deliveries.map(({ partition }) => partition)
  assert.deepEqual(order, [0, 1, 2, 0, 1, 2, 0, 1, 2])
})

test('binary: batches as they are stored, one frame when small, two when large', async () => {
  const { broker, client } = await reader()
  fill(broker, ['a', 'b'])
  fill(broker, ['x'.repeat(5000)])
  await client.say({ ...openReader, format: 'binary', from: { offset: 1 } })
  const [first, ...others] = client.takeBinary()
  assert.equal(others.length, 2)
  const delivery = parseDelivery(first)
  assert.deepEqual(
    [delivery.offset, delivery.nextOffset, delivery.endOffset, delivery.aborted],
    [1, 2, 3, []],
  )
  // The batch begins before the offset that was asked for.
  const [batch] = broker.logOf('orders').batches
  assert.deepEqual(Buffer.from(delivery.batches ?? []), Buffer.from(batch?.bytes ?? []))
})

test('binary: a large batch is the next frame', async () => {
  const { broker, client } = await reader()
  fill(broker, ['x'.repeat(5000)])
  await client.say({ ...openReader, format: 'binary' })
  const [header, body] = client.takeBinary()
  const delivery = parseDelivery(header)
  assert.equal(delivery.batches, undefined)
  assert.equal(delivery.sizeBytes, body?.length)
  assert.equal([...readRecords(body ?? new Uint8Array())].length, 1)
})

test('starts: latest, offset, offsets, timestamp', async () => {
  const { broker, client } = await reader()
  fill(broker, ['a', 'b', 'c'])
  let channel = 10
  const start = async (from: unknown) => {
    const messages = await client.say({
      ...openReader,
      channel: channel++,
      from,
      credit: { bytes: 0 },
    })
    const { offset, state } = position(messages) ?? {}
    return [offset, state]
  }
  assert.deepEqual(await start('latest'), [3, 'started'])
  assert.deepEqual(await start({ offset: 1 }), [1, 'resumed'])
  assert.deepEqual(await start({ offsets: { 0: 2 } }), [2, 'resumed'])
  assert.deepEqual(await start({ offsets: { 5: 2 } }), [0, 'started'])
  assert.deepEqual(await start({ timestamp: 2 }), [2, 'started'])
  assert.deepEqual(await start({ timestamp: 2000 }), [3, 'started'])
})

test('a cursor resumes exactly, or says what is missing and why', async () => {
  const { broker, client } = await reader()
  fill(broker, ['a', 'b'])
  fill(broker, ['c', 'd'])
  const [, delivery] = await client.say(openReader)
  const from = { cursor: delivery?.cursor }
  let channel = 10
  const resume = async () =>
    position(await client.say({ ...openReader, channel: channel++, from, credit: { bytes: 0 } }))
  assert.deepEqual(await resume(), { partition: 0, offset: 4, endOffset: 4, state: 'resumed' })

  fill(broker, ['e', 'f'])
  broker.logOf('orders').deleteRecords(5)
  const gap = { partition: 0, state: 'gap', requested: 4 }
  assert.deepEqual(await resume(), { ...gap, offset: 5, endOffset: 6, reason: 'retention' })

  const log = broker.logOf('orders')
  log.start = 0
  log.end = 2
  log.visible = 2
  assert.deepEqual(await resume(), { ...gap, offset: 2, endOffset: 2, reason: 'truncation' })

  broker.removeTopic('orders')
  broker.topic('orders')
  await broker.turn()
  client.take()
  const recreated = { ...gap, offset: 0, endOffset: 0, reason: 'topic-recreated' }
  assert.deepEqual(await resume(), recreated)
})

test('a reader that retention overtakes is told', async () => {
  const { broker, client } = await reader()
  fill(broker, ['a'])
  await client.say(openReader)
  for (const value of ['b', 'c', 'd']) fill(broker, [value])
  broker.logOf('orders').deleteRecords(3)
  broker.moved()
  await broker.turn()
  const [gap, delivery] = client.take()
  const expected = { type: 'gap', channel: 2, partition: 0, reason: 'retention' }
  assert.deepEqual(gap, { ...expected, requested: 1, offset: 3 })
  assert.deepEqual(offsets([delivery ?? {}]), [3])
})

test('a deleted topic ends the channel', async () => {
  const { broker, client } = await reader()
  await client.say(openReader)
  broker.removeTopic('orders')
  await broker.turn()
  const [error] = client.take()
  assert.deepEqual([error?.type, error?.channel, error?.code], ['error', 2, 'unknown-topic'])
})

test('what is not in memory is read off the loop', async () => {
  const { broker, client } = await reader()
  fill(broker, ['a'])
  const log = broker.logOf('orders')
  log.cold = true
  const [, delivery] = await client.say(openReader)
  assert.deepEqual(offsets([delivery ?? {}]), [0])
  assert.equal(log.readColdCount, 1)
})

test('a closed reader gets nothing more', async () => {
  const { broker, client } = await reader()
  await client.say(openReader)
  assert.deepEqual(await client.say({ type: 'close', channel: 2 }), [
    { type: 'closed', channel: 2 },
  ])
  fill(broker, ['a'])
  broker.moved()
  await broker.turn()
  assert.deepEqual(client.take(), [])
})

test('a topic that is not there, a partition that is not there, a cursor that is none', async () => {
  const { client } = await reader()
  const refuse = async (change: object) => {
    const [error] = await client.say({ ...openReader, ...change })
    return error?.code
  }
  assert.equal(await refuse({ topic: 'nothing' }), 'unknown-topic')
  assert.equal(await refuse({ partitions: [7] }), 'unknown-topic')
  assert.equal(await refuse({ from: { cursor: 'AAAA' } }), 'invalid-request')
  assert.equal(await refuse({ from: 'yesterday' }), 'bad-message')
})

function parseDelivery(frame: Uint8Array | undefined): ReceivedDelivery {
  assert.ok(frame !== undefined)
  let found: ReceivedDelivery | undefined
  const read = readBinaryFrame(frame, (message) => {
    found = readDelivery(message)
    return true
  })
  assert.ok(read.ok && found !== undefined)
  return found
}
