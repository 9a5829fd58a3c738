import { ProtocolError } from '../protocol-error.js'
import {
  attribute,
  type Compression,
  compressions,
  HEADER_BYTES,
  MAGIC,
  OVERHEAD_BYTES,
  position,
} from './batch-format.js'

export interface BatchHeader {
  readonly baseOffset: number
  /** Of the whole batch. */
  readonly sizeBytes: number
  readonly leaderEpoch: number
  readonly crc: number
  readonly compression: Compression
  readonly isLogAppendTime: boolean
  readonly isTransactional: boolean
  /** Its records are the broker's own marks, such as the end of a transaction. */
  readonly isControl: boolean
  readonly lastOffset: number
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly count: number
}

/** Reads the header of the batch that begins at `at`; the whole batch must be there. */
export function readBatchHeader(bytes: Uint8Array, at = 0): BatchHeader {
  if (bytes.byteLength - at < HEADER_BYTES) {
    throw new ProtocolError(`a record batch needs ${HEADER_BYTES} bytes`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at)
  const sizeBytes = view.getInt32(position.length) + OVERHEAD_BYTES
  if (sizeBytes < HEADER_BYTES || sizeBytes > view.byteLength) {
    throw new ProtocolError(`a record batch of ${sizeBytes} bytes in ${view.byteLength} bytes`)
  }
  const magic = view.getInt8(position.magic)
  if (magic !== MAGIC) throw new ProtocolError(`record batch format ${magic} is not ${MAGIC}`)
  const attributes = view.getUint16(position.attributes)
  const baseOffset = offsetAt(view)
  return {
    baseOffset,
    sizeBytes,
    leaderEpoch: view.getInt32(position.leaderEpoch),
    crc: view.getUint32(position.crc),
    compression: compressionOf(attributes),
    isLogAppendTime: (attributes & attribute.logAppendTime) !== 0,
    isTransactional: (attributes & attribute.transactional) !== 0,
    isControl: (attributes & attribute.control) !== 0,
    lastOffset: baseOffset + view.getInt32(position.lastOffsetDelta),
    baseTimestampMs: clampedInt64(view, position.baseTimestamp),
    maxTimestampMs: clampedInt64(view, position.maxTimestamp),
    producerId: clampedInt64(view, position.producerId),
    producerEpoch: view.getInt16(position.producerEpoch),
    baseSequence: view.getInt32(position.baseSequence),
    count: view.getInt32(position.count),
  }
}

function compressionOf(attributes: number): Compression {
  const number = attributes & attribute.compressionMask
  const compression = compressions[number]
  if (compression === undefined) throw new ProtocolError(`compression ${number} is unknown`)
  return compression
}

function offsetAt(view: DataView): number {
  const offset = int64(view, position.baseOffset)
  if (!Number.isSafeInteger(offset)) throw new ProtocolError(`offset ${offset} is out of range`)
  return offset
}

// A wild timestamp must not make a record unreadable.
function clampedInt64(view: DataView, at: number): number {
  return clamp(int64(view, at))
}

export function clamp(value: number): number {
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER)
}

function int64(view: DataView, at: number): number {
  return view.getInt32(at) * 0x1_0000_0000 + view.getUint32(at + 4)
}
