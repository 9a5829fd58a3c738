// Reads the primitive types of the Kafka protocol from a frame that lies in several chunks, as the
// socket delivered them. Everything is checked against the bytes left before anything is allocated.
import { ProtocolError } from './protocol-error.js'
import { textFrom } from './text.js'
import { formatUuid } from './uuid.js'

const NO_BYTES = new Uint8Array(0)
const NO_VIEW = viewOf(NO_BYTES)
const TWO_POW_32 = 4_294_967_296
/** A value that crosses a border is gathered here, and read before the next one is. */
const gathered = new DataView(new ArrayBuffer(8))

export class FrameReader {
  /** Where the compiled decoder is: an index into its list of field paths, for its error messages. */
  field = 0
  private chunk: Uint8Array
  private view: DataView
  private position = 0
  private limit: number
  private nextChunk = 0
  /** Bytes in the chunks behind the current one. */
  private behind = 0

  /** The chunks must not change while the reader is used; records are returned as views of them. */
  constructor(private readonly chunks: readonly Uint8Array[]) {
    for (const chunk of chunks) this.behind += chunk.byteLength
    this.chunk = NO_BYTES
    this.view = NO_VIEW
    this.limit = 0
    this.advance()
  }

  get remaining(): number {
    return this.limit - this.position + this.behind
  }

  readBool(): boolean {
    return this.readInt8() !== 0
  }

  readInt8(): number {
    if (this.position >= this.limit) this.advanceOrFail()
    return this.view.getInt8(this.position++)
  }

  readUint8(): number {
    if (this.position >= this.limit) this.advanceOrFail()
    return this.view.getUint8(this.position++)
  }

  readInt16(): number {
    const at = this.position
    if (at + 2 > this.limit) return this.gather(2).getInt16(0)
    this.position = at + 2
    return this.view.getInt16(at)
  }

  readUint16(): number {
    const at = this.position
    if (at + 2 > this.limit) return this.gather(2).getUint16(0)
    this.position = at + 2
    return this.view.getUint16(at)
  }

  readInt32(): number {
    const at = this.position
    if (at + 4 > this.limit) return this.gather(4).getInt32(0)
    this.position = at + 4
    return this.view.getInt32(at)
  }

  readUint32(): number {
    const at = this.position
    if (at + 4 > this.limit) return this.gather(4).getUint32(0)
    this.position = at + 4
    return this.view.getUint32(at)
  }

  /** A number that JavaScript holds exactly; anything beyond 2^53 - 1 is refused. */
  readInt64(): number {
    const value = this.readRoundedInt64()
    if (!Number.isSafeInteger(value)) throw new ProtocolError(`int64 ${value} is out of range`)
    return value
  }

  /** For a bound that may mean "no limit": what is beyond the safe integers becomes their end. */
  readClampedInt64(): number {
    const value = this.readRoundedInt64()
    return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
  }

  readFloat64(): number {
    const at = this.position
    if (at + 8 > this.limit) return this.gather(8).getFloat64(0)
    this.position = at + 8
    return this.view.getFloat64(at)
  }

  readUuid(): string {
    const at = this.position
    if (at + 16 > this.limit) return formatUuid(viewOf(this.copyBytes(16)), 0)
    this.position = at + 16
    return formatUuid(this.view, at)
  }

  /** At most five bytes, at most 2^32 - 1. */
  readUnsignedVarint(): number {
    let value = this.readUint8()
    if (value < 0x80) return value
    value &= 0x7f
    for (let factor = 0x80; factor <= 0x1000_0000; factor *= 0x80) {
      const byte = this.readUint8()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        if (value >= TWO_POW_32) break
        return value
      }
    }
    throw new ProtocolError('unsigned varint is longer than 32 bits')
  }

  readString(): string {
    return this.readText(this.checkLength(this.readInt16()))
  }

  readNullableString(): string | null {
    const length = this.readInt16()
    return length === -1 ? null : this.readText(this.checkLength(length))
  }

  readCompactString(): string {
    return this.readText(this.checkLength(this.readUnsignedVarint() - 1))
  }

  readCompactNullableString(): string | null {
    const length = this.readUnsignedVarint() - 1
    return length === -1 ? null : this.readText(this.checkLength(length))
  }

  /** A copy: it outlives the frame. */
  readBytes(): Uint8Array {
    return this.copyBytes(this.checkLength(this.readInt32()))
  }

  readNullableBytes(): Uint8Array | null {
    const length = this.readInt32()
    return length === -1 ? null : this.copyBytes(this.checkLength(length))
  }

  readCompactBytes(): Uint8Array {
    return this.copyBytes(this.checkLength(this.readUnsignedVarint() - 1))
  }

  readCompactNullableBytes(): Uint8Array | null {
    const length = this.readUnsignedVarint() - 1
    return length === -1 ? null : this.copyBytes(this.checkLength(length))
  }

  /** Views of the frame's chunks, in order: valid as long as the frame is. */
  readRecords(): readonly Uint8Array[] | null {
    const length = this.readInt32()
    return length === -1 ? null : this.viewChunks(this.checkLength(length))
  }

  readCompactRecords(): readonly Uint8Array[] | null {
    const length = this.readUnsignedVarint() - 1
    return length === -1 ? null : this.viewChunks(this.checkLength(length))
  }

  /** `minimumBytes` is the least that one element takes on the wire. */
  readArrayLength(minimumBytes: number): number {
    return this.checkCount(this.readInt32(), minimumBytes)
  }

  /** -1 is null, and so is any negative count, as in Kafka. */
  readNullableArrayLength(minimumBytes: number): number {
    const count = this.readInt32()
    return count < 0 ? -1 : this.checkCount(count, minimumBytes)
  }

  readCompactArrayLength(minimumBytes: number): number {
    return this.checkCount(this.readUnsignedVarint() - 1, minimumBytes)
  }

  readCompactNullableArrayLength(minimumBytes: number): number {
    const count = this.readUnsignedVarint() - 1
    return count === -1 ? -1 : this.checkCount(count, minimumBytes)
  }

  /** The marker before a nullable struct. */
  readPresence(): boolean {
    const marker = this.readInt8()
    if (marker === 1) return true
    if (marker === -1) return false
    throw new ProtocolError(`presence marker ${marker} is neither 1 nor -1`)
  }

  /** The size of a tagged field's value; returns what must remain behind it. */
  readTaggedEnd(): number {
    const length = this.checkLength(this.readUnsignedVarint())
    return this.remaining - length
  }

  /** Fails unless the tagged field's value was exactly as long as it said. */
  expectTaggedEnd(remaining: number): void {
    if (this.remaining === remaining) return
    throw new ProtocolError(
      `tagged field is ${Math.abs(this.remaining - remaining)} bytes ` +
        `${this.remaining > remaining ? 'longer' : 'shorter'} than its value`,
    )
  }

  /** Leaves out an unknown tagged field. */
  skipTo(remaining: number): void {
    this.skip(this.remaining - remaining)
  }

  /** All tagged fields of a struct that knows none. */
  skipTaggedFields(): void {
    for (let count = this.readUnsignedVarint(); count > 0; count--) {
      this.readUnsignedVarint()
      this.skip(this.checkLength(this.readUnsignedVarint()))
    }
  }

  private readRoundedInt64(): number {
    const at = this.position
    if (at + 8 > this.limit) {
      const whole = this.gather(8)
      return whole.getInt32(0) * TWO_POW_32 + whole.getUint32(4)
    }
    this.position = at + 8
    return this.view.getInt32(at) * TWO_POW_32 + this.view.getUint32(at + 4)
  }

  private readText(sizeBytes: number): string {
    const at = this.position
    if (at + sizeBytes > this.limit) return textFrom(this.copyBytes(sizeBytes), 0, sizeBytes)
    this.position = at + sizeBytes
    return textFrom(this.chunk, at, at + sizeBytes)
  }

  private checkLength(sizeBytes: number): number {
    if (sizeBytes < 0) throw new ProtocolError(`length ${sizeBytes} is not allowed`)
    if (sizeBytes > this.remaining) {
      throw new ProtocolError(`length ${sizeBytes} exceeds the ${this.remaining} bytes left`)
    }
    return sizeBytes
  }

  private checkCount(count: number, minimumBytes: number): number {
    if (count < 0) throw new ProtocolError(`count ${count} is not allowed`)
    if (count * minimumBytes > this.remaining) {
      throw new ProtocolError(`count ${count} does not fit into the ${this.remaining} bytes left`)
    }
    return count
  }

  private skip(sizeBytes: number): void {
    let left = sizeBytes
    while (left > this.limit - this.position) {
      left -= this.limit - this.position
      this.advanceOrFail()
    }
    this.position += left
  }

  private copyBytes(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.remaining) throw this.outOfBytes(sizeBytes)
    const copy = new Uint8Array(sizeBytes)
    let filled = 0
    while (filled < sizeBytes) {
      if (this.position >= this.limit) this.advanceOrFail()
      const end = Math.min(this.limit, this.position + sizeBytes - filled)
      copy.set(this.chunk.subarray(this.position, end), filled)
      filled += end - this.position
      this.position = end
    }
    return copy
  }

  private viewChunks(sizeBytes: number): readonly Uint8Array[] {
    const views: Uint8Array[] = []
    let left = sizeBytes
    while (left > 0) {
      if (this.position >= this.limit) this.advanceOrFail()
      const end = Math.min(this.limit, this.position + left)
      views.push(this.chunk.subarray(this.position, end))
      left -= end - this.position
      this.position = end
    }
    return views
  }

  /** A fixed-size value that the current chunk does not hold whole. */
  private gather(sizeBytes: number): DataView {
    if (sizeBytes > this.remaining) throw this.outOfBytes(sizeBytes)
    for (let index = 0; index < sizeBytes; index++) gathered.setUint8(index, this.readUint8())
    return gathered
  }

  private advanceOrFail(): void {
    if (!this.advance()) throw this.outOfBytes(1)
  }

  /** Moves to the next chunk that is not empty. */
  private advance(): boolean {
    for (;;) {
      const chunk = this.chunks[this.nextChunk]
      if (chunk === undefined) return false
      this.nextChunk++
      if (chunk.byteLength === 0) continue
      this.chunk = chunk
      this.view = viewOf(chunk)
      this.position = 0
      this.limit = chunk.byteLength
      this.behind -= chunk.byteLength
      return true
    }
  }

  private outOfBytes(wanted: number): ProtocolError {
    return new ProtocolError(`needs ${wanted} bytes, ${this.remaining} are left`)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
