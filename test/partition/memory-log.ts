// A deliberate stand-in for the native log: what handlers and waits need of it, in memory, steered by
// the test. It checks nothing that it is given and keeps a batch as the bytes it got.
import { type Outcome, succeed } from '../../src/base/errors.js'
import type {
  AbortedTransaction,
  Appended,
  AppendFailed,
  InSyncSet,
  LogConfig,
  LogState,
  PartitionLog,
  ProducerStateView,
  ReadOptions,
  ReadResult,
  RecoveryReport,
  ReplicaProgress,
  ReplicaReport,
  TimestampOffset,
} from '../../src/log/types.js'

interface StoredBatch {
  readonly baseOffset: number
  readonly nextOffset: number
  readonly bytes: Uint8Array
}

export interface MemoryLogOptions {
  /** Appends become durable and visible at once, as under flush=os. */
  readonly settlesAtOnce?: boolean
  /** Records that an append counts; the default reads the count of a batch's header. */
  readonly recordsPerAppend?: number
}

export class MemoryLog implements PartitionLog {
  readonly batches: StoredBatch[] = []
  readonly aborted: AbortedTransaction[] = []
  readonly activeProducers: ProducerStateView[] = []
  start = 0
  end = 0
  durable = 0
  visible = 0
  stable: number | undefined
  epoch = 0
  inSync: InSyncSet | undefined
  progress: readonly ReplicaProgress[] = []
  readonly reports: ReplicaReport[] = []
  isOffline = false
  /** The next read answers 'cold'. */
  cold = false
  readColdCount = 0
  /** The next append answers this. */
  nextFailure: AppendFailed | undefined

  constructor(
    readonly handle: number,
    readonly name: string,
    private readonly options: MemoryLogOptions = {},
  ) {}

  append(records: Uint8Array | readonly Uint8Array[]): Appended | AppendFailed {
    const failure = this.nextFailure
    this.nextFailure = undefined
    if (failure !== undefined) return failure
    const bytes = records instanceof Uint8Array ? records.slice() : Buffer.concat(records)
    const count = this.options.recordsPerAppend ?? recordsCount(bytes)
    const baseOffset = this.end
    this.end += count
    this.batches.push({ baseOffset, nextOffset: this.end, bytes })
    if (this.options.settlesAtOnce !== false) this.settle()
    return {
      ok: true,
      baseOffset,
      lastOffset: this.end - 1,
      logAppendTimeMs: -1,
      logStartOffset: this.start,
      duplicate: false,
    }
  }

  /** All that was appended becomes durable and visible. */
  settle(): void {
    this.durable = this.end
    this.visible = this.end
  }

  read(options: ReadOptions): ReadResult {
    if (this.cold) return { status: 'cold' }
    return this.readHot(options)
  }

  readCold(options: ReadOptions): Promise<Exclude<ReadResult, { status: 'cold' }>> {
    this.readColdCount++
    this.cold = false
    return Promise.resolve(this.readHot(options))
  }

  state(): LogState {
    return {
      logStartOffset: this.start,
      logEndOffset: this.end,
      durableOffset: this.durable,
      highWatermark: this.visible,
      lastStableOffset: this.stable ?? this.visible,
      leaderEpoch: this.epoch,
      sizeBytes: this.batches.reduce((sum, b) => sum + b.bytes.length, 0),
      segments: 1,
      offline: this.isOffline,
    }
  }

  durableOffset(): number {
    return this.durable
  }

  highWatermark(): number {
    return this.visible
  }

  offsetForTimestamp(timestampMs: number): Promise<TimestampOffset> {
    const found = timestampMs < this.end ? timestampMs : -1
    return Promise.resolve({ timestampMs: found, offset: found, leaderEpoch: this.epoch })
  }

  maxTimestamp(): Promise<TimestampOffset> {
    return Promise.resolve({ timestampMs: 1000, offset: this.end - 1, leaderEpoch: this.epoch })
  }

  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number } {
    if (leaderEpoch > this.epoch) return { leaderEpoch: -1, endOffset: -1 }
    return { leaderEpoch, endOffset: this.end }
  }

  setLeaderEpoch(leaderEpoch: number): void {
    this.epoch = leaderEpoch
  }

  abortedTransactions(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    return this.aborted.filter((a) => a.firstOffset >= fromOffset && a.firstOffset < toOffset)
  }

  producers(): readonly ProducerStateView[] {
    return this.activeProducers
  }

  deleteRecords(beforeOffset: number): ReturnType<PartitionLog['deleteRecords']> {
    if (beforeOffset > this.visible) {
      return { ok: false, failure: { code: 'OFFSET_OUT_OF_RANGE', message: 'past the end' } }
    }
    this.start = Math.max(this.start, beforeOffset)
    return { ok: true, logStartOffset: this.start }
  }

  async truncateTo(offset: number): Promise<void> {
    this.end = offset
  }

  async truncateFullyAndStartAt(offset: number): Promise<void> {
    this.start = offset
    this.end = offset
  }

  lead(_localId: number, set: InSyncSet): Outcome<void> {
    this.inSync = set
    this.epoch = set.leaderEpoch
    return succeed(undefined)
  }

  follow(leaderEpoch: number): Outcome<void> {
    this.inSync = undefined
    this.epoch = leaderEpoch
    return succeed(undefined)
  }

  setInSync(set: InSyncSet): boolean {
    this.inSync = set
    return true
  }

  reportReplica(report: ReplicaReport): boolean {
    this.reports.push(report)
    return report.leaderEpoch === this.epoch
  }

  followHighWatermark(_leaderEpoch: number, highWatermark: number): boolean {
    this.visible = Math.min(highWatermark, this.end)
    return true
  }

  replicas(): readonly ReplicaProgress[] {
    return this.progress
  }

  lastEpoch(): number {
    return this.epoch
  }

  configure(_config: LogConfig): void {}

  enforceRetention(): Promise<number> {
    return Promise.resolve(0)
  }

  recovery(): RecoveryReport {
    return {
      wasClean: true,
      scannedBytes: 0,
      cutBytes: 0,
      cutAtOffset: -1,
      reason: '',
      quarantined: false,
    }
  }

  private readHot(options: ReadOptions): Exclude<ReadResult, { status: 'cold' }> {
    const state = this.state()
    const failure = { code: 'OFFSET_OUT_OF_RANGE', message: 'outside the log' } as const
    if (this.isOffline) {
      return { status: 'failed', failure: { code: 'STORAGE_FAILED', message: 'offline' }, state }
    }
    if (options.offset < this.start || options.offset > this.end) {
      return { status: 'failed', failure, state }
    }
    const limit =
      options.isolation === 'logEnd'
        ? state.logEndOffset
        : options.isolation === 'committed'
          ? state.lastStableOffset
          : state.highWatermark
    const chunks: Uint8Array[] = []
    let sizeBytes = 0
    for (const batch of this.batches) {
      if (batch.nextOffset <= options.offset || batch.baseOffset >= limit) continue
      const mayExceed = options.atLeastOne && chunks.length === 0
      if (sizeBytes + batch.bytes.length > options.maxBytes && !mayExceed) break
      chunks.push(batch.bytes)
      sizeBytes += batch.bytes.length
    }
    return { status: 'ok', chunks, sizeBytes, state }
  }
}

const RECORDS_COUNT_AT = 57

function recordsCount(batch: Uint8Array): number {
  if (batch.length < RECORDS_COUNT_AT + 4) return 1
  return new DataView(batch.buffer, batch.byteOffset).getInt32(RECORDS_COUNT_AT)
}
