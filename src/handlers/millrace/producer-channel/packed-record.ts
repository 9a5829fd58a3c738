// A record on its way into a batch.
import type { RecordHeader } from '../../../protocol/records/batch-format.js'

export interface PackedRecord {
  readonly timestampMs: number
  /** A string is written as UTF-8. */
  readonly key: Uint8Array | string | null
  readonly value: Uint8Array | string | null
  readonly headers: readonly RecordHeader[]
}

/** The varints of a record's lengths and deltas take at most this. */
const RECORD_OVERHEAD_BYTES = 40
const HEADER_OVERHEAD_BYTES = 10
const UTF8_BYTES_PER_CHARACTER = 3

/** No record takes more in a batch than this says. */
export function largestSizeOf(record: PackedRecord): number {
  let sizeBytes = RECORD_OVERHEAD_BYTES + largestBytes(record.key) + largestBytes(record.value)
  for (const { key, value } of record.headers) {
    sizeBytes += HEADER_OVERHEAD_BYTES + largestBytes(key) + largestBytes(value)
  }
  return sizeBytes
}

function largestBytes(content: Uint8Array | string | null): number {
  if (content === null) return 0
  return typeof content === 'string' ? content.length * UTF8_BYTES_PER_CHARACTER : content.length
}
