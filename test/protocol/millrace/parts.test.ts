import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  fromBase64,
  fromBase64Url,
  toBase64,
  toBase64Url,
} from '../../../src/protocol/millrace/base64.js'
import { mayReconnect } from '../../../src/protocol/millrace/close-codes.js'
import { Cursor } from '../../../src/protocol/millrace/cursor.js'
import { wireFailure } from '../../../src/protocol/millrace/error-codes.js'
import {
  jsonToBytes,
  jsonToHeaders,
  valueToJsonText,
} from '../../../src/protocol/millrace/json-bytes.js'
import { parseMessage, readTextFrame } from '../../../src/protocol/millrace/parse.js'
import { sequenceAfter, sequenceDistance } from '../../../src/protocol/millrace/sequence.js'

test('base64 as Node has it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'))
      assert.equal(toBase64Url(bytes), Buffer.from(bytes).toString('base64url'))
      assert.deepEqual(fromBase64(toBase64(bytes)), bytes)
      assert.deepEqual(fromBase64Url(toBase64Url(bytes)), bytes)
    }),
  )
  assert.equal(fromBase64('*'), undefined)
})

test('a cursor round-trips, also when it is moved', () => {
  const topicId = toBase64Url(new Uint8Array(16).fill(7))
  const place = fc.record(
    {
      partition: fc.nat(2 ** 31 - 1),
      offset: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      leaderEpoch: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
    },
    { noNullPrototype: true },
  )
  fc.assert(
    fc.property(fc.array(place), (places) => {
      const cursor = Cursor.create(
        topicId,
        places.map(({ partition }) => partition),
      )
      places.forEach(({ offset, leaderEpoch }, slot) => {
        cursor.move(slot, offset, leaderEpoch)
      })
      const parsed = Cursor.parse(cursor.toText())
      assert.ok(parsed.ok)
      assert.equal(parsed.value.topicId, topicId)
      assert.deepEqual(parsed.value.positions(), places)
    }),
  )
  for (const text of ['', 'A', '*', 'AQ', toBase64Url(new Uint8Array(17))]) {
    assert.equal(Cursor.parse(text).ok, false, text)
  }
})

test('sequences wrap as Kafka counts them', () => {
  assert.equal(sequenceAfter(2_147_483_647, 1), 0)
  assert.equal(sequenceDistance(2, 2_147_483_646), 4)
  assert.equal(sequenceDistance(2_147_483_646, 2), -4)
})

test('any JSON value that is delivered gives an equal value when it is sent back', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      const again = jsonToBytes(JSON.parse(valueToJsonText(bytes, 'base64')))
      assert.deepEqual(again && [...again], [...bytes])
    }),
  )
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), (json) => {
      const delivered = JSON.parse(valueToJsonText(new TextEncoder().encode(json), 'json'))
      const again = new TextDecoder().decode(jsonToBytes(delivered) ?? undefined)
      assert.deepEqual(JSON.parse(again), JSON.parse(json))
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const bytes = new TextEncoder().encode(text)
      const delivered = JSON.parse(valueToJsonText(bytes, 'json'))
      const again = new TextDecoder().decode(jsonToBytes(delivered) ?? undefined)
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      if (!isJson) assert.equal(again, text)
    }),
  )
})

test('headers: an object, pairs, and what is neither', () => {
  const read = jsonToHeaders({ a: 'x', b: { base64: 'AA==' } })
  assert.ok(read.ok)
  assert.deepEqual(
    read.value.map(({ key, value }) => [key, [...(value ?? [])]]),
    [
      ['a', [120]],
      ['b', [0]],
    ],
  )
  for (const bad of [7, 'x', [1], [['a']], [['a', 'b', 'c']], { a: { base64: '*' } }]) {
    assert.equal(jsonToHeaders(bad).ok, false, JSON.stringify(bad))
  }
})

test('messages with a field missing or wrong are refused with its name', () => {
  const produce = { type: 'produce', channel: 1, partition: 0, sequence: 0, records: [{}] }
  const reader = { type: 'open', channel: 1, kind: 'reader', topic: 't', credit: { bytes: 1 } }
  const producer = { type: 'open', channel: 1, kind: 'producer', topic: 't' }
  for (const good of [produce, reader, producer]) assert.equal(parseMessage(good)?.ok, true)
  const bad: [object, RegExp][] = [
    [{ ...produce, channel: -1 }, /channel/],
    [{ ...produce, channel: 2 ** 32 }, /channel/],
    [{ ...produce, partition: 1.5 }, /partition/],
    [{ ...produce, sequence: 2 ** 31 }, /sequence/],
    [{ ...produce, records: [] }, /records/],
    [{ ...reader, credit: 5 }, /credit/],
    [{ ...reader, from: { offset: -1 } }, /from/],
    [{ ...reader, from: { offset: 1, cursor: '' } }, /from/],
    [{ ...reader, format: 'xml' }, /format/],
    [{ ...reader, partitions: [1, 1] }, /partitions/],
    [{ ...reader, isolation: 'total' }, /isolation/],
    [{ ...producer, durability: 'some' }, /durability/],
    [{ ...producer, identity: { producerId: 1 } }, /identity/],
    [{ ...producer, acknowledged: { a: 1 } }, /acknowledged/],
    [{ ...producer, kind: 'poet' }, /kind/],
    [{ ...producer, topic: '' }, /topic/],
    [{ type: 'request', id: 1, op: 'createTopic', topic: 't', partitions: 0 }, /partitions/],
    [{ type: 'request', id: {}, op: 'listTopics' }, /id/],
    [{ type: 'request', id: 1, op: 'createTopic', topic: 't', configs: { a: 1 } }, /configs/],
  ]
  for (const [message, problem] of bad) {
    const parsed = parseMessage({ ...message })
    assert.ok(parsed !== undefined && !parsed.ok, JSON.stringify(message))
    assert.match(parsed.problem, problem)
  }
  assert.equal(parseMessage({ type: 'sing' }), undefined)
  assert.equal(readTextFrame('{').ok, false)
  assert.equal(readTextFrame('[{},1]').ok, false)
})

test('close codes say whether to come back; errors have names', () => {
  assert.deepEqual([4000, 4002, 1009, 4101, 4103, 1006, 1001].map(mayReconnect), [
    false,
    false,
    false,
    true,
    true,
    true,
    true,
  ])
  assert.deepEqual(wireFailure({ code: 'NOT_LEADER', message: 'm' }), {
    code: 'not-leader',
    message: 'm',
    retryable: true,
  })
})
