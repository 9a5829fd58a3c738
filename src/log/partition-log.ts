// A thread's view of one partition: what the addon answers in codes and numbers becomes the values of
// types.ts.
import { type Outcome, succeed } from '../base/errors.js'
import { awaiting, calling, resultCode, toFailure } from './codes.js'
import { loadAddon, type NativeAddon, type NativeColdRead, place } from './native.js'
import { isolationNumbers, originNumbers, toNativeLogConfig } from './native-options.js'
import type {
  AbortedTransaction,
  Appended,
  AppendFailed,
  AppendOptions,
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
} from './types.js'
import { WindowCache } from './window-cache.js'

/** External memory of all mapped windows that one thread keeps at hand. */
const windowCacheBytes = 256 * 1024 * 1024

const clientAppend: AppendOptions = { origin: 'client', leaderEpoch: -1 }
const noChunks: readonly Uint8Array[] = []

const closedState: LogState = {
  logStartOffset: -1,
  logEndOffset: -1,
  durableOffset: -1,
  highWatermark: -1,
  lastStableOffset: -1,
  leaderEpoch: -1,
  sizeBytes: 0,
  segments: 0,
  offline: true,
}

const windows = new WindowCache(windowCacheBytes)
const attached = new Map<number, NativePartitionLog>()

/** The partition with this process-wide handle; one object a thread. Throws when it is not open. */
export function attachPartition(handle: number): PartitionLog {
  let partition = attached.get(handle)
  if (partition === undefined) {
    const addon = loadAddon()
    const name = calling(() => addon.partitionName(handle))
    partition = new NativePartitionLog(addon, handle, name)
    attached.set(handle, partition)
  }
  return partition
}

/** Forgets what this thread keeps of a partition that was deleted or closed. */
export function detachPartition(handle: number): void {
  attached.delete(handle)
  windows.dropPartition(handle)
}

class NativePartitionLog implements PartitionLog {
  readonly handle: number
  readonly name: string
  readonly #addon: NativeAddon
  readonly #results: Float64Array

  constructor(addon: NativeAddon, handle: number, name: string) {
    this.handle = handle
    this.name = name
    this.#addon = addon
    this.#results = addon.results
  }

  append(
    records: Uint8Array | readonly Uint8Array[],
    options: AppendOptions = clientAppend,
  ): Appended | AppendFailed {
    const origin = originNumbers[options.origin]
    const code = this.#addon.append(this.handle, records, origin, options.leaderEpoch)
    if (code !== resultCode.ok) return this.#appendFailed(code)
    const results = this.#results
    return {
      ok: true,
      baseOffset: numberAt(results, place.baseOffset),
      lastOffset: numberAt(results, place.lastOffset),
      logAppendTimeMs: numberAt(results, place.logAppendTimeMs),
      logStartOffset: numberAt(results, place.logStartOffset),
      duplicate: results[place.duplicate] === 1,
    }
  }

  #appendFailed(code: number): AppendFailed {
    const { message, recordIndex } = this.#addon.lastFailure()
    return { ok: false, failure: toFailure(code, message), recordIndex }
  }

  read(options: ReadOptions): ReadResult {
    const code = this.#addon.read(
      this.handle,
      options.offset,
      options.maxBytes,
      options.atLeastOne ? 1 : 0,
      isolationNumbers[options.isolation],
    )
    if (code === resultCode.cold) return { status: 'cold' }
    if (code !== resultCode.ok) {
      const failure = toFailure(code, this.#addon.lastFailure().message)
      const state = code === resultCode.closed ? closedState : toState(this.#results)
      return { status: 'failed', failure, state }
    }
    const sizeBytes = numberAt(this.#results, place.readSizeBytes)
    const state = toState(this.#results)
    const chunks = sizeBytes === 0 ? noChunks : [this.#view(sizeBytes)]
    return { status: 'ok', chunks, sizeBytes, state }
  }

  #view(sizeBytes: number): Uint8Array {
    const windowId = numberAt(this.#results, place.windowId)
    if (windowId < 0) return new Uint8Array(this.#addon.takeCopy())
    const offset = numberAt(this.#results, place.windowOffset)
    let window = windows.find(windowId, offset + sizeBytes)
    if (window === undefined) {
      window = this.#addon.takeWindow()
      windows.add(windowId, this.handle, window)
    }
    return new Uint8Array(window, offset, sizeBytes)
  }

  async readCold(options: ReadOptions): Promise<Exclude<ReadResult, { status: 'cold' }>> {
    const cold: NativeColdRead = await this.#addon.readCold(
      this.handle,
      options.offset,
      options.maxBytes,
      options.atLeastOne ? 1 : 0,
      isolationNumbers[options.isolation],
    )
    const state = cold.code === resultCode.closed ? closedState : toState(cold.state)
    if (cold.code !== resultCode.ok) {
      return { status: 'failed', failure: toFailure(cold.code, cold.message), state }
    }
    const chunks = cold.bytes === undefined ? noChunks : [new Uint8Array(cold.bytes)]
    return { status: 'ok', chunks, sizeBytes: cold.bytes?.byteLength ?? 0, state }
  }

  state(): LogState {
    const code = this.#addon.state(this.handle)
    return code === resultCode.ok ? toState(this.#results) : closedState
  }

  durableOffset(): number {
    return this.#addon.durableOffset(this.handle)
  }

  highWatermark(): number {
    return this.#addon.highWatermark(this.handle)
  }

  offsetForTimestamp(timestampMs: number): Promise<TimestampOffset> {
    return awaiting(() => this.#addon.offsetForTimestamp(this.handle, timestampMs))
  }

  maxTimestamp(): Promise<TimestampOffset> {
    return awaiting(() => this.#addon.maxTimestamp(this.handle))
  }

  endOffsetForEpoch(leaderEpoch: number): { leaderEpoch: number; endOffset: number } {
    return calling(() => this.#addon.endOffsetForEpoch(this.handle, leaderEpoch))
  }

  setLeaderEpoch(leaderEpoch: number): void {
    calling(() => this.#addon.setLeaderEpoch(this.handle, leaderEpoch))
  }

  abortedTransactions(fromOffset: number, toOffset: number): readonly AbortedTransaction[] {
    return calling(() => this.#addon.abortedTransactions(this.handle, fromOffset, toOffset))
  }

  producers(): readonly ProducerStateView[] {
    return calling(() => this.#addon.producers(this.handle))
  }

  deleteRecords(beforeOffset: number): ReturnType<PartitionLog['deleteRecords']> {
    const code = calling(() => this.#addon.deleteRecords(this.handle, beforeOffset))
    if (code !== resultCode.ok) {
      return { ok: false, failure: toFailure(code, this.#addon.lastFailure().message) }
    }
    return { ok: true, logStartOffset: this.state().logStartOffset }
  }

  truncateTo(offset: number): Promise<void> {
    return awaiting(() => this.#addon.truncateTo(this.handle, offset))
  }

  truncateFullyAndStartAt(offset: number): Promise<void> {
    return awaiting(() => this.#addon.truncateFullyAndStartAt(this.handle, offset))
  }

  lead(localId: number, set: InSyncSet): Outcome<void> {
    return this.#outcome(calling(() => this.#addon.lead(this.handle, localId, set)))
  }

  follow(leaderEpoch: number): Outcome<void> {
    return this.#outcome(calling(() => this.#addon.follow(this.handle, leaderEpoch)))
  }

  #outcome(code: number): Outcome<void> {
    if (code === resultCode.ok) return succeed(undefined)
    return { ok: false, failure: toFailure(code, this.#addon.lastFailure().message) }
  }

  setInSync(set: InSyncSet): boolean {
    return calling(() => this.#addon.setInSync(this.handle, set))
  }

  reportReplica(report: ReplicaReport): boolean {
    const { brokerId, leaderEpoch, endOffset = -1, durableOffset = -1 } = report
    const isNewFetch = report.isNewFetch === true
    return calling(() =>
      this.#addon.reportReplica(
        this.handle,
        brokerId,
        leaderEpoch,
        endOffset,
        durableOffset,
        isNewFetch,
      ),
    )
  }

  followHighWatermark(leaderEpoch: number, highWatermark: number): boolean {
    return calling(() => this.#addon.followHighWatermark(this.handle, leaderEpoch, highWatermark))
  }

  replicas(): readonly ReplicaProgress[] {
    return calling(() => this.#addon.replicas(this.handle))
  }

  lastEpoch(): number {
    return calling(() => this.#addon.lastEpoch(this.handle))
  }

  configure(config: LogConfig): void {
    calling(() => this.#addon.configure(this.handle, toNativeLogConfig(config)))
  }

  enforceRetention(): Promise<number> {
    return awaiting(() => this.#addon.enforceRetention(this.handle))
  }

  recovery(): RecoveryReport {
    return calling(() => this.#addon.recovery(this.handle))
  }
}

function numberAt(results: Float64Array, index: number): number {
  return results[index] ?? 0
}

function toState(results: Float64Array): LogState {
  return {
    logStartOffset: numberAt(results, place.logStartOffset),
    logEndOffset: numberAt(results, place.logEndOffset),
    durableOffset: numberAt(results, place.durableOffset),
    highWatermark: numberAt(results, place.highWatermark),
    lastStableOffset: numberAt(results, place.lastStableOffset),
    leaderEpoch: numberAt(results, place.leaderEpoch),
    sizeBytes: numberAt(results, place.sizeBytes),
    segments: numberAt(results, place.segments),
    offline: results[place.offline] === 1,
  }
}
