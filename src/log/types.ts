// What the rest of the broker sees of the log. `PartitionLog` is a thread's own view of a partition
// that the whole process shares: the handle is a number that any thread can attach to.
import type { Failure, Outcome } from '../base/errors.js'

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

export interface InSyncSet {
  readonly leaderEpoch: number
  readonly inSync: readonly number[]
  /** A change of the set that is being stored: both count (KIP-497). */
  readonly proposed: readonly number[]
  /** With fewer in sync the high watermark stands still (KIP-966). */
  readonly minInSync: number
}

/** Absolute values: one that is lost does no harm. */
export interface ReplicaReport {
  readonly brokerId: number
  readonly leaderEpoch: number
  /** From where it fetches. */
  readonly endOffset?: number
  readonly durableOffset?: number
  /** Not an earlier fetch that was parked and is looked at again. */
  readonly isNewFetch?: boolean
}

export interface ReplicaProgress {
  readonly brokerId: number
  /** -1: not reported in this epoch. */
  readonly endOffset: number
  readonly durableOffset: number
  /** For how long it has not had all that the leader had; no longer than the leader leads. */
  readonly lagMs: number
  /** It has all that is committed, and all that earlier epochs have left (KIP-320). */
  readonly mayJoin: boolean
  /** It is in sync, or in a set that is being stored. */
  readonly counts: boolean
  /** How long ago it certainly followed this epoch; -1: never. */
  readonly confirmedMs: number
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
  /** Cuts at a batch's beginning at or before `offset`; off the event loop. */
  truncateTo(offset: number): Promise<void>
  /** Everything goes; the next record has this offset. */
  truncateFullyAndStartAt(offset: number): Promise<void>
  /**
   * From now on clients write here, and the high watermark is what all in sync have promised: what is on
   * their disks under flush=group, else what they have fetched. A new epoch begins at the log's end and
   * forgets what was reported; told the same epoch again, only the set is taken. FENCED_LEADER_EPOCH below
   * the epoch that the log is in. Without lead() and follow() a partition is alone.
   */
  lead(localId: number, set: InSyncSet): Outcome<void>
  /** From now on only appends of origin 'replica' in this epoch are taken. */
  follow(leaderEpoch: number): Outcome<void>
  /** False, and without effect, when the partition is not led in this epoch; so are the next ones. */
  setInSync(set: InSyncSet): boolean
  reportReplica(report: ReplicaReport): boolean
  /** Raises a follower's high watermark, to the log's end at most. */
  followHighWatermark(leaderEpoch: number, highWatermark: number): boolean
  /** What followers have reported to the leader in this epoch; who is in sync and silent, too. */
  replicas(): readonly ReplicaProgress[]
  /** Of the last record, or of this leader where it is higher; -1: none. */
  lastEpoch(): number
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
