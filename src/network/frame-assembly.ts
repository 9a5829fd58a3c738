// A frame of known size that has not arrived whole. Its memory follows the bytes that came, never the
// length that was announced.

/** Smaller slices are gathered into a block. */
const GATHER_BELOW_BYTES = 4096
/** A slice is kept as it is when it is at least this share of the memory it holds on to. */
const MIN_SHARE_OF_BUFFER = 1 / 4
const FIRST_BLOCK_BYTES = 512
const MAX_BLOCK_BYTES = 65_536

export class FrameAssembly {
  private chunks: Uint8Array[] = []
  private block: Uint8Array | undefined
  private blockUsed = 0
  private blockBytes = 0
  private size = 0
  private received = 0

  constructor(private readonly chunksAreBorrowed: boolean) {}

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

  /** Takes bytes that do not complete the frame, without keeping a borrowed chunk. */
  add(slice: Uint8Array): void {
    if (this.mayKeep(slice)) {
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
    this.closeBlock()
    this.chunks = []
    chunks.push(last)
    return chunks
  }

  private mayKeep(slice: Uint8Array): boolean {
    return (
      !this.chunksAreBorrowed &&
      slice.length >= GATHER_BELOW_BYTES &&
      slice.length >= slice.buffer.byteLength * MIN_SHARE_OF_BUFFER
    )
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
