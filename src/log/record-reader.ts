// Reads the records section of a batch (KIP-98), decompressed. Throws a RangeError where the bytes end
// too early: the batch was not validated.

export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

export interface RawRecord {
  readonly offsetDelta: number
  readonly timestampDelta: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

const decoder = new TextDecoder()

export class RecordReader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  next(): RawRecord {
    this.#varint() // length in bytes
    this.#byte() // attributes, unused
    const timestampDelta = this.#varint()
    const offsetDelta = this.#varint()
    const key = this.#nullableBytes()
    const value = this.#nullableBytes()
    const headers: RecordHeader[] = []
    for (let left = this.#varint(); left > 0; left--) {
      const name = decoder.decode(this.#nullableBytes() ?? undefined)
      headers.push({ key: name, value: this.#nullableBytes() })
    }
    return { offsetDelta, timestampDelta, key, value, headers }
  }

  #byte(): number {
    const byte = this.#bytes[this.#position]
    if (byte === undefined) throw new RangeError(`records end at byte ${this.#position}`)
    this.#position += 1
    return byte
  }

  /** A zigzag varint of up to 64 bits; exact up to 2^53. */
  #varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) break
      scale *= 0x80
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  #nullableBytes(): Uint8Array | null {
    const length = this.#varint()
    if (length < 0) return null
    const end = this.#position + length
    if (end > this.#bytes.length) throw new RangeError(`records end before byte ${end}`)
    const bytes = this.#bytes.subarray(this.#position, end)
    this.#position = end
    return bytes
  }
}
