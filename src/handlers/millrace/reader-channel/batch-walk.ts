// Walks whole record batches by their headers alone.

import {
  attribute,
  HEADER_BYTES,
  OVERHEAD_BYTES,
  position,
} from '../../../protocol/records/batch-format.js'

export interface WalkedBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly isControl: boolean
  readonly bytes: Uint8Array
}

export function* walkBatches(chunk: Uint8Array): Generator<WalkedBatch> {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
  let at = 0
  while (at + HEADER_BYTES <= chunk.length) {
    const end = at + OVERHEAD_BYTES + view.getInt32(at + position.length)
    if (end > chunk.length || end < at + HEADER_BYTES) return
    const baseOffset = view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4)
    const attributes = view.getInt16(at + position.attributes)
    yield {
      baseOffset,
      lastOffset: baseOffset + view.getInt32(at + position.lastOffsetDelta),
      leaderEpoch: view.getInt32(at + position.leaderEpoch),
      isControl: (attributes & attribute.control) !== 0,
      bytes: chunk.subarray(at, end),
    }
    at = end
  }
}

export interface ChunkEnd {
  readonly nextOffset: number
  readonly leaderEpoch: number
}

/** Where a chunk of whole batches ends; undefined: it holds none. No allocation a batch. */
export function findChunkEnd(chunk: Uint8Array): ChunkEnd | undefined {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
  let at = 0
  let last = -1
  while (at + HEADER_BYTES <= chunk.length) {
    last = at
    at +=
      OVERHEAD_BYTES + Math.max(view.getInt32(at + position.length), HEADER_BYTES - OVERHEAD_BYTES)
  }
  if (last < 0) return undefined
  const baseOffset = view.getInt32(last) * 2 ** 32 + view.getUint32(last + 4)
  return {
    nextOffset: baseOffset + view.getInt32(last + position.lastOffsetDelta) + 1,
    leaderEpoch: view.getInt32(last + position.leaderEpoch),
  }
}
