// Each message is a length of four bytes and as many bytes. What has arrived is kept in the pieces it
// came in until a frame is whole: nothing is allocated because a length claims it.

/** A directory's list of children may be far larger than any request. */
const MAX_FRAME_BYTES = 32 << 20
const LENGTH_BYTES = 4

export function frameOf(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LENGTH_BYTES + payload.length)
  new DataView(frame.buffer).setInt32(0, payload.length)
  frame.set(payload, LENGTH_BYTES)
  return frame
}

export class FrameSplitter {
  private pieces: Uint8Array[] = []
  private heldBytes = 0

  /** The frames that became whole; undefined when a length is impossible, and the stream is lost. */
  push(piece: Uint8Array): readonly Uint8Array[] | undefined {
    this.pieces.push(piece)
    this.heldBytes += piece.length
    const frames: Uint8Array[] = []
    while (this.heldBytes >= LENGTH_BYTES) {
      const head = this.join(LENGTH_BYTES)
      const length = new DataView(head.buffer, head.byteOffset).getInt32(0)
      if (length < 0 || length > MAX_FRAME_BYTES) return undefined
      const wholeBytes = LENGTH_BYTES + length
      if (this.heldBytes < wholeBytes) break
      const whole = this.join(wholeBytes)
      frames.push(whole.subarray(LENGTH_BYTES, wholeBytes))
      this.pieces[0] = whole.subarray(wholeBytes)
      this.heldBytes -= wholeBytes
    }
    return frames
  }

  /** The first piece, made at least so long; so many bytes must be held. */
  private join(sizeBytes: number): Uint8Array {
    const [first] = this.pieces
    if (first !== undefined && first.length >= sizeBytes) return first
    const joined = new Uint8Array(this.heldBytes)
    let at = 0
    for (const piece of this.pieces) {
      joined.set(piece, at)
      at += piece.length
    }
    this.pieces = [joined]
    return joined
  }
}
