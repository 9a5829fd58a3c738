import { ProtocolError } from '../protocol-error.js'
import { HEADER_BYTES, OVERHEAD_BYTES } from './batch-format.js'

/**
 * The batches in what a Fetch answered, each in one piece: a view where it lies in one chunk, a copy
 * where it crosses a border. A batch that is cut off at the end is left out, as a broker may end an
 * answer in the middle of one.
 */
export function* splitBatches(chunks: readonly Uint8Array[]): Generator<Uint8Array, void, void> {
  const cursor = new ChunkCursor(chunks)
  while (cursor.remaining >= OVERHEAD_BYTES) {
    const sizeBytes = cursor.peekInt32(8) + OVERHEAD_BYTES
    if (sizeBytes < HEADER_BYTES) {
      throw new ProtocolError(`a record batch of ${sizeBytes} bytes is too short`)
    }
    if (sizeBytes > cursor.remaining) return
    yield cursor.take(sizeBytes)
  }
}

class ChunkCursor {
  remaining = 0
  private index = 0
  private position = 0

  constructor(private readonly chunks: readonly Uint8Array[]) {
    for (const chunk of chunks) this.remaining += chunk.byteLength
  }

  /** The number `distance` bytes ahead; it must be there. */
  peekInt32(distance: number): number {
    let value = 0
    for (let offset = distance; offset < distance + 4; offset++) {
      value = (value << 8) | this.peekByte(offset)
    }
    return value
  }

  /** `sizeBytes` must not exceed what remains. */
  take(sizeBytes: number): Uint8Array {
    this.remaining -= sizeBytes
    let chunk = this.current()
    if (this.position + sizeBytes <= chunk.byteLength) {
      this.position += sizeBytes
      return chunk.subarray(this.position - sizeBytes, this.position)
    }
    const joined = new Uint8Array(sizeBytes)
    let filled = 0
    while (filled < sizeBytes) {
      chunk = this.current()
      const piece = chunk.subarray(this.position, this.position + sizeBytes - filled)
      joined.set(piece, filled)
      filled += piece.byteLength
      this.position += piece.byteLength
    }
    return joined
  }

  private peekByte(distance: number): number {
    let at = this.position + distance
    for (let index = this.index; index < this.chunks.length; index++) {
      const chunk = this.chunks[index]
      if (chunk === undefined) break
      if (at < chunk.byteLength) return chunk[at] ?? 0
      at -= chunk.byteLength
    }
    return 0
  }

  /** The chunk with bytes left; there is one as long as anything remains. */
  private current(): Uint8Array {
    for (;;) {
      const chunk = this.chunks[this.index]
      if (chunk === undefined) throw new ProtocolError('no chunk is left')
      if (this.position < chunk.byteLength) return chunk
      this.index++
      this.position = 0
    }
  }
}
