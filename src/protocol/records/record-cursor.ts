import { ProtocolError } from '../protocol-error.js'

const LONGEST_VARINT = 5
const LONGEST_VARLONG = 10

/** Reads the parts of records, one after the other. */
export class RecordCursor {
  private at = 0
  private readonly end: number

  constructor(private readonly bytes: Uint8Array) {
    this.end = bytes.byteLength
  }

  get remaining(): number {
    return this.end - this.at
  }

  skipByte(): void {
    this.readByte()
  }

  readVarint(): number {
    const first = this.readByte()
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let value = first & 0x7f
    for (let index = 1; index < LONGEST_VARINT; index++) {
      const byte = this.readByte()
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw new ProtocolError('varint is longer than 32 bits')
  }

  /** Rounded where a number does not hold it. */
  readVarlong(): number {
    let value = 0
    let factor = 1
    for (let index = 0; index < LONGEST_VARLONG; index++) {
      const byte = this.readByte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      factor *= 0x80
    }
    throw new ProtocolError('varint is longer than 64 bits')
  }

  /** A length and as many bytes, as a view; null for the length -1. */
  readBytes(): Uint8Array | null {
    const length = this.readVarint()
    if (length === -1) return null
    if (length < 0 || length > this.remaining) {
      throw new ProtocolError(`length ${length} exceeds the ${this.remaining} bytes left`)
    }
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }

  private readByte(): number {
    if (this.at >= this.end) throw new ProtocolError('the records end in the middle of one')
    return this.bytes[this.at++] ?? 0
  }
}
