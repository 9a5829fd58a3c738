// CRC-32C against the vectors of RFC 3720 B.4 and a bit-by-bit sum, murmur2 against what Kafka's own
// tests expect.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { crc32c } from '../../../src/protocol/records/crc32c.js'
import { murmur2, partitionForKey } from '../../../src/protocol/records/murmur2.js'

function slowCrc32c(bytes: Uint8Array): number {
  let crc = -1
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

describe('crc32c', () => {
  test('gives the sums of RFC 3720', () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, index) => index)
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa)
    assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
    assert.equal(crc32c(ascending), 0x46dd794e)
    assert.equal(crc32c(ascending.toReversed()), 0x113fdb5c)
    assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
    assert.equal(crc32c(new Uint8Array(0)), 0)
  })

  test('agrees with a bit-by-bit sum, wherever it starts', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 9 }), (bytes, start) => {
        assert.equal(crc32c(bytes, start), slowCrc32c(bytes.subarray(start)))
      }),
    )
  })
})

describe('murmur2', () => {
  test('gives the hashes of Kafka’s own producers', () => {
    const expected: [string, number][] = [
      ['21', -973932308],
      ['foobar', -790332482],
      ['a-little-bit-long-string', -985981536],
      ['a-little-bit-longer-string', -1486304829],
      ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
      ['abc', 479470107],
    ]
    for (const [text, hash] of expected) assert.equal(murmur2(Buffer.from(text)), hash, text)
  })

  test('chooses a partition that exists', () => {
    assert.equal(partitionForKey(Buffer.from('21'), 1000), (-973932308 & 0x7fffffff) % 1000)
    fc.assert(
      fc.property(fc.uint8Array(), fc.integer({ min: 1, max: 1000 }), (key, partitions) => {
        const chosen = partitionForKey(key, partitions)
        assert.ok(Number.isInteger(chosen) && chosen >= 0 && chosen < partitions)
      }),
    )
  })
})
