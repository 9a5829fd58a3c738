// The fields of a client's batch that its channel checks before the log checks all the rest.
import { HEADER_BYTES, OVERHEAD_BYTES, position } from '../../../protocol/records/batch-format.js'

export interface BatchFields {
  readonly sizeBytes: number
  readonly magic: number
  readonly lastOffsetDelta: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** undefined: shorter than a header. */
export function readBatchFields(batch: Uint8Array): BatchFields | undefined {
  if (batch.length < HEADER_BYTES) return undefined
  const view = new DataView(batch.buffer, batch.byteOffset, HEADER_BYTES)
  return {
    sizeBytes: view.getInt32(position.length) + OVERHEAD_BYTES,
    magic: view.getInt8(position.magic),
    lastOffsetDelta: view.getInt32(position.lastOffsetDelta),
    producerId:
      view.getInt32(position.producerId) * 2 ** 32 + view.getUint32(position.producerId + 4),
    producerEpoch: view.getInt16(position.producerEpoch),
    baseSequence: view.getInt32(position.baseSequence),
  }
}
