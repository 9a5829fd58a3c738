// What millrace.v1 refuses, by its reference: the code, whether to try again, a message that names what
// was wrong; and that the same socket goes on.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { writeProduceBatch } from '../../src/protocol/millrace/binary.js'
import { crc32c } from '../../src/protocol/records/crc32c.js'
import { RecordBatchBuilder } from '../../src/protocol/records/record-batch-builder.js'
import { startBroker, type TestBroker } from '../support/broker.js'
import { ByHand, type Message } from './by-hand.js'

let broker: TestBroker
let client: ByHand
let channel = 0

before(async () => {
  broker = await startBroker({ flags: ['--flush', 'os', '--auto-create-topics', 'false'] })
  client = await ByHand.welcomed(broker.websocket)
})

after(async () => {
  client?.close()
  await broker?.stop()
})

const refusedRequests: readonly (readonly [
  code: string,
  said: RegExp,
  op: string,
  fields: object,
])[] = [
  ['invalid-topic', /a\/b/, 'createTopic', { topic: 'a/b' }],
  ['invalid-request', /partitions/, 'createTopic', { topic: 'none', partitions: 0 }],
  ['policy-violation', /partitions/, 'createTopic', { topic: 'many', partitions: 10_001 }],
  [
    'invalid-config',
    /retention\.ms/,
    'createTopic',
    { topic: 'c', configs: { 'retention.ms': 'soon' } },
  ],
  ['unknown-topic', /absent/, 'describeTopic', { topic: 'absent' }],
  ['unknown-topic', /not host/, 'deleteTopic', { topic: 'absent' }],
  ['invalid-request', /op must be createTopic/, 'burnTopic', { topic: 'c' }],
]

for (const [code, said, op, fields] of refusedRequests) {
  test(`${op} ${JSON.stringify(fields)} is refused: ${code}`, async () => {
    const { ok, error } = (await client.request(op, fields)) as Message & { error: Message }
    assert.deepEqual([ok, error.code, error.retryable], [false, code, code === 'unknown-topic'])
    assert.match(String(error.message), said)
    assert.equal((await client.request('listTopics', {})).ok, true)
  })
}

test('a channel on a topic that is not there is refused: unknown-topic', async () => {
  client.send({ type: 'open', channel: ++channel, kind: 'producer', topic: 'absent' })
  const error = await client.next('error')
  assert.deepEqual([error.channel, error.code, error.retryable], [channel, 'unknown-topic', true])
})

interface Sent {
  readonly key?: string | null
  readonly value?: string
  readonly timestamp?: number
  readonly configs?: object
  /** Of the batch as it is sent. */
  readonly change?: (batch: Buffer) => void
}

/** Opens a producer on a new topic and sends a batch to it that a writer of batches made. */
async function send({ key = 'k', value = 'v', timestamp = 1, configs = {}, change }: Sent) {
  const topic = `t${++channel}`
  assert.equal((await client.request('createTopic', { topic, configs })).ok, true)
  client.send({ type: 'open', channel, kind: 'producer', topic })
  const { identity } = await client.next('opened')
  const { producerId } = identity as { producerId: number }
  const builder = new RecordBatchBuilder()
  builder.append(key, value, [], timestamp)
  const batch = Buffer.from(builder.build({ producerId, producerEpoch: 0, baseSequence: 0 }))
  change?.(batch)
  client.sendRaw(Uint8Array.from(writeProduceBatch({ channel, partition: 0 }, batch)).buffer)
  return topic
}

function withItsCrc(batch: Buffer): void {
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_FROM)), CRC)
}

const FAR_AHEAD = Date.now() + 3_600_000
const CRC = 17
const CRC_FROM = 21
const ATTRIBUTES_LOW_BYTE = 22

const refusedRecords: readonly (readonly [code: string, said: RegExp, what: string, sent: Sent])[] =
  [
    ['corrupt-batch', /CRC/, 'a flipped bit', { change: (b) => b.writeUInt8(7, b.length - 1) }],
    ['corrupt-batch', /format 9/, 'magic 9', { change: (b) => b.writeUInt8(9, 16) }],
    [
      'unsupported-compression',
      /codec|compression/,
      'a codec that there is not',
      {
        change: (batch) => {
          batch.writeUInt8(7, ATTRIBUTES_LOW_BYTE)
          withItsCrc(batch)
        },
      },
    ],
    [
      'invalid-record',
      /control/,
      'control bits',
      {
        change: (batch) => {
          batch.writeUInt8(0x20, ATTRIBUTES_LOW_BYTE)
          withItsCrc(batch)
        },
      },
    ],
    [
      'invalid-record',
      /key/,
      'no key for a compacted topic',
      { key: null, configs: { 'cleanup.policy': 'compact' } },
    ],
    [
      'invalid-timestamp',
      /timestamp/,
      'a time too far ahead',
      { timestamp: FAR_AHEAD, configs: { 'message.timestamp.after.max.ms': '1000' } },
    ],
    [
      'record-too-large',
      /max\.message\.bytes/,
      'a record above the limit of its topic',
      { value: 'x'.repeat(2000), configs: { 'max.message.bytes': '1000' } },
    ],
  ]

for (const [code, said, what, sent] of refusedRecords) {
  test(`${what} costs the channel alone: ${code}`, async () => {
    const topic = await send(sent)
    const error = await client.next('error')
    assert.deepEqual([error.channel, error.code, error.retryable], [channel, code, false])
    assert.match(String(error.message), said)
    const { result } = (await client.request('describeTopic', { topic })) as Message & {
      result: { partitions: { endOffset: number }[] }
    }
    assert.equal(result.partitions[0]?.endOffset, 0)
  })
}
