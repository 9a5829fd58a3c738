import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { FrameReader } from '../../src/protocol/reader.js'
import { FrameWriter } from '../../src/protocol/writer.js'
import { joined } from './support/frames.js'

function written(write: (writer: FrameWriter) => void): string {
  const writer = new FrameWriter()
  write(writer)
  return Buffer.from(joined(writer.finish())).toString('hex')
}

describe('FrameWriter', () => {
  test('writes the primitive types big-endian', () => {
    assert.equal(
      written((w) => w.writeInt16(-2)),
      'fffe',
    )
    assert.equal(
      written((w) => w.writeUint32(4_294_967_295)),
      'ffffffff',
    )
    assert.equal(
      written((w) => w.writeInt64(-1)),
      'ffffffffffffffff',
    )
    assert.equal(
      written((w) => w.writeInt64(Number.MAX_SAFE_INTEGER)),
      '001fffffffffffff',
    )
    assert.equal(
      written((w) => w.writeInt64(-4_294_967_297)),
      'fffffffeffffffff',
    )
    assert.equal(
      written((w) => w.writeClampedInt64(Number.MAX_SAFE_INTEGER)),
      '7fffffffffffffff',
    )
    assert.equal(
      written((w) => w.writeClampedInt64(Number.MIN_SAFE_INTEGER)),
      '8000000000000000',
    )
    assert.equal(
      written((w) => w.writeUnsignedVarint(300)),
      'ac02',
    )
    assert.equal(
      written((w) => w.writeUnsignedVarint(4_294_967_295)),
      'ffffffff0f',
    )
    assert.equal(
      written((w) => w.writeCompactString('é')),
      '03c3a9',
    )
    assert.equal(
      written((w) => w.writeNullableString(null)),
      'ffff',
    )
    assert.equal(
      written((w) => w.writeCompactArrayLength(-1)),
      '00',
    )
  })

  test('refuses what the wire cannot hold', () => {
    assert.throws(() => written((w) => w.writeInt64(2 ** 53)), ProtocolError)
    assert.throws(() => written((w) => w.writeInt64(0.5)), ProtocolError)
    assert.throws(() => written((w) => w.writeClampedInt64(Number.NaN)), ProtocolError)
    assert.throws(() => written((w) => w.writeString('x'.repeat(32_768))), ProtocolError)
    for (const id of ['', 'AAAA', '*'.repeat(22), 'AAAAAAAAAAAAAAAAAAAAAB', 'ä'.repeat(22)]) {
      assert.throws(() => written((w) => w.writeUuid(id)), ProtocolError, id)
    }
  })

  test('appends records without copying them', () => {
    const records = [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)]
    const writer = new FrameWriter()
    writer.writeInt8(9)
    writer.writeRecords(records)
    writer.writeInt8(8)
    const { chunks, sizeBytes } = writer.finish()
    assert.equal(sizeBytes, 9)
    assert.equal(chunks.length, 4)
    assert.equal(chunks[1], records[0])
    assert.equal(chunks[2], records[2])
  })

  test('fills in the length of a frame, wherever its chunks lie', () => {
    for (const body of [0, 10, 100_000]) {
      const writer = new FrameWriter()
      writer.writeInt32(0)
      writer.writeRecords([new Uint8Array(body)])
      writer.writeRaw(new Uint8Array(body))
      const frame = writer.finishFrame()
      const bytes = joined(frame)
      assert.equal(new FrameReader([bytes]).readInt32(), bytes.length - 4)
      assert.equal(frame.sizeBytes, bytes.length)
    }
  })

  test('keeps earlier frames as they are', () => {
    const frames = Array.from({ length: 300 }, (_, index) => {
      const writer = new FrameWriter()
      const other = new FrameWriter()
      writer.writeString(`frame ${index} `.repeat(20))
      other.writeString('another at the same time')
      other.finish()
      return writer.finish()
    })
    frames.forEach((frame, index) => {
      const text = new FrameReader(frame.chunks).readString()
      assert.equal(text, `frame ${index} `.repeat(20))
    })
  })

  test('moves a tagged value when its length needs more bytes', () => {
    for (const length of [0, 126, 127, 128, 16_383, 16_384, 70_000]) {
      const writer = new FrameWriter()
      writer.writeInt8(1)
      const outer = writer.beginTagged(300)
      const inner = writer.beginTagged(1)
      writer.writeRaw(new Uint8Array(length).fill(7))
      writer.endTagged(inner)
      writer.endTagged(outer)
      const reader = new FrameReader(writer.finish().chunks)
      reader.readInt8()
      assert.equal(reader.readUnsignedVarint(), 300)
      assert.equal(reader.readTaggedEnd(), 0)
      assert.equal(reader.readUnsignedVarint(), 1)
      assert.equal(reader.readUnsignedVarint(), length)
      assert.equal(reader.remaining, length)
      for (let index = 0; index < length; index++) assert.equal(reader.readInt8(), 7)
    }
  })
})
