// millrace.v1 as its reference describes it, spoken by hand: a WebSocket and JSON, and none of our code.
// What is here is what someone writes who has read src/protocol/millrace/README.md and nothing else.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBroker, type TestBroker } from '../support/broker.js'
import { ByHand, type Message } from './by-hand.js'

let broker: TestBroker
before(async () => {
  broker = await startBroker()
})
after(() => broker.stop())

async function openProducer(client: ByHand, fields: object): Promise<Message> {
  client.send({ type: 'open', channel: 1, kind: 'producer', durability: 'leader', ...fields })
  return client.next('opened')
}

test('the first session of the reference', async () => {
  const client = await ByHand.welcomed(broker.websocket)
  await openProducer(client, { topic: 'orders' })
  const records = [
    { key: 'a', value: { n: 1 } },
    { value: 'text', headers: { h: 'x' } },
  ]
  client.send({ type: 'produce', channel: 1, partition: 0, sequence: 0, records })
  const ack = await client.next('ack')
  assert.deepEqual([ack.sequence, ack.count, ack.baseOffset], [1, 2, 0])
  const reader = { type: 'open', channel: 2, kind: 'reader', topic: 'orders' }
  client.send({ ...reader, from: 'earliest', credit: { bytes: 65_536 } })
  const delivery = await client.next('deliver')
  const received = delivery.records as Message[]
  assert.deepEqual(
    received.map(({ offset, key, value, headers }) => [offset, key, value, headers]),
    [
      [0, 'a', { n: 1 }, undefined],
      [1, null, 'text', [['h', 'x']]],
    ],
  )
  // Live from here.
  client.send({ type: 'produce', channel: 1, partition: 0, sequence: 2, records: [{ value: 3 }] })
  const live = await client.next('deliver')
  assert.equal((live.records as Message[])[0]?.value, 3)
  assert.equal(live.nextOffset, 3)
  client.close()
})

test('nothing is lost and nothing stored twice over a broker that is killed', async () => {
  const client = await ByHand.welcomed(broker.websocket)
  const opened = await openProducer(client, { topic: 'resumed' })
  const produce = { type: 'produce', channel: 1, partition: 0 }
  client.send({ ...produce, sequence: 0, records: [{ value: 'a' }, { value: 'b' }] })
  await client.next('ack')
  await broker.crash()
  await client.closed()
  broker = await broker.restart()

  const again = await ByHand.welcomed(broker.websocket)
  const resume = { identity: opened.identity, acknowledged: { 0: 1 } }
  const reopened = await openProducer(again, { topic: 'resumed', ...resume })
  assert.deepEqual(reopened.lastSequences, { 0: 1 })
  const stored = await again.next('ack')
  assert.deepEqual([stored.sequence, stored.baseOffset], [1, -1])
  // A careless client that resends too much.
  again.send({ ...produce, sequence: 1, records: [{ value: 'b' }, { value: 'c' }] })
  for (let through = 1; through < 2; ) through = Number((await again.next('ack')).sequence)
  again.send({
    type: 'open',
    channel: 2,
    kind: 'reader',
    topic: 'resumed',
    credit: { bytes: 9999 },
  })
  const values: unknown[] = []
  while (values.length < 3) {
    const { records } = await again.next('deliver')
    values.push(...(records as Message[]).map(({ value }) => value))
  }
  assert.deepEqual(values, ['a', 'b', 'c'])
  again.close()
})

test('a cursor resumes where it was', async () => {
  const client = await ByHand.welcomed(broker.websocket)
  await openProducer(client, { topic: 'cursors' })
  const produce = { type: 'produce', channel: 1, partition: 0 }
  client.send({ ...produce, sequence: 0, records: [{ value: 'a' }] })
  const reader = { type: 'open', channel: 2, kind: 'reader', topic: 'cursors' }
  client.send({ ...reader, credit: { bytes: 1 } })
  await client.next('opened')
  const { cursor } = await client.next('deliver')
  client.send({ type: 'close', channel: 2 })
  await client.next('closed')
  client.send({ ...produce, sequence: 1, records: [{ value: 'b' }] })
  client.send({ ...reader, from: { cursor }, credit: { bytes: 1000 } })
  const opened = await client.next('opened')
  assert.equal((opened.positions as Message[])[0]?.state, 'resumed')
  const delivery = await client.next('deliver')
  assert.deepEqual((delivery.records as Message[])[0]?.value, 'b')
  client.close()
})

test('the compact binary record, and binary deliveries, by the tables of the reference', async () => {
  const client = await ByHand.welcomed(broker.websocket)
  await openProducer(client, { topic: 'binary' })
  const value = new TextEncoder().encode('in bytes')
  const frame = new ArrayBuffer(32 + 1 + value.length)
  const view = new DataView(frame)
  view.setUint8(0, 0x02)
  view.setUint32(4, 1)
  view.setUint32(8, 0)
  view.setUint32(12, frame.byteLength - 16)
  view.setInt32(16, 0)
  view.setBigInt64(20, -1n)
  view.setInt32(28, 1)
  view.setUint8(32, 'k'.charCodeAt(0))
  new Uint8Array(frame).set(value, 33)
  client.sendRaw(frame)
  assert.equal((await client.next('ack')).baseOffset, 0)
  const reader = { type: 'open', channel: 2, kind: 'reader', topic: 'binary', format: 'binary' }
  client.send({ ...reader, credit: { bytes: 1000 } })
  const delivery = new DataView(await client.nextBinary())
  assert.deepEqual([delivery.getUint8(0), delivery.getUint32(4)], [0x81, 2])
  assert.deepEqual([delivery.getBigInt64(16), delivery.getBigInt64(24)], [0n, 1n])
  const batchesAt = 52 + delivery.getUint32(48) + delivery.getUint16(44) * 16
  const batch = new Uint8Array(delivery.buffer, delivery.byteOffset + batchesAt)
  assert.equal(batch.length, delivery.getUint32(40))
  assert.match(Buffer.from(batch).toString('latin1'), /kin bytes|k.in bytes/)
  client.close()
})

test('mistakes: a bad message costs the channel, a bad frame the socket', async () => {
  const client = await ByHand.welcomed(broker.websocket)
  await openProducer(client, { topic: 'mistakes' })
  client.send({ type: 'produce', channel: 1, partition: 0, sequence: 5, records: [{ value: 1 }] })
  const error = await client.next('error')
  assert.deepEqual([error.channel, error.code, error.expected], [1, 'out-of-order-sequence', 0])
  client.send({ type: 'ping', id: 7 })
  assert.equal((await client.next('pong')).id, 7)
  client.sendRaw('{"type": "produce"')
  const last = await client.next('error')
  assert.deepEqual([last.code, last.channel], ['bad-frame', undefined])
  assert.equal(await client.closed(), 4000)
  const next = await ByHand.welcomed(broker.websocket)
  next.close()
})

test('topics by request', async () => {
  const client = await ByHand.welcomed(broker.websocket)
  const response = await client.request('createTopic', { topic: 'made', partitions: 3 })
  assert.equal(response.ok, true)
  assert.equal((response.result as { partitions: unknown[] }).partitions.length, 3)
  assert.equal((await client.request('deleteTopic', { topic: 'made' })).ok, true)
  client.close()
})

test('a reader that never reads costs a bounded amount, and nobody else', async () => {
  const client = await ByHand.welcomed(broker.websocket)
  await openProducer(client, { topic: 'unread' })
  const value = 'x'.repeat(1000)
  const records = Array.from({ length: 1000 }, () => ({ value }))
  client.send({ type: 'produce', channel: 1, partition: 0, sequence: 0, records })
  await client.next('ack')
  client.send({ type: 'open', channel: 2, kind: 'reader', topic: 'unread', credit: { bytes: 1 } })
  const first = await client.next('deliver')
  assert.ok(Number(first.nextOffset) < 1000)
  client.send({ type: 'ping', id: 1 })
  await client.next('pong')
  client.send({ type: 'credit', channel: 2, bytes: 10_000_000 })
  let next = 0
  while (next < 1000) next = Number((await client.next('deliver')).nextOffset)
  client.close()
})
