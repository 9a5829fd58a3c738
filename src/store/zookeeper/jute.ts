// ZooKeeper's encoding of primitive types ("jute"): big-endian, lengths of 32 bits, -1 for null.

const NO_BYTES = new Uint8Array(0)
const FIRST_BYTES = 256

export class JuteWriter {
  private bytes = new Uint8Array(FIRST_BYTES)
  private view = new DataView(this.bytes.buffer)
  private position = 0

  int(value: number): this {
    const at = this.reserve(4)
    this.view.setInt32(at, value)
    return this
  }

  long(value: bigint): this {
    const at = this.reserve(8)
    this.view.setBigInt64(at, value)
    return this
  }

  boolean(value: boolean): this {
    const at = this.reserve(1)
    this.view.setUint8(at, value ? 1 : 0)
    return this
  }

  buffer(value: Uint8Array): this {
    this.int(value.length)
    const at = this.reserve(value.length)
    this.bytes.set(value, at)
    return this
  }

  string(value: string): this {
    return this.buffer(new TextEncoder().encode(value))
  }

  /** Without a length before it. */
  raw(value: Uint8Array): this {
    const at = this.reserve(value.length)
    this.bytes.set(value, at)
    return this
  }

  /** What was written; the writer must not be used afterwards. */
  finish(): Uint8Array {
    return this.bytes.subarray(0, this.position)
  }

  private reserve(sizeBytes: number): number {
    const at = this.position
    const end = at + sizeBytes
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, end))
      grown.set(this.bytes.subarray(0, at))
      this.bytes = grown
      this.view = new DataView(grown.buffer)
    }
    this.position = end
    return at
  }
}

/**
 * Reads what a server sent, which may be anything. What does not fit into the bytes at hand is read as
 * zero or nothing and leaves the reader damaged: ask once, after the last field.
 */
export class JuteReader {
  damaged = false
  private readonly view: DataView
  private position = 0

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.bytes.length - this.position
  }

  int(): number {
    const at = this.take(4)
    return at === undefined ? 0 : this.view.getInt32(at)
  }

  long(): bigint {
    const at = this.take(8)
    return at === undefined ? 0n : this.view.getBigInt64(at)
  }

  boolean(): boolean {
    const at = this.take(1)
    return at !== undefined && this.view.getUint8(at) !== 0
  }

  /** A copy; null is read as empty, as ZooKeeper itself makes no difference. */
  buffer(): Uint8Array {
    const length = this.int()
    if (length === -1) return NO_BYTES
    const at = this.take(length)
    return at === undefined ? NO_BYTES : this.bytes.slice(at, at + length)
  }

  string(): string {
    return new TextDecoder().decode(this.buffer())
  }

  strings(): readonly string[] {
    const count = this.int()
    const texts: string[] = []
    // Each takes four bytes at least, so a false count ends with the bytes.
    for (let index = 0; index < count && !this.damaged; index++) texts.push(this.string())
    return texts
  }

  private take(sizeBytes: number): number | undefined {
    const at = this.position
    if (this.damaged || sizeBytes < 0 || sizeBytes > this.remaining) {
      this.damaged = true
      return undefined
    }
    this.position = at + sizeBytes
    return at
  }
}
