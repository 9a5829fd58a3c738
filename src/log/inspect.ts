// What a .log file holds, for `millrace log dump` and `verify`. Needs no open directory; changes nothing.
import { awaiting } from './codes.js'
import { loadAddon, type NativeBatch, type NativeInspection } from './native.js'
import { type RecordHeader, RecordReader } from './record-reader.js'

/** A batch and, in `problem`, what is wrong with it. */
export type SegmentBatch = NativeBatch

/**
 * Where the batches stop: the file ends, preallocated zeros follow, or something else ('torn': part of
 * a batch, or no batch at all).
 */
export interface SegmentEnd {
  readonly reason: Exclude<NativeInspection['end'], 'more'>
  readonly position: number
  readonly fileBytes: number
}

export interface SegmentRecord {
  readonly offset: number
  readonly timestampMs: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

/** Batches asked for in one native call. */
const batchesPerCall = 512
/** More than this in one batch is not printed. */
const maxRecordsBytes = 1024 * 1024 * 1024

/** Every batch from `fromPosition` on, good or bad; returns where they stop. */
export async function* inspectSegment(
  path: string,
  fromPosition = 0,
): AsyncGenerator<SegmentBatch, SegmentEnd, void> {
  const addon = loadAddon()
  let position = fromPosition
  for (;;) {
    const found = await awaiting(() => addon.inspectSegment(path, position, batchesPerCall))
    yield* found.batches
    position = found.nextPosition
    if (found.end !== 'more') return { reason: found.end, position, fileBytes: found.fileBytes }
  }
}

/** The records of a batch that inspectSegment() found without a problem, decompressed. */
export async function readBatchRecords(
  path: string,
  batch: SegmentBatch,
): Promise<readonly SegmentRecord[]> {
  const addon = loadAddon()
  const bytes = await awaiting(() => addon.batchRecords(path, batch.position, maxRecordsBytes))
  const reader = new RecordReader(new Uint8Array(bytes))
  return Array.from({ length: batch.recordsCount }, () => {
    const { offsetDelta, timestampDelta, key, value, headers } = reader.next()
    const timestampMs = batch.isLogAppendTime
      ? batch.maxTimestampMs
      : batch.baseTimestampMs + timestampDelta
    return { offset: batch.baseOffset + offsetDelta, timestampMs, key, value, headers }
  })
}
