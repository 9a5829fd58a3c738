// Records as an application writes and reads them.
import { decompress } from '../../log/log.js'
import type { LogState, PartitionLog } from '../../log/types.js'
import type { RecordHeader } from '../../protocol/records/batch-format.js'
import { type ReadRecord, readRecords } from '../../protocol/records/read-records.js'
import type { RecordBatchBuilder } from '../../protocol/records/record-batch-builder.js'
import { splitBatches } from '../../protocol/records/split-batches.js'

export interface EmbeddedRecord {
  readonly key?: Uint8Array | string | null
  readonly value: Uint8Array | string | null
  readonly headers?: readonly RecordHeader[]
  /** Default: now. */
  readonly timestampMs?: number
}

export type StoredRecord = ReadRecord

export interface ReadOptions {
  readonly offset: number
  /** About as much is returned, and at least one batch; default 1 MiB. */
  readonly maxBytes?: number
}

export interface ReadRecords {
  readonly records: readonly StoredRecord[]
  /** Where to read on. */
  readonly nextOffset: number
  readonly state: LogState
}

const DEFAULT_READ_BYTES = 1024 * 1024
const NO_HEADERS: readonly RecordHeader[] = []

/** The builder's own memory: stored before the next record is built. */
export function buildBatch(
  builder: RecordBatchBuilder,
  records: readonly EmbeddedRecord[],
  nowMs: number,
): Uint8Array {
  builder.reset()
  for (const { key = null, value, headers = NO_HEADERS, timestampMs = nowMs } of records) {
    builder.append(key, value, headers, timestampMs)
  }
  return builder.buildInPlace()
}

export async function readFrom(
  log: PartitionLog,
  { offset, maxBytes = DEFAULT_READ_BYTES }: ReadOptions,
) {
  const asked = { offset, maxBytes, atLeastOne: true, isolation: 'uncommitted' } as const
  const warm = log.read(asked)
  return warm.status === 'cold' ? log.readCold(asked) : warm
}

/** The records at `offset` and behind it: a batch begins before an offset in its middle. */
export function recordsFrom(chunks: readonly Uint8Array[], offset: number): StoredRecord[] {
  const records: StoredRecord[] = []
  for (const batch of splitBatches(chunks)) {
    for (const record of readRecords(batch, { crc32c: 'unchecked', decompress })) {
      if (record.offset >= offset) records.push(record)
    }
  }
  return records
}
