// What the rest of the broker sees of the log. `PartitionLog` is a thread's own view of a partition
// that the whole process shares: the handle is a number that any thread can attach to.
import type { Failure } from '../base/errors.js'

export type FlushPolicy = 'group' | 'interval' | 'os'
export type WriteMode = 'mmap' | 'pwrite'

export interface LogDirectoryOptions {
  readonly flush: FlushPolicy
  readonly flushIntervalMs: number
  readonly writeMode: WriteMode
}

/** The topic configs that the log acts on, parsed. Kafka's names in camel case, units last. */
export interface LogConfig {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly indexIntervalBytes: number
  readonly maxMessageBytes: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  readonly compression: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly compact: boolean
  readonly validateRecords: 'full' | 'header'
}

export interface AppendOptions {
  readonly origin: 'client' | 'replica' | 'coordinator'
  /** The caller's belief of the leader epoch; -1 does not check. */
  readonly leaderEpoch: number
}

export interface Appended {
  readonly ok: true
  readonly baseOffset: number
  readonly lastOffset: number
  /** -1 unless the topic stamps records on append. */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** An idempotent resend: the offsets are those of the first append. */
  readonly duplicate: boolean
}

export interface AppendFailed {
  readonly ok: false
  readonly failure: Failure
  /** Index of the offending record within its batch, or -1. */
  readonly recordIndex: number
}

export interface LogState {
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** Everything below is on disk. */
  readonly durableOffset: number
  /** What consumers may see: below it. */
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly leaderEpoch: number
  readonly sizeBytes: number
  readonly segments: number
  readonly offline: boolean
}

export interface ReadOptions {
  readonly offset: number
  readonly maxBytes: number
  /** A first batch larger than maxBytes is returned whole. */
  readonly atLeastOne: boolean
  readonly isolation: 'uncommitted' | 'committed' | 'logEnd'
}

export interface ReadOk {
  readonly status: 'ok'
  /** Whole batches, as views of the mapping; valid as long as they are referenced. */
  readonly chunks: readonly Uint8Array[]
  readonly sizeBytes: number
  readonly state: LogState
}

export type ReadResult =
  | ReadOk
  /** The bytes are not in memory: use readCold(). */
  | { readonly status: 'cold' }
  | { readonly status: 'failed'; readonly failure: Failure; readonly state: LogState }

export interface TimestampOffset {
  readonly timestampMs: number
  /** -1: no such record. */
  readonly offset: number
  readonly leaderEpoch: number
}

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface ProducerStateView {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestampMs: number
  readonly coordinatorEpoch: number
  readonly currentTxnFirstOffset: number
}

export interface RecoveryReport {
  readonly wasClean: boolean
  readonly scannedBytes: number
  readonly cutBytes: number
  readonly cutAtOffset: number
  readonly reason: string
  readonly quarantined: boolean
}

export interface PartitionLog {
  readonly handle: number
  /** "<topic>-<partition>" */
  readonly name: string
  /**
   * Validates and appends one or more whole record batches; a plain call of 1-2 µs. Not yet durable on
   * return: `state().durableOffset > lastOffset` says when.
   */
  append(
    records: Uint8Array | readonly Uint8Array[],
    options?: AppendOptions,
  ): Appended | AppendFailed
  read(options: ReadOptions): ReadResult
  /** The same off the event loop, for bytes that are not in memory. Never answers 'cold'. */
  readCold(options: ReadOptions): Promise<Exclude<ReadResult, { status: 'cold' }>>
  state(): LogState
  /** Cheaper than state(): what delayed produce and fetch ask on each wake-up. */
  durableOffset(): number
  highWatermark(): number
  offsetForTimestamp(timestampMs: number): Promise<TimestampOffset>
  maxTimestamp(): Promise<TimestampOffset>
  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number }
  setLeaderEpoch(leaderEpoch: number): void
  abortedTransactions(fromOffset: number, toOffset: number): readonly AbortedTransaction[]
  producers(): readonly ProducerStateView[]
  deleteRecords(
    beforeOffset: number,
  ): { ok: true; logStartOffset: number } | { ok: false; failure: Failure }
  truncateTo(offset: number): void
  configure(config: LogConfig): void
  /** Rolls by time, deletes by retention. Returns the number of segments deleted. Off the loop. */
  enforceRetention(): Promise<number>
  recovery(): RecoveryReport
}

export interface DirectoryStatistics {
  readonly appendedBytes: number
  readonly appendedBatches: number
  readonly appendedRecords: number
  readonly flushes: number
  readonly flushedBytes: number
  readonly flushSecondsTotal: number
  readonly flushSecondsMax: number
  readonly unwrittenBytes: number
  readonly openPartitions: number
  readonly mappedBytes: number
}

/** A data directory, opened once a process, closed by whoever opened it. */
export interface LogDirectory {
  readonly handle: number
  readonly path: string
  readonly wasClean: boolean
  offline(): boolean
  offlineReason(): string
  overBudget(): boolean
  partitionNames(): readonly string[]
  /**
   * Opens or creates a partition and returns its process-wide handle. Blocks this thread while it
   * recovers: after an unclean stop call openPartitions(), which uses the thread pool.
   */
  openPartition(name: string, config: LogConfig): PartitionLog
  openPartitions(
    wanted: readonly { name: string; config: LogConfig }[],
  ): Promise<readonly PartitionLog[]>
  deletePartition(name: string): Promise<void>
  /**
   * Cuts an open partition that was quarantined where it is bad, although what lies behind was on disk,
   * and serves it again. Only on a person's order.
   */
  repairPartition(name: string): Promise<RecoveryReport>
  flushAll(): Promise<void>
  /** Clean stop: flush, snapshots, trim, checkpoint, marker, unlock. Idempotent. */
  close(): Promise<void>
  statistics(): DirectoryStatistics
}

/**
 * Called at most once an event-loop turn of the thread that subscribed, with the partitions whose
 * log end, durable offset, high watermark, start offset or health moved since the last call.
 */
export type MovedListener = (handles: readonly number[]) => void
