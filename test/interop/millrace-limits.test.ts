// The limits that `welcome` and the reference of millrace.v1 name: what is above one is refused by name,
// costs the channel or the request alone, and the broker's memory does not follow what is claimed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { startBroker, type TestBroker } from '../support/broker.js'
import { anonymousBytes } from '../support/processes.js'
import { ByHand, type Message } from './by-hand.js'

const MIB = 1024 * 1024

let broker: TestBroker
let client: ByHand
let limits: { maxHeaders: number; maxRecordBytes: number; maxPartitions: number }
let channel = 0

before(async () => {
  broker = await startBroker({ flags: ['--flush', 'os'] })
  client = new ByHand(broker.websocket)
  limits = (await client.next('welcome')).limits as typeof limits
  const created = await client.request('createTopic', {
    topic: 'wide',
    partitions: limits.maxPartitions + 1,
    configs: { 'max.message.bytes': String(256 * MIB) },
  })
  assert.equal(created.ok, true)
})

after(async () => {
  client?.close()
  await broker?.stop()
})

async function opened(fields: object): Promise<Message> {
  client.send({ type: 'open', channel: ++channel, topic: 'wide', ...fields })
  return client.nextOf('opened', 'error')
}

async function produced(record: object): Promise<Message> {
  assert.equal((await opened({ kind: 'producer' })).type, 'opened')
  client.send({ type: 'produce', channel, partition: 1, sequence: 0, records: [record] })
  return client.nextOf('ack', 'error')
}

function headersOf(count: number) {
  return { value: 'v', headers: Array.from({ length: count }, (_, n) => [`h${n}`, 'x']) }
}

test('as many headers as there may be are stored, one more is refused', async () => {
  assert.equal((await produced(headersOf(limits.maxHeaders))).type, 'ack')
  const { type, code, message } = await produced(headersOf(limits.maxHeaders + 1))
  assert.deepEqual([type, code], ['error', 'invalid-record'])
  assert.match(String(message), /256 headers/)
})

test('a record of the greatest size is stored, a byte more is refused', async () => {
  assert.equal((await produced({ value: 'x'.repeat(limits.maxRecordBytes) })).type, 'ack')
  const refused = await produced({ key: 'k', value: 'x'.repeat(limits.maxRecordBytes) })
  assert.deepEqual([refused.type, refused.code], ['error', 'record-too-large'])
})

test('a reader takes as many partitions as there may be, and no more', async () => {
  const all = Array.from({ length: limits.maxPartitions + 1 }, (_, n) => n)
  const fitting = { kind: 'reader', credit: { bytes: 1 }, partitions: all.slice(1) }
  const most = await opened(fitting)
  assert.equal(most.type, 'opened')
  const cursor = String(most.cursor)
  const from = (text: string) => opened({ ...fitting, from: { cursor: text } })
  assert.equal((await from(cursor)).type, 'opened')
  const more = await opened({ ...fitting, partitions: all })
  assert.deepEqual([more.type, more.code], ['error', 'bad-message'])
  assert.match(String(more.message), /1024/)
  const long = await from(cursor + 'A'.repeat(32 * 1024))
  assert.deepEqual([long.type, long.code], ['error', 'invalid-request'])
})

test('requests beyond those that may wait are refused, to be tried again, and the others answered', async () => {
  const ids = Array.from({ length: 200 }, (_, n) => `many-${n}`)
  client.send(...ids.map((id) => ({ type: 'request', id, op: 'listTopics' })))
  const answers: Message[] = []
  while (answers.length < ids.length) answers.push(await client.next('response'))
  const refused = answers.filter((answer) => answer.ok === false)
  assert.equal(answers.length - refused.length, 64)
  for (const { error } of refused as (Message & { error: Message })[])
    assert.deepEqual([error.code, error.retryable], ['invalid-request', true])
  assert.equal((await client.request('listTopics', {})).ok, true)
})

test('a batch that unpacks to more than the broker does for it is refused; memory stays', async () => {
  const kafka = new Kafka({ brokers: [broker.kafka], logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  const send = (...sizes: number[]) =>
    producer.send({
      topic: 'wide',
      compression: CompressionTypes.GZIP,
      messages: sizes.map((size) => ({ partition: 7, value: Buffer.alloc(size) })),
    })
  await send(33 * MIB)
  const beforeBytes = anonymousBytes(broker.pid)
  // Some 64 KiB of gzip.
  for (let times = 0; times < 10; times++)
    await assert.rejects(send(33 * MIB, 33 * MIB), { type: 'MESSAGE_TOO_LARGE' })
  await send(33 * MIB)
  await producer.disconnect()
  const grownBytes = anonymousBytes(broker.pid) - beforeBytes
  assert.ok(grownBytes < 32 * MIB, `grew by ${grownBytes} bytes`)
})
