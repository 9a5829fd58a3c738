// Goes through the records of one batch, checking every length against the bytes there are.
import { ProtocolError } from '../protocol-error.js'
import { textFrom } from '../text.js'
import {
  type Compression,
  type Crc32c,
  HEADER_BYTES,
  position,
  type RecordHeader,
} from './batch-format.js'
import { type BatchHeader, clamp, readBatchHeader } from './batch-header.js'
import { crc32c as tableCrc32c } from './crc32c.js'
import { RecordCursor } from './record-cursor.js'

const MAX_DECOMPRESSED_BYTES = 64 * 1024 * 1024
const NO_HEADERS: readonly RecordHeader[] = []
const SHORTEST_RECORD_BYTES = 7
const SHORTEST_HEADER_BYTES = 2

/** Gives the records of a compressed batch; more than `maxBytes` of them is an error. */
export type Decompressor = (
  compression: Exclude<Compression, 'uncompressed'>,
  compressed: Uint8Array,
  maxBytes: number,
) => Uint8Array

export interface ReadRecordsOptions {
  readonly decompress?: Decompressor
  readonly maxDecompressedBytes?: number
  /** A faster one than the table, where there is one. 'unchecked' trusts the batch. */
  readonly crc32c?: Crc32c | 'unchecked'
}

/** Its bytes are views of the batch, or of what was decompressed. */
export interface ReadRecord {
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

/** `batch` begins with a whole batch; what stands behind it is ignored. */
export function* readRecords(
  batch: Uint8Array,
  options: ReadRecordsOptions = {},
): Generator<ReadRecord, void, void> {
  const header = readBatchHeader(batch)
  const whole = batch.subarray(0, header.sizeBytes)
  if (options.crc32c !== 'unchecked') checkCrc(whole, header, options.crc32c ?? tableCrc32c)
  const cursor = new RecordCursor(recordBytes(whole, header, options))
  if (header.count < 0 || header.count * SHORTEST_RECORD_BYTES > cursor.remaining) {
    throw new ProtocolError(`${header.count} records do not fit into ${cursor.remaining} bytes`)
  }
  for (let index = 0; index < header.count; index++) yield readRecord(cursor, header)
  if (cursor.remaining !== 0) {
    throw new ProtocolError(`${cursor.remaining} bytes are left behind the last record`)
  }
}

function checkCrc(batch: Uint8Array, header: BatchHeader, crc32c: Crc32c): void {
  const computed = crc32c(batch, position.attributes)
  if (computed === header.crc) return
  throw new ProtocolError(
    `record batch at offset ${header.baseOffset} has the CRC ${header.crc}, not ${computed}`,
  )
}

function recordBytes(
  batch: Uint8Array,
  header: BatchHeader,
  options: ReadRecordsOptions,
): Uint8Array {
  const { compression } = header
  const bytes = batch.subarray(HEADER_BYTES)
  if (compression === 'uncompressed') return bytes
  if (options.decompress === undefined) {
    throw new ProtocolError(`records are compressed with ${compression}, which is not read here`)
  }
  const maxBytes = options.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES
  try {
    return options.decompress(compression, bytes, maxBytes)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new ProtocolError(`records cannot be decompressed with ${compression}: ${reason}`)
  }
}

function readRecord(cursor: RecordCursor, header: BatchHeader): ReadRecord {
  const length = cursor.readVarint()
  if (length < 0 || length > cursor.remaining) {
    throw new ProtocolError(`a record of ${length} bytes in ${cursor.remaining} bytes`)
  }
  const remainingBehind = cursor.remaining - length
  cursor.skipByte() // attributes: none are defined
  const timestampDelta = cursor.readVarlong()
  const offset = header.baseOffset + cursor.readVarint()
  const key = cursor.readBytes()
  const value = cursor.readBytes()
  const headers = readHeaders(cursor)
  if (cursor.remaining !== remainingBehind) {
    throw new ProtocolError(`record at offset ${offset} is not as long as it says`)
  }
  const timestampMs = header.isLogAppendTime
    ? header.maxTimestampMs
    : clamp(header.baseTimestampMs + timestampDelta)
  return { offset, timestampMs, key, value, headers }
}

function readHeaders(cursor: RecordCursor): readonly RecordHeader[] {
  const count = cursor.readVarint()
  if (count === 0) return NO_HEADERS
  if (count < 0 || count * SHORTEST_HEADER_BYTES > cursor.remaining) {
    throw new ProtocolError(`${count} headers do not fit into ${cursor.remaining} bytes`)
  }
  const headers: RecordHeader[] = []
  for (let index = 0; index < count; index++) {
    const key = cursor.readBytes()
    if (key === null) throw new ProtocolError("a header's key is null")
    headers.push({ key: textFrom(key, 0, key.byteLength), value: cursor.readBytes() })
  }
  return headers
}
