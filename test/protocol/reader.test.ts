import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { FrameReader } from '../../src/protocol/reader.js'
import { splitEverywhere } from './support/frames.js'

function reader(hex: string): FrameReader {
  return new FrameReader([fromHex(hex)])
}

function fromHex(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replace(/\s/g, ''), 'hex'))
}

function refuses(act: () => unknown, reason: RegExp): void {
  assert.throws(act, (error) => error instanceof ProtocolError && reason.test(error.message))
}

describe('values that lie across chunks', () => {
  const cases: [string, string, (r: FrameReader) => unknown, unknown][] = [
    ['int8', 'ff', (r) => r.readInt8(), -1],
    ['bool', '02', (r) => r.readBool(), true],
    ['int16', '8001', (r) => r.readInt16(), -32_767],
    ['uint16', 'fffe', (r) => r.readUint16(), 65_534],
    ['int32', '80000001', (r) => r.readInt32(), -2_147_483_647],
    ['uint32', 'fffffffe', (r) => r.readUint32(), 4_294_967_294],
    ['int64', '001fffffffffffff', (r) => r.readInt64(), Number.MAX_SAFE_INTEGER],
    ['negative int64', 'ffe0000000000001', (r) => r.readInt64(), Number.MIN_SAFE_INTEGER],
    ['float64', '3ff8000000000000', (r) => r.readFloat64(), 1.5],
    ['varint', 'ffffffff0f', (r) => r.readUnsignedVarint(), 4_294_967_295],
    ['uuid', `${'00'.repeat(15)}01`, (r) => r.readUuid(), 'AAAAAAAAAAAAAAAAAAAAAQ'],
    ['string', '0003616263', (r) => r.readString(), 'abc'],
    ['null string', 'ffff', (r) => r.readNullableString(), null],
    ['compact string', '03c3a9', (r) => r.readCompactString(), 'é'],
    ['compact null string', '00', (r) => r.readCompactNullableString(), null],
    ['bytes', '00000002 0102', (r) => [...r.readBytes()], [1, 2]],
    ['null bytes', 'ffffffff', (r) => r.readNullableBytes(), null],
    ['compact bytes', '03 0102', (r) => [...r.readCompactBytes()], [1, 2]],
    ['compact null bytes', '00', (r) => r.readCompactNullableBytes(), null],
  ]
  for (const [name, hex, read, expected] of cases) {
    test(name, () => {
      const bytes = fromHex(hex)
      assert.deepEqual(read(new FrameReader([bytes])), expected)
      const scattered = new FrameReader([new Uint8Array(0), ...splitEverywhere(bytes)])
      assert.deepEqual(read(scattered), expected)
      assert.equal(scattered.remaining, 0)
      const short = new FrameReader(splitEverywhere(bytes.slice(0, -1)))
      refuses(() => read(short), /left/)
    })
  }
})

describe('integers of 64 bits', () => {
  test('beyond the safe ones are refused', () => {
    for (const hex of [
      '0020000000000000',
      'ffe0000000000000',
      '7fffffffffffffff',
      `80${'00'.repeat(7)}`,
    ]) {
      refuses(() => reader(hex).readInt64(), /out of range/)
    }
  })

  test('are clamped where a client may put a bound', () => {
    assert.equal(reader('7fffffffffffffff').readClampedInt64(), Number.MAX_SAFE_INTEGER)
    assert.equal(reader('8000000000000000').readClampedInt64(), Number.MIN_SAFE_INTEGER)
    assert.equal(reader('fffffffffffffffe').readClampedInt64(), -2)
  })
})

describe('lengths and counts', () => {
  test('that are negative or exceed what is left are refused before anything is allocated', () => {
    refuses(() => reader('ffff61').readString(), /length -1 is not allowed/)
    refuses(() => reader('fffe61').readNullableString(), /length -2/)
    refuses(() => reader('7fffffff61').readBytes(), /length 2147483647 exceeds the 1 bytes left/)
    refuses(() => reader('ffffffff0f61').readCompactRecords(), /exceeds/)
    refuses(() => reader('00').readCompactString(), /length -1/)
    refuses(() => reader('7fffffff00').readArrayLength(1), /count 2147483647 does not fit/)
    refuses(() => reader('04aabbcc').readCompactArrayLength(2), /count 3 does not fit into the 3/)
    assert.equal(reader('03aabbccdd').readCompactArrayLength(2), 2)
    assert.equal(reader('ffffffff').readNullableArrayLength(8), -1)
    assert.equal(reader('fffffffe').readNullableArrayLength(8), -1, 'as in Kafka, any is null')
    refuses(() => reader('fffffffe00').readArrayLength(1), /count -2/)
  })

  test('of more than 32 bits are refused', () => {
    refuses(() => reader('ffffffff10').readUnsignedVarint(), /longer than 32 bits/)
    refuses(() => reader('808080808000').readUnsignedVarint(), /longer than 32 bits/)
    assert.equal(reader('808000').readUnsignedVarint(), 0)
  })

  test('a presence marker is 1 or -1', () => {
    assert.equal(reader('01').readPresence(), true)
    assert.equal(reader('ff').readPresence(), false)
    refuses(() => reader('00').readPresence(), /presence marker 0/)
  })
})

describe('records', () => {
  test('are views of the chunks they lie in', () => {
    const first = fromHex('00000005 0102')
    const second = fromHex('03040599')
    const records = new FrameReader([first, second]).readRecords() ?? []
    assert.deepEqual(
      records.map((view) => [...view]),
      [
        [1, 2],
        [3, 4, 5],
      ],
    )
    assert.equal(records[0]?.buffer, first.buffer)
    assert.equal(records[1]?.buffer, second.buffer)
  })

  test('may be null or empty', () => {
    assert.equal(reader('ffffffff').readRecords(), null)
    assert.equal(reader('00').readCompactRecords(), null)
    assert.deepEqual(reader('00000000').readRecords(), [])
  })

  test('bytes are copies', () => {
    const frame = fromHex('00000002 0102')
    const bytes = new FrameReader([frame]).readBytes()
    frame.fill(0)
    assert.deepEqual([...bytes], [1, 2])
  })
})

describe('text', () => {
  test('keeps a byte order mark and replaces what is not UTF-8, as Kafka does', () => {
    assert.equal(reader('0003efbbbf').readString(), '\ufeff')
    assert.equal(reader('0003 61ff62').readString(), 'a\ufffdb')
  })

  test('may be long', () => {
    const long = 'ä'.repeat(10_000)
    const bytes = Buffer.from(long)
    const frame = Buffer.concat([Buffer.from([0x4e, 0x20]), bytes])
    assert.equal(new FrameReader([frame.subarray(0, 777), frame.subarray(777)]).readString(), long)
  })
})

describe('tagged fields', () => {
  test('that are not known are skipped', () => {
    const fields = reader('02 05 03 aabbcc 09 00 7f')
    fields.skipTaggedFields()
    assert.equal(fields.remaining, 1)
  })

  test('that claim more than is left are refused', () => {
    refuses(() => reader('01 05 09 aa').skipTaggedFields(), /length 9 exceeds/)
    refuses(() => reader('ffffffff0f').skipTaggedFields(), /left/)
  })
})
