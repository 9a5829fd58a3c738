// A partition that another broker leads, as a producer channel writes to it: what goes to the leader, in which order,
// and what becomes of resends. The leader is a stand-in here; test/interop/any-broker.test.ts has real ones.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { fail, type Outcome, succeed } from '../../../src/base/errors.js'
import { BuilderPool } from '../../../src/handlers/millrace/producer-channel/builder-pool.js'
import {
  RemoteWriter,
  type SentBatch,
} from '../../../src/handlers/millrace/producer-channel/remote-writer.js'
import { crc32c } from '../../../src/protocol/records/crc32c.js'
import { readRecords } from '../../../src/protocol/records/read-records.js'

const place = { topic: 't', topicId: 'id', index: 3, leaderId: 2, leaderEpoch: 5 }
const identity = { producerId: 7, epoch: 0, secret: 'x' }
const record = (value: string) => ({ timestampMs: 1, key: null, value, headers: [] })

let arrived: string[][]
let answers: ((outcome: Outcome<number>) => void)[]
let sent: SentBatch[]
let writer: RemoteWriter

beforeEach(() => {
  arrived = []
  answers = []
  sent = []
  writer = new RemoteWriter({
    remote: {
      place,
      produce: (batch) => {
        const values = [...readRecords(batch, { crc32c })].map(({ value }) => {
          return new TextDecoder().decode(value ?? new Uint8Array())
        })
        arrived.push(values)
        return new Promise((answer) => {
          answers.push(answer)
        })
      },
    },
    identity,
    durability: 'all',
    ackTimeoutMs: 1000,
    nextSequence: 10,
    maxBatchBytes: 400,
    builders: new BuilderPool(crc32c),
    sent: (batch) => sent.push(batch),
  })
})

function send(from: number, ...values: string[]): void {
  assert.ok(writer.admit(from, values.length) === 0)
  for (const value of values) writer.pack(record(value))
  writer.flush()
}

test('the records of a turn are one batch, and the offset is what the leader says', async () => {
  send(10, 'a', 'b')
  assert.deepEqual(arrived, [['a', 'b']])
  answers[0]?.(succeed(99))
  assert.deepEqual(await sent[0]?.stored, succeed(99))
  const { stored, ...place } = sent[0] ?? { stored: undefined }
  assert.ok(stored)
  assert.deepEqual(place, { partition: 3, baseSequence: 10, count: 2 })
})

test('a batch is closed before it gets too big, and the order is kept', () => {
  const long = 'x'.repeat(100)
  send(10, `1${long}`, `2${long}`, `3${long}`)
  assert.deepEqual(arrived.flat(), [`1${long}`, `2${long}`, `3${long}`])
  assert.ok(arrived.length > 1)
  assert.deepEqual(
    sent.map(({ baseSequence }) => baseSequence),
    arrived.map((_, batch) => 10 + arrived.slice(0, batch).flat().length),
  )
})

test('what is sent twice goes to the leader once: acknowledged again if it was, else when it is', async () => {
  send(10, 'a', 'b')
  assert.equal(writer.admit(10, 2), 2)
  assert.equal(sent.length, 1)
  answers[0]?.(succeed(50))
  await sent[0]?.stored
  assert.equal(writer.admit(11, 1), 1)
  assert.deepEqual(await sent[1]?.stored, succeed(51))
  assert.equal(arrived.length, 1)
})

test('a sequence that jumps is refused with what was expected', () => {
  const refused = writer.admit(12, 1)
  assert.ok(typeof refused !== 'number')
  assert.deepEqual(
    [refused.code, refused.partition, refused.expected],
    ['out-of-order-sequence', 3, 10],
  )
})

test('where the leader knows other sequences the client begins again; other refusals are told as they are', async () => {
  send(10, 'a')
  send(11, 'b')
  answers[0]?.(fail('OUT_OF_ORDER_SEQUENCE', 'expected 4'))
  answers[1]?.(fail('NOT_ENOUGH_REPLICAS', 'one of two'))
  const codes = await Promise.all(
    sent.map(async ({ stored }) => {
      const outcome = await stored
      return outcome.ok ? '' : outcome.failure.code
    }),
  )
  assert.deepEqual(codes, ['NOT_LEADER', 'NOT_ENOUGH_REPLICAS'])
})

test('a batch that is no batch, or of another identity, does not reach the leader', () => {
  const refused = writer.appendBatch(new Uint8Array(10), undefined)
  assert.equal(refused?.code, 'corrupt-batch')
  assert.deepEqual(arrived, [])
})
