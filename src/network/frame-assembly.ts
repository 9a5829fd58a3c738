// A frame of known size that has not arrived whole. Its memory follows the bytes that came, never the
// length that was announced.

/** Smaller slices are gathered into a block. */
const GATHER_BELOW_BYTES = 4096
/** A slice is kept as it is when it is at least this share of the memory it holds on to. */
const MIN_SHARE_OF_BUFFER = 1 / 4
const FIRST_BLOCK_BYTES = 512
const MAX_BLOCK_BYTES = 65_536

/** Whether to keep `slice` as it is, or to copy it. */
export function mayKeep(slice: Uint8Array, isBorrowed: boolean): boolean {
  return (
    !isBorrowed &&
    slice.length >= GATHER_BELOW_BYTES &&
    slice.length >= slice.buffer.byteLength * MIN_SHARE_OF_BUFFER
  )
}

export class FrameAssembly {
  private chunks: Uint8Array[] = []
  private block: Uint8Array | undefined
  private blockUsed = 0
  private blockBytes = 0
  private size = 0
  private received = 0

  get sizeBytes(): number {
    return this.size
  }

  get receivedBytes(): number {
    return this.received
  }

  get missingBytes(): number {
    return this.size - this.received
  }

  begin(sizeBytes: number): void {
    this.size = sizeBytes
    this.received = 0
    this.blockBytes = FIRST_BLOCK_BYTES
  }

  /** Some of the frame lies in this buffer, which is not the assembly's own. */
  retains(buffer: ArrayBufferLike): boolean {
    return this.chunks.some((chunk) => chunk.buffer === buffer)
  }

  /** Takes bytes that do not complete the frame, without keeping what is borrowed. */
  add(slice: Uint8Array, isBorrowed: boolean): void {
    const longer = isBorrowed ? undefined : this.withLast(slice)
    if (longer !== undefined) {
      this.chunks[this.chunks.length - 1] = longer
    } else if (mayKeep(slice, isBorrowed)) {
      this.closeBlock()
      this.chunks.push(slice)
      this.blockBytes = FIRST_BLOCK_BYTES
    } else {
      this.gather(slice)
    }
    this.received += slice.length
  }

  /** The whole frame with its last bytes, which are given on as they are. */
  finish(last: Uint8Array): readonly Uint8Array[] {
    const { chunks } = this
    this.received = 0
    this.size = 0
    if (chunks.length === 0 && this.block === undefined) return [last]
    const longer = this.withLast(last)
    if (longer === undefined) {
      this.closeBlock()
      chunks.push(last)
    } else {
      chunks[chunks.length - 1] = longer
    }
    this.chunks = []
    return chunks
  }

  /** The last chunk and what lies right behind it, as one. */
  private withLast(slice: Uint8Array): Uint8Array | undefined {
    const last = this.block === undefined ? this.chunks.at(-1) : undefined
    if (last?.buffer !== slice.buffer || last.byteOffset + last.length !== slice.byteOffset) {
      return undefined
    }
    return new Uint8Array(last.buffer, last.byteOffset, last.length + slice.length)
  }

  private gather(slice: Uint8Array): void {
    let from = 0
    while (from < slice.length) {
      const rest = slice.length - from
      const block = this.block ?? this.openBlock(rest, this.missingBytes - from)
      const take = Math.min(rest, block.length - this.blockUsed)
      block.set(
        from === 0 && take === rest ? slice : slice.subarray(from, from + take),
        this.blockUsed,
      )
      this.blockUsed += take
      from += take
      if (this.blockUsed === block.length) this.closeBlock()
    }
  }

  private openBlock(wanted: number, missing: number): Uint8Array {
    const size = Math.min(Math.max(wanted, this.blockBytes), missing)
    this.blockBytes = Math.min(MAX_BLOCK_BYTES, this.blockBytes * 2)
    this.block = Buffer.allocUnsafeSlow(size)
    this.blockUsed = 0
    return this.block
  }

  private closeBlock(): void {
    if (this.block === undefined) return
    if (this.blockUsed > 0) this.chunks.push(this.block.subarray(0, this.blockUsed))
    this.block = undefined
  }
}
