// Writes the primitive types of the Kafka protocol. Small fields go into a slab of memory; records are
// appended as chunks, without a copy. The result is a list of chunks that is never joined.
import { ProtocolError } from './protocol-error.js'
import { utf8, writeAscii } from './text.js'
import { parseUuid } from './uuid.js'

const SLAB_BYTES = 32 * 1024
const TWO_POW_32 = 4_294_967_296
const LONGEST_CLASSIC_STRING = 32_767
/** Longer texts are left to the platform's encoder. */
const LONGEST_BY_HAND = 64

/** What a writer produced; the chunks are to be written in order. */
export interface EncodedFrame {
  readonly chunks: readonly Uint8Array[]
  readonly sizeBytes: number
}

/** Memory that the last writer left unused; nothing in it was ever handed out. */
let spare: Uint8Array | undefined

export class FrameWriter {
  /** Where the compiled encoder is: an index into its list of field paths, for its error messages. */
  field = 0
  private readonly chunks: Uint8Array[] = []
  private chunkedBytes = 0
  private slab: Uint8Array
  private view: DataView
  /** The bytes from `start` to `position` are not in `chunks` yet. */
  private start = 0
  private position = 0

  constructor() {
    this.slab = spare ?? new Uint8Array(SLAB_BYTES)
    spare = undefined
    this.view = new DataView(this.slab.buffer, this.slab.byteOffset, this.slab.byteLength)
  }

  get sizeBytes(): number {
    return this.chunkedBytes + this.position - this.start
  }

  /** The writer must not be used afterwards. */
  finish(): EncodedFrame {
    const sizeBytes = this.sizeBytes
    this.cut()
    spare =
      this.position + 256 < this.slab.byteLength ? this.slab.subarray(this.position) : undefined
    this.slab = new Uint8Array(0)
    return { chunks: this.chunks, sizeBytes }
  }

  /** Fills in the four bytes that stand before a frame; they must have been the first ones written. */
  finishFrame(): EncodedFrame {
    const frameBytes = this.sizeBytes - 4
    const first = this.chunks[0]
    if (first === undefined) this.view.setInt32(this.start, frameBytes)
    else new DataView(first.buffer, first.byteOffset).setInt32(0, frameBytes)
    return this.finish()
  }

  writeBool(value: boolean): void {
    this.writeInt8(value ? 1 : 0)
  }

  writeInt8(value: number): void {
    const at = this.reserve(1)
    this.view.setInt8(at, value)
  }

  writeInt16(value: number): void {
    const at = this.reserve(2)
    this.view.setInt16(at, value)
  }

  writeUint16(value: number): void {
    const at = this.reserve(2)
    this.view.setUint16(at, value)
  }

  writeInt32(value: number): void {
    const at = this.reserve(4)
    this.view.setInt32(at, value)
  }

  writeUint32(value: number): void {
    const at = this.reserve(4)
    this.view.setUint32(at, value)
  }

  writeInt64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new ProtocolError(`${value} is not a safe integer`)
    const at = this.reserve(8)
    const high = Math.floor(value / TWO_POW_32)
    this.view.setInt32(at, high)
    this.view.setUint32(at + 4, value - high * TWO_POW_32)
  }

  /** The ends of the safe integers stand for those of int64: see FrameReader.readClampedInt64. */
  writeClampedInt64(value: number): void {
    if (value < Number.MAX_SAFE_INTEGER && value > Number.MIN_SAFE_INTEGER) {
      this.writeInt64(value)
      return
    }
    if (Number.isNaN(value)) throw new ProtocolError('NaN is not a safe integer')
    const at = this.reserve(8)
    this.view.setUint32(at, value > 0 ? 0x7fff_ffff : 0x8000_0000)
    this.view.setUint32(at + 4, value > 0 ? 0xffff_ffff : 0)
  }

  writeFloat64(value: number): void {
    const at = this.reserve(8)
    this.view.setFloat64(at, value)
  }

  writeUuid(value: string): void {
    const at = this.reserve(16)
    parseUuid(value, this.view, at)
  }

  writeUnsignedVarint(value: number): void {
    let at = this.reserve(5)
    let rest = value
    while (rest >= 0x80) {
      this.view.setUint8(at++, (rest & 0x7f) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    this.view.setUint8(at++, rest)
    this.position = at
  }

  writeString(value: string): void {
    const length = value.length
    if (length <= LONGEST_BY_HAND) {
      const at = this.reserve(2 + length)
      if (writeAscii(value, this.slab, at + 2)) {
        this.view.setInt16(at, length)
        return
      }
      this.position = at
    }
    const bytes = utf8(value)
    if (bytes.byteLength > LONGEST_CLASSIC_STRING) {
      throw new ProtocolError(`string of ${bytes.byteLength} bytes is longer than 32767`)
    }
    this.writeInt16(bytes.byteLength)
    this.writeRaw(bytes)
  }

  writeNullableString(value: string | null): void {
    if (value === null) this.writeInt16(-1)
    else this.writeString(value)
  }

  writeCompactString(value: string): void {
    const length = value.length
    if (length <= LONGEST_BY_HAND) {
      const at = this.reserve(1 + length)
      if (writeAscii(value, this.slab, at + 1)) {
        this.view.setUint8(at, length + 1)
        return
      }
      this.position = at
    }
    const bytes = utf8(value)
    this.writeUnsignedVarint(bytes.byteLength + 1)
    this.writeRaw(bytes)
  }

  writeCompactNullableString(value: string | null): void {
    if (value === null) this.writeInt8(0)
    else this.writeCompactString(value)
  }

  writeBytes(value: Uint8Array): void {
    this.writeInt32(value.byteLength)
    this.writeRaw(value)
  }

  writeNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.writeInt32(-1)
    else this.writeBytes(value)
  }

  writeCompactBytes(value: Uint8Array): void {
    this.writeUnsignedVarint(value.byteLength + 1)
    this.writeRaw(value)
  }

  writeCompactNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.writeInt8(0)
    else this.writeCompactBytes(value)
  }

  /** The chunks are not copied: they must not change until the frame is written. */
  writeRecords(value: readonly Uint8Array[] | null): void {
    if (value === null) {
      this.writeInt32(-1)
      return
    }
    this.writeInt32(sizeOf(value))
    this.appendChunks(value)
  }

  writeCompactRecords(value: readonly Uint8Array[] | null): void {
    if (value === null) {
      this.writeInt8(0)
      return
    }
    this.writeUnsignedVarint(sizeOf(value) + 1)
    this.appendChunks(value)
  }

  writeArrayLength(count: number): void {
    this.writeInt32(count)
  }

  writeCompactArrayLength(count: number): void {
    this.writeUnsignedVarint(count + 1)
  }

  /** The marker before a nullable struct. */
  writePresence(present: boolean): void {
    this.writeInt8(present ? 1 : -1)
  }

  /** Begins the value of a tagged field; endTagged takes what this returns. No records in between. */
  beginTagged(tag: number): number {
    this.writeUnsignedVarint(tag)
    const at = this.reserve(1)
    return at - this.start
  }

  /** Puts the value's length before it, moving it up when that takes more than one byte. */
  endTagged(begun: number): void {
    const valueStart = this.start + begun + 1
    const valueBytes = this.position - valueStart
    if (valueBytes < 0x80) {
      this.view.setUint8(valueStart - 1, valueBytes)
      return
    }
    const prefixBytes = varintBytes(valueBytes)
    this.reserve(prefixBytes - 1)
    const begin = this.start + begun
    this.slab.copyWithin(begin + prefixBytes, begin + 1, begin + 1 + valueBytes)
    this.position = begin
    this.writeUnsignedVarint(valueBytes)
    this.position = begin + prefixBytes + valueBytes
  }

  /** Bytes without a length before them. */
  writeRaw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.byteLength)
    this.slab.set(bytes, at)
  }

  /** Moves the position on by `sizeBytes` and returns where they begin. `view` may change. */
  private reserve(sizeBytes: number): number {
    let at = this.position
    if (at + sizeBytes > this.slab.byteLength) {
      this.grow(sizeBytes)
      at = this.position
    }
    this.position = at + sizeBytes
    return at
  }

  private grow(sizeBytes: number): void {
    const pending = this.slab.subarray(this.start, this.position)
    const needed = pending.byteLength + sizeBytes
    const slab = new Uint8Array(Math.max(SLAB_BYTES, 2 * needed))
    slab.set(pending)
    this.slab = slab
    this.view = new DataView(slab.buffer)
    this.start = 0
    this.position = pending.byteLength
  }

  private appendChunks(chunks: readonly Uint8Array[]): void {
    this.cut()
    for (const chunk of chunks) {
      if (chunk.byteLength === 0) continue
      this.chunks.push(chunk)
      this.chunkedBytes += chunk.byteLength
    }
  }

  /** Moves what was written since the last cut to the list of chunks. */
  private cut(): void {
    if (this.position === this.start) return
    this.chunks.push(this.slab.subarray(this.start, this.position))
    this.chunkedBytes += this.position - this.start
    this.start = this.position
  }
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  let sizeBytes = 0
  for (const chunk of chunks) sizeBytes += chunk.byteLength
  return sizeBytes
}

function varintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++
  return bytes
}
