import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeProduceBatch, writeSingleRecord } from '../../../src/protocol/millrace/binary.js'
import { RecordBatchBuilder } from '../../../src/protocol/records/record-batch-builder.js'
import { BrokerFixture, type BrokerFixtureOptions } from './broker-fixture.js'
import { type Message, SessionClient } from './session-client.js'

async function producer(options: BrokerFixtureOptions = {}, open: object = {}) {
  const broker = new BrokerFixture({ flush: 'os', ...options })
  broker.topic('orders', 2)
  const client = await SessionClient.greeted(broker)
  const [opened] = await client.say({ ...openProducer, ...open })
  assert.ok(opened !== undefined)
  return { broker, client, opened }
}

const openProducer = { type: 'open', channel: 1, kind: 'producer', topic: 'orders' }

function produce(sequence: number, ...values: readonly unknown[]): object {
  return produceAll(sequence, values)
}

function produceAll(sequence: number, values: readonly unknown[]): object {
  const records = values.map((value) => ({ value }))
  return { type: 'produce', channel: 1, partition: 0, sequence, records }
}

function ack(sequence: number, count: number, baseOffset: number): object {
  return {
    type: 'ack',
    channel: 1,
    partition: 0,
    sequence,
    count,
    baseOffset,
    durability: 'leader',
  }
}

function withoutCredit(messages: Message[]): object[] {
  return messages.map(({ credit, ...rest }) => rest)
}

test('a producer is opened with an identity, the partitions and credit', async () => {
  const { opened, broker } = await producer()
  assert.equal(opened.type, 'opened')
  assert.equal(opened.partitions, 2)
  assert.equal(opened.topicId, broker.image.topic('orders')?.id)
  assert.deepEqual(opened.lastSequences, {})
  assert.deepEqual(opened.credit, { bytes: 16 * 1024 * 1024, records: 100_000 })
  const { producerId, secret } = opened.identity as { producerId: number; secret: string }
  assert.equal(producerId, 1000)
  assert.match(secret, /^[\w-]{43}$/)
})

test('records of one turn become one batch and one ack, with the credit back', async () => {
  const { client, broker } = await producer()
  client.post(produce(0, 'a', { n: 1 }))
  client.post(produce(2, null), produce(3, { base64: '/wA=' }))
  await broker.turn()
  const answers = client.take()
  assert.deepEqual(withoutCredit(answers), [ack(3, 4, 0)])
  const frames = JSON.stringify(produce(0, 'a', { n: 1 })).length
  const second = JSON.stringify([produce(2, null), produce(3, { base64: '/wA=' })]).length
  assert.deepEqual(answers[0]?.credit, { bytes: frames + second, records: 4 })
  const log = broker.logOf('orders')
  assert.equal(log.batches.length, 1)
  const [a, object, nothing, bytes] = log.records()
  assert.equal(Buffer.from(a?.value ?? []).toString(), 'a')
  assert.equal(Buffer.from(object?.value ?? []).toString(), '{"n":1}')
  assert.equal(nothing?.value, null)
  assert.deepEqual([...(bytes?.value ?? [])], [255, 0])
})

test('keys, headers and timestamps arrive', async () => {
  const { client, broker } = await producer()
  const record = { key: 'k', value: 1, timestamp: 77, headers: { a: 'x', b: null } }
  const pairs = { headers: [['h', { json: 'q' }]], value: 'v' }
  await client.say({ ...produce(0), records: [record, pairs] })
  const [first, second] = broker.logOf('orders').records()
  assert.equal(first?.timestampMs, 77)
  assert.equal(Buffer.from(first?.key ?? []).toString(), 'k')
  assert.deepEqual(
    first?.headers.map(({ key, value }) => [key, value && Buffer.from(value).toString()]),
    [
      ['a', 'x'],
      ['b', null],
    ],
  )
  assert.equal(second?.timestampMs, broker.clock.wallMs())
  assert.equal(Buffer.from(second?.headers[0]?.value ?? []).toString(), '"q"')
})

test('an ack waits for the durability that was asked for', async () => {
  const { client, broker } = await producer({ flush: 'group', log: { settlesAtOnce: false } })
  assert.deepEqual(await client.say(produce(0, 'a')), [])
  broker.settle()
  await broker.turn()
  assert.deepEqual(withoutCredit(client.take()), [ack(0, 1, 0)])
})

test('durability none is acknowledged when taken', async () => {
  const { client } = await producer(
    { flush: 'group', log: { settlesAtOnce: false } },
    { durability: 'none' },
  )
  const [answer] = await client.say(produce(0, 'a'))
  assert.equal(answer?.durability, 'none')
})

test('a resend is acknowledged with its offsets and stored once', async () => {
  const { client, broker } = await producer()
  await client.say(produce(0, 'a', 'b', 'c'))
  assert.deepEqual(withoutCredit(await client.say(produce(1, 'b'))), [ack(1, 1, 1)])
  // Half of it is new.
  assert.deepEqual(withoutCredit(await client.say(produce(2, 'c', 'd'))), [ack(3, 2, 2)])
  assert.deepEqual(broker.logOf('orders').values(), ['a', 'b', 'c', 'd'])
})

test('a sequence that jumps costs the channel and names what was expected', async () => {
  const { client, broker } = await producer()
  await client.say(produce(0, 'a'))
  const [error] = await client.say(produce(2, 'c'))
  assert.deepEqual(
    [error?.type, error?.channel, error?.partition, error?.sequence, error?.expected, error?.code],
    ['error', 1, 0, 2, 1, 'out-of-order-sequence'],
  )
  // What was on its way is ignored; the socket lives, and the number can be used again.
  assert.deepEqual(await client.say(produce(3, 'd')), [])
  const [opened] = await client.say(openProducer)
  assert.equal(opened?.type, 'opened')
  assert.deepEqual(broker.logOf('orders').values(), ['a'])
})

test('a bad record costs the channel; what came before it is stored', async () => {
  const { client, broker } = await producer()
  client.post(produce(0, 'good'))
  client.post({ ...produce(1), records: [{ value: 'fine' }, { value: 'x', header: {} }] })
  await broker.turn()
  const error = client.take().find((message) => message.type === 'error')
  assert.equal(error?.code, 'invalid-record')
  assert.equal(error?.sequence, 2)
  assert.match(String(error?.message), /"header"/)
  assert.deepEqual(broker.logOf('orders').values(), ['good', 'fine'])
})

test('an identity goes on after the connection is lost', async () => {
  const { client, broker, opened } = await producer()
  await client.say(produce(0, 'a', 'b'))
  client.close(1006)
  const again = await SessionClient.greeted(broker)
  const resume = { ...openProducer, identity: opened.identity, acknowledged: { 0: 1 } }
  const [reopened, stored] = await again.say(resume)
  assert.deepEqual(reopened?.lastSequences, { 0: 1 })
  assert.deepEqual(withoutCredit([stored ?? {}]), [ack(1, 0, -1)])
  assert.deepEqual(withoutCredit(await again.say(produce(2, 'c'))), [ack(2, 1, 2)])
  assert.deepEqual(broker.logOf('orders').values(), ['a', 'b', 'c'])
})

test('what the lost connection still stored is not stored again', async () => {
  const { client, broker, opened } = await producer()
  await client.say(produce(0, 'a'))
  const again = await SessionClient.greeted(broker)
  await again.say({ ...openProducer, identity: opened.identity, acknowledged: { 0: 0 } })
  // The old connection was not dead yet.
  await client.say(produce(1, 'b'))
  const answers = await again.say(produce(1, 'b', 'c'))
  assert.deepEqual(withoutCredit(answers), [ack(1, 1, -1), ack(2, 1, 2)])
  assert.deepEqual(broker.logOf('orders').values(), ['a', 'b', 'c'])
})

test('an identity that is forged or forgotten is expired', async () => {
  const { client, broker, opened } = await producer()
  await client.say(produce(0, 'a'))
  const identity = opened.identity as { producerId: number }
  const forged = { ...identity, producerId: identity.producerId + 1 }
  const [refused] = await client.say({ ...openProducer, channel: 2, identity: forged })
  assert.deepEqual([refused?.channel, refused?.code], [2, 'identity-expired'])
  const elsewhere = { ...openProducer, channel: 4, topic: 'made-by-nobody', identity: forged }
  assert.equal((await client.say(elsewhere))[0]?.code, 'identity-expired')
  assert.equal(broker.image.topic('made-by-nobody'), undefined)
  broker.logOf('orders').forgetProducers()
  const resume = { ...openProducer, channel: 3, identity, acknowledged: { 0: 0 } }
  const [expired] = await client.say(resume)
  assert.deepEqual([expired?.channel, expired?.code], [3, 'identity-expired'])
})

test('a whole batch is stored as it is', async () => {
  const { client, broker, opened } = await producer()
  const { producerId } = opened.identity as { producerId: number }
  const builder = new RecordBatchBuilder()
  builder.append('k', 'one', [], 5)
  builder.append('k', 'two', [], 5)
  const batch = builder.build({ producerId, producerEpoch: 0, baseSequence: 0 })
  const frame = writeProduceBatch({ channel: 1, partition: 0 }, batch)
  assert.deepEqual(withoutCredit(await client.sayBinary(frame)), [ack(1, 2, 0)])
  assert.deepEqual(withoutCredit(await client.sayBinary(frame)), [ack(1, 2, 0)])
  assert.deepEqual(broker.logOf('orders').values(), ['one', 'two'])
  builder.append(null, 'x', [], 5)
  const foreign = builder.build({ producerId: 1, producerEpoch: 0, baseSequence: 2 })
  const address = { channel: 1, partition: 0 }
  const [error] = await client.sayBinary(writeProduceBatch(address, foreign))
  assert.equal(error?.code, 'corrupt-batch')
})

test('single binary records follow the same sequences', async () => {
  const { client, broker } = await producer()
  const frames = ['a', 'b', 'c'].map((value, sequence) =>
    writeSingleRecord(
      { channel: 1, partition: 1 },
      { sequence, timestamp: -1, key: null, value: Buffer.from(value) },
    ),
  )
  // Two messages may share a frame.
  const [first, ...rest] = frames
  const answers = await client.sayBinary(first ?? new Uint8Array(), Buffer.concat(rest))
  assert.deepEqual(withoutCredit(answers), [{ ...ack(2, 3, 0), partition: 1 }])
  assert.deepEqual(broker.logOf('orders', 1).values(), ['a', 'b', 'c'])
})

test('more than the credit costs the channel, far more the socket', async () => {
  const { client } = await producer({ flush: 'group', log: { settlesAtOnce: false } })
  const many = new Array(60_000).fill(1)
  await client.say(produceAll(0, many))
  await client.say(produceAll(60_000, many))
  const [error] = await client.say(produceAll(120_000, many))
  assert.equal(error?.code, 'credit-exceeded')
  assert.equal(client.closedWith, undefined)
  await client.say({ ...openProducer, channel: 2 })
  await client.say({ ...produceAll(0, new Array(310_000).fill(1)), channel: 2 })
  assert.equal(client.closedWith, 4002)
})

test('acks are held while they are not read', async () => {
  const { client } = await producer()
  client.bufferedBytes = 2 * 1024 * 1024
  assert.deepEqual(await client.say(produce(0, 'a')), [])
  assert.deepEqual(await client.say(produce(1, 'b')), [])
  assert.deepEqual(withoutCredit(await client.drained()), [ack(1, 2, 0)])
})

test('closed comes after the last ack', async () => {
  const { client, broker } = await producer({ flush: 'group', log: { settlesAtOnce: false } })
  assert.deepEqual(await client.say(produce(0, 'a'), { type: 'close', channel: 1 }), [])
  broker.settle()
  await broker.turn()
  assert.deepEqual(
    client.take().map(({ type }) => type),
    ['ack', 'closed'],
  )
})

test('a failed append names the sequence', async () => {
  const { client, broker } = await producer()
  broker.logOf('orders').nextFailure = {
    ok: false,
    failure: { code: 'RECORD_TOO_LARGE', message: 'too large' },
    recordIndex: 1,
  }
  const [error] = await client.say(produce(0, 'a', 'b'))
  assert.deepEqual([error?.code, error?.sequence, error?.retryable], ['record-too-large', 1, false])
})

test('an acknowledgement that does not come is a retryable error', async () => {
  const { client, broker } = await producer({ flush: 'group', log: { settlesAtOnce: false } })
  await client.say(produce(0, 'a'))
  broker.clock.advance(29_000)
  await client.say({ type: 'ping' })
  broker.clock.advance(2000)
  await broker.turn()
  const [error] = client.take()
  assert.deepEqual([error?.code, error?.retryable], ['timed-out', true])
})

test('a topic is created on demand, or not', async () => {
  const { client, broker } = await producer()
  const [opened] = await client.say({ ...openProducer, channel: 2, topic: 'fresh' })
  assert.equal(opened?.type, 'opened')
  assert.notEqual(broker.image.topic('fresh'), undefined)
  const strict = await producer({ autoCreateTopics: false })
  const [error] = await strict.client.say({ ...openProducer, channel: 2, topic: 'fresh' })
  assert.deepEqual([error?.code, error?.retryable], ['unknown-topic', true])
  const [missing] = await client.say({ ...produce(0, 'a'), partition: 9 })
  assert.deepEqual([missing?.code, missing?.partition], ['unknown-topic', 9])
})

test('over the write budget acks bring no credit; it follows in order once the budget is kept', async () => {
  const { client, broker } = await producer()
  broker.isOverBudget = true
  const owed = [produce(0, 'a', 'b'), produce(2, 'c')]
  const none = { bytes: 0, records: 0 }
  assert.deepEqual(await client.say(owed[0] ?? {}), [{ ...ack(1, 2, 0), credit: none }])
  assert.deepEqual(await client.say(owed[1] ?? {}), [{ ...ack(2, 1, 2), credit: none }])
  client.bufferedBytes = 2 << 20
  broker.isOverBudget = false
  broker.clock.advance(10)
  await broker.turn()
  assert.deepEqual(client.take(), [])
  const bytes = JSON.stringify(owed[0]).length + JSON.stringify(owed[1]).length
  assert.deepEqual(await client.drained(), [{ ...ack(2, 0, -1), credit: { bytes, records: 3 } }])
  assert.deepEqual(withoutCredit(await client.say(produce(3, 'd'))), [ack(3, 1, 3)])
})

test('over the write budget no channel is opened for a producer until the budget is kept', async () => {
  const { client, broker } = await producer()
  broker.isOverBudget = true
  assert.deepEqual(await client.say({ ...openProducer, channel: 2 }), [])
  broker.isOverBudget = false
  broker.clock.advance(10)
  await broker.turn()
  const [opened] = client.take()
  assert.deepEqual([opened?.type, opened?.channel], ['opened', 2])
})

test('a channel that is closed while it waits for the budget creates nothing', async () => {
  const { client, broker } = await producer()
  broker.isOverBudget = true
  await client.say({ ...openProducer, channel: 2, topic: 'fresh' })
  const [closed] = await client.say({ type: 'close', channel: 2 })
  assert.equal(closed?.type, 'closed')
  broker.isOverBudget = false
  broker.clock.advance(10)
  await broker.turn()
  assert.deepEqual([client.take(), broker.image.topic('fresh')], [[], undefined])
})

test('who goes on sending over the write budget meets the limit of the credit it has', async () => {
  const { client, broker } = await producer()
  broker.isOverBudget = true
  const [batches, count] = [13, 10_000]
  let answers: Message[] = []
  for (let i = 0; i < batches; i++) {
    const values = Array.from({ length: count }, () => 1)
    answers = await client.say(produceAll(i * count, values))
  }
  assert.equal(answers[0]?.code, 'credit-exceeded')
})
