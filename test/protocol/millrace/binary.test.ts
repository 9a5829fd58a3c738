import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type BinaryHeader,
  readBinaryFrame,
  readDelivery,
  readSingleRecord,
  writeDelivery,
  writeProduceBatch,
  writeSingleRecord,
} from '../../../src/protocol/millrace/binary.js'

function messages(frame: Uint8Array): BinaryHeader[] {
  const found: BinaryHeader[] = []
  const read = readBinaryFrame(frame, (message) => found.push(message) > 0)
  assert.ok(read.ok)
  return found
}

const address = fc.record({ channel: fc.nat(2 ** 32 - 1), partition: fc.nat(2 ** 31 - 1) })
const bytes = fc.uint8Array({ maxLength: 40 })
const optionalBytes = fc.option(bytes)

test('single records round-trip, several in a frame', () => {
  const record = fc.record({
    sequence: fc.nat(2 ** 31 - 1),
    timestamp: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
    key: optionalBytes,
    value: optionalBytes,
  })
  fc.assert(
    fc.property(fc.array(fc.tuple(address, record)), (given) => {
      const frame = Buffer.concat(given.map(([to, single]) => writeSingleRecord(to, single)))
      const read = messages(frame).map((message) => {
        const { channel, partition } = message
        return [{ channel, partition }, plain(readSingleRecord(message))]
      })
      assert.deepEqual(read, plain(given))
    }),
  )
})

test('deliveries round-trip, with the batches inside or behind', () => {
  const offset = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
  const delivery = fc.record({
    channel: fc.nat(),
    partition: fc.nat(),
    offset,
    nextOffset: offset,
    endOffset: offset,
    cursor: bytes,
    aborted: fc.array(fc.record({ producerId: offset, firstOffset: offset }), { maxLength: 3 }),
  })
  fc.assert(
    fc.property(delivery, bytes, fc.boolean(), (given, batches, inline) => {
      const [message] = messages(writeDelivery(given, batches, inline))
      assert.ok(message !== undefined)
      const expected = {
        ...given,
        sizeBytes: batches.length,
        batches: inline ? batches : undefined,
      }
      assert.deepEqual(plain(readDelivery(message)), plain(expected))
    }),
  )
})

test('a frame that is cut anywhere is refused', () => {
  const frame = writeProduceBatch({ channel: 1, partition: 2 }, new Uint8Array(20))
  for (let end = 1; end < frame.length; end++) {
    assert.equal(readBinaryFrame(frame.subarray(0, end), () => true).ok, false, `${end}`)
  }
})

test('lengths that lie make no record and no delivery', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(3), (content, flags) => {
      const message = { type: 0x81, flags, channel: 0, partition: 0, content }
      readSingleRecord(message)
      readDelivery(message)
    }),
    { numRuns: 2000 },
  )
})

/** Views and buffers as arrays of numbers. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, inner) => {
      if (inner?.type === 'Buffer') return inner.data
      return inner instanceof Uint8Array ? Array.from(inner) : inner
    }),
  )
}
