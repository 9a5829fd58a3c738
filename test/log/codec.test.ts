import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type Codec, compress, crc32c, decompress } from '../../src/log/log.js'

const codecs: readonly Codec[] = ['gzip', 'snappy', 'lz4', 'zstd']
const text = new TextEncoder().encode('a line of a log file, again and again\n'.repeat(5000))

test('the CRC of RFC 3720, also across chunks', () => {
  const zeros = new Uint8Array(32)
  assert.equal(crc32c(zeros), 0x8a9136aa)
  assert.equal(crc32c([zeros.subarray(0, 5), zeros.subarray(5)]), 0x8a9136aa)
  assert.equal(crc32c([]), 0)
})

for (const codec of codecs) {
  test(`${codec} gives back what went in`, () => {
    const packed = compress(codec, text)
    assert.ok(packed.length < text.length / 5)
    assert.deepEqual(decompress(codec, packed, text.length), text)
    const noise = randomBytes(100_000)
    assert.deepEqual(Buffer.from(decompress(codec, compress(codec, noise), 100_000)), noise)
  })

  test(`${codec} stops at the cap on output and at bad input`, () => {
    const packed = compress(codec, text)
    assert.throws(() => decompress(codec, packed, text.length - 1), { code: 'TOO_LARGE' })
    assert.throws(() => decompress(codec, randomBytes(500), 100_000), { code: 'UNDECODABLE' })
  })
}

test('gzip is what zlib reads', () => {
  assert.deepEqual(new Uint8Array(gunzipSync(compress('gzip', text))), text)
})
