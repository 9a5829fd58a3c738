import assert from 'node:assert/strict'
import { randomFillSync } from 'node:crypto'
import { describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { ProtocolError } from '../../../src/protocol/protocol-error.js'
import { HEADER_BYTES, position } from '../../../src/protocol/records/batch-format.js'
import { readBatchHeader } from '../../../src/protocol/records/batch-header.js'
import { crc32c } from '../../../src/protocol/records/crc32c.js'
import {
  type ReadRecord,
  type ReadRecordsOptions,
  readRecords,
} from '../../../src/protocol/records/read-records.js'
import { RecordBatchBuilder } from '../../../src/protocol/records/record-batch-builder.js'
import { arbitraryMutations, mutated } from '../support/mutations.js'

// Of Kafka 4.3.1's MemoryRecords.withRecords: ("k", "v", h → null) at 1000, (null, "w") at 999.
const KAFKA_BATCH = [
  '000000000000000000000045ffffffff02b5d7a0f800000000000100000000000003e8',
  '00000000000003e8ffffffffffffffffffffffffffff00000002',
  '16000000026b0276020268010e00010201027700',
].join('')

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }))
const arbitraryRecord = fc.record(
  {
    key: bytes,
    value: bytes,
    headers: fc.array(
      fc.record({ key: fc.string({ maxLength: 70 }), value: bytes }, { noNullPrototype: true }),
      { maxLength: 3 },
    ),
    timestampMs: fc.oneof(
      fc.integer({ min: -1, max: 4_000_000_000 }),
      fc.integer({ min: 0, max: 2 ** 51 }),
    ),
  },
  { noNullPrototype: true },
)
const arbitraryRecords = fc.array(arbitraryRecord, { minLength: 1, maxLength: 20 })

function built(records: readonly Omit<ReadRecord, 'offset'>[]): Uint8Array {
  const builder = new RecordBatchBuilder()
  for (const { key, value, headers, timestampMs } of records) {
    builder.append(key, value, headers, timestampMs)
  }
  return builder.build()
}

function one(value: string): Uint8Array {
  const builder = new RecordBatchBuilder()
  builder.append('key', value, [{ key: 'h', value: null }], 1000)
  return builder.build()
}

/** With the CRC made right again after the batch was tampered with. */
function sealed(batch: Uint8Array): Uint8Array {
  const copy = batch.slice()
  new DataView(copy.buffer).setUint32(position.crc, crc32c(copy, position.attributes))
  return copy
}

function read(batch: Uint8Array, options?: ReadRecordsOptions): ReadRecord[] {
  return [...readRecords(batch, options)]
}

describe('a record batch', () => {
  test('comes back as it was built', () => {
    fc.assert(
      fc.property(arbitraryRecords, (records) => {
        const expected = records.map((record, offset) => ({ offset, ...record }))
        assert.deepEqual(read(built(records)), expected)
      }),
      { numRuns: 300 },
    )
  })

  test('has the header that Kafka expects', () => {
    const builder = new RecordBatchBuilder()
    builder.append(null, 'a', [], 1000)
    builder.append(null, 'b', [], 3000)
    builder.append(null, 'c', [], 2000)
    const producer = { producerId: 2 ** 40 + 1, producerEpoch: 3, baseSequence: 7 }
    const batch = builder.build({ ...producer, transactional: true })
    const { crc, ...header } = readBatchHeader(batch)
    assert.equal(crc, crc32c(batch, position.attributes))
    assert.deepEqual(header, {
      baseOffset: 0,
      sizeBytes: batch.byteLength,
      leaderEpoch: -1,
      compression: 'uncompressed',
      isLogAppendTime: false,
      isTransactional: true,
      isControl: false,
      lastOffset: 2,
      baseTimestampMs: 1000,
      maxTimestampMs: 3000,
      ...producer,
      count: 3,
    })
  })

  test('is the bytes that Kafka’s own producer makes', () => {
    const builder = new RecordBatchBuilder()
    builder.append('k', 'v', [{ key: 'h', value: null }], 1000)
    builder.append(null, 'w', [], 999)
    assert.equal(Buffer.from(builder.build()).toString('hex'), KAFKA_BATCH)
  })

  test('is built again and again in the same memory, and never changes afterwards', () => {
    const builder = new RecordBatchBuilder()
    const batches = ['first', 'second', 'third'].map((value) => {
      builder.append(null, value, [], 5)
      assert.equal(builder.count, 1)
      const batch = builder.build()
      assert.equal(builder.count, 0)
      assert.equal(builder.sizeBytes, HEADER_BYTES)
      return batch
    })
    const values = batches.map((batch) => Buffer.from(read(batch)[0]?.value ?? []).toString())
    assert.deepEqual(values, ['first', 'second', 'third'])
  })

  test('grows, and tells its size beforehand', () => {
    const builder = new RecordBatchBuilder()
    const value = randomFillSync(new Uint8Array(70_000))
    for (let index = 0; index < 20; index++) builder.append(null, value, [], index)
    const expected = builder.sizeBytes
    const batch = builder.build()
    assert.equal(batch.byteLength, expected)
    assert.ok(read(batch).every((record) => Buffer.compare(record.value ?? value, value) === 0))
  })

  test('cannot be empty or have a timestamp that is none', () => {
    const builder = new RecordBatchBuilder()
    assert.throws(() => builder.build(), ProtocolError)
    for (const timestampMs of [Number.NaN, 0.5, -2, 2 ** 53]) {
      assert.throws(() => builder.append(null, null, [], timestampMs), ProtocolError)
    }
    assert.equal(builder.count, 0)
  })

  test('uses the CRC that it is given', () => {
    const builder = new RecordBatchBuilder({ crc32c: () => 0xdeadbeef })
    builder.append(null, null, [], 0)
    const batch = builder.build()
    assert.equal(readBatchHeader(batch).crc, 0xdeadbeef)
    assert.equal(read(batch, { crc32c: () => 0xdeadbeef }).length, 1)
    assert.equal(read(batch, { crc32c: 'unchecked' }).length, 1)
    assert.throws(() => read(batch), /has the CRC 3735928559/)
  })
})

describe('a batch that was stamped on append', () => {
  test('gives all its records the one time', () => {
    const batch = one('v')
    const view = new DataView(batch.buffer)
    view.setInt16(position.attributes, 0x08)
    view.setUint32(position.maxTimestamp + 4, 5000)
    assert.equal(read(sealed(batch))[0]?.timestampMs, 5000)
  })

  test('is read although a timestamp is beyond all numbers', () => {
    const batch = one('v')
    new DataView(batch.buffer).setInt32(position.baseTimestamp, 0x7fff_ffff)
    assert.equal(read(sealed(batch))[0]?.timestampMs, Number.MAX_SAFE_INTEGER)
  })
})

describe('a compressed batch', () => {
  function gzipped(): Uint8Array {
    const plain = one('to be compressed')
    const batch = Buffer.concat([
      plain.subarray(0, HEADER_BYTES),
      gzipSync(plain.subarray(HEADER_BYTES)),
    ])
    batch.writeInt32BE(batch.length - 12, position.length)
    batch.writeInt16BE(1, position.attributes)
    return sealed(new Uint8Array(batch))
  }

  test('is read through the decompressor that the caller brings', () => {
    const asked: unknown[] = []
    const records = read(gzipped(), {
      maxDecompressedBytes: 1000,
      decompress: (compression, compressed, maxBytes) => {
        asked.push(compression, maxBytes)
        return gunzipSync(compressed, { maxOutputLength: maxBytes })
      },
    })
    assert.equal(Buffer.from(records[0]?.value ?? []).toString(), 'to be compressed')
    assert.deepEqual(asked, ['gzip', 1000])
  })

  test('without one, or one that fails, is a ProtocolError', () => {
    assert.throws(() => read(gzipped()), /compressed with gzip, which is not read here/)
    const decompress = (_: unknown, compressed: Uint8Array, maxOutputLength: number) =>
      gunzipSync(compressed, { maxOutputLength })
    assert.throws(
      () => read(gzipped(), { decompress, maxDecompressedBytes: 3 }),
      (error) => error instanceof ProtocolError && /cannot be decompressed/.test(error.message),
    )
  })
})

describe('a batch that lies', () => {
  const lies: [string, (view: DataView) => void, RegExp][] = [
    ['about its length', (v) => v.setInt32(position.length, 0x7fff_ffff), /record batch of/],
    ['with a negative length', (v) => v.setInt32(position.length, -1), /record batch of 11 bytes/],
    ['about its format', (v) => v.setInt8(position.magic, 1), /format 1 is not 2/],
    [
      'about its compression',
      (v) => v.setInt16(position.attributes, 7),
      /compression 7 is unknown/,
    ],
    ['with too many records', (v) => v.setInt32(position.count, 0x7fff_ffff), /do not fit/],
    ['with a negative count', (v) => v.setInt32(position.count, -1), /-1 records do not fit/],
    ['with too few records', (v) => v.setInt32(position.count, 0), /left behind the last/],
    ['about an offset', (v) => v.setInt32(position.baseOffset, 0x7fff_ffff), /out of range/],
    ['about a record’s length', (v) => v.setUint8(HEADER_BYTES, 0x7e), /a record of 63 bytes/],
    ['with a short record', (v) => v.setUint8(HEADER_BYTES, 2), /not as long as it says/],
    ['about a key’s length', (v) => v.setUint8(HEADER_BYTES + 4, 0x7e), /length 63 exceeds/],
    ['with a key of length -2', (v) => v.setUint8(HEADER_BYTES + 4, 3), /length -2 exceeds/],
  ]
  for (const [name, lie, reason] of lies) {
    test(`${name} is a ProtocolError`, () => {
      const batch = one('v')
      lie(new DataView(batch.buffer))
      assert.throws(
        () => read(sealed(batch)),
        (error) => error instanceof ProtocolError && reason.test(error.message),
      )
    })
  }

  test('in any other way is a ProtocolError or still a batch', () => {
    fc.assert(
      fc.property(arbitraryRecords, arbitraryMutations, (records, mutations) => {
        const batch = mutated(built(records), mutations)
        try {
          for (const record of readRecords(batch, { crc32c: 'unchecked' })) {
            assert.ok((record.value?.byteLength ?? 0) <= batch.byteLength)
          }
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})
