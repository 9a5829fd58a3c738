// The addon's verbs with their types, and where it is found. Nothing outside src/log imports this.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type {
  AbortedTransaction,
  DirectoryStatistics,
  InSyncSet,
  ProducerStateView,
  RecoveryReport,
  ReplicaProgress,
  TimestampOffset,
} from './types.js'

/** Places in `NativeAddon.results`; native/binding/environment.h has the same list. */
export const place = {
  logStartOffset: 0,
  logEndOffset: 1,
  durableOffset: 2,
  highWatermark: 3,
  lastStableOffset: 4,
  leaderEpoch: 5,
  sizeBytes: 6,
  segments: 7,
  offline: 8,
  baseOffset: 9,
  lastOffset: 10,
  logAppendTimeMs: 11,
  duplicate: 12,
  readSizeBytes: 13,
  windowId: 14,
  windowOffset: 15,
} as const

/** A thread's own number of a directory or a partition of the process. */
export type Handle = number
type Bytes = Uint8Array | readonly Uint8Array[]

export interface NativeDirectoryOptions {
  readonly flush: number
  readonly flushIntervalMs: number
  readonly writeMode: number
}

export interface NativeLogConfig {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly retentionBytes: number
  readonly retentionMs: number
  readonly indexIntervalBytes: number
  readonly maxMessageBytes: number
  readonly timestampType: number
  readonly timestampBeforeMaxMs: number
  readonly timestampAfterMaxMs: number
  readonly compression: number
  readonly compact: boolean
  readonly validateRecords: number
}

export interface NativeColdRead {
  readonly code: number
  readonly message: string
  readonly state: Float64Array
  readonly bytes?: ArrayBuffer
}

export interface NativeBatch {
  readonly position: number
  readonly sizeBytes: number
  readonly baseOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly magic: number
  readonly crc: number
  readonly compression: number
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly isLogAppendTime: boolean
  readonly baseTimestampMs: number
  readonly maxTimestampMs: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordsCount: number
  readonly problem?: string
}

export interface NativeInspection {
  readonly batches: readonly NativeBatch[]
  readonly end: 'more' | 'end' | 'zeros' | 'torn'
  readonly nextPosition: number
  readonly fileBytes: number
}

/** Functions that answer `code` leave their numbers in `results` until the next call. */
export interface NativeAddon {
  readonly results: Float64Array

  openDirectory(path: string, options: NativeDirectoryOptions): Handle
  directoryInfo(directory: Handle): { path: string; wasClean: boolean }
  offlineReason(directory: Handle): string | undefined
  overBudget(directory: Handle): boolean
  partitionNames(directory: Handle): string[]
  openPartition(directory: Handle, name: string, config: NativeLogConfig): Handle
  deletePartition(directory: Handle, name: string): Promise<void>
  repairPartition(directory: Handle, name: string): Promise<RecoveryReport>
  flushAll(directory: Handle): Promise<void>
  closeDirectory(directory: Handle): Promise<void>
  statistics(directory: Handle): DirectoryStatistics
  lockDirectory(path: string): () => void

  append(partition: Handle, records: Bytes, origin: number, leaderEpoch: number): number
  lastFailure(): { message: string; recordIndex: number }
  state(partition: Handle): number
  durableOffset(partition: Handle): number
  highWatermark(partition: Handle): number

  read(
    partition: Handle,
    offset: number,
    maxBytes: number,
    atLeastOne: number,
    isolation: number,
  ): number
  takeWindow(): ArrayBuffer
  takeCopy(): ArrayBuffer
  mappedViewBytes(): number
  readCold(
    partition: Handle,
    offset: number,
    maxBytes: number,
    atLeastOne: number,
    isolation: number,
  ): Promise<NativeColdRead>

  partitionName(partition: Handle): string
  recovery(partition: Handle): RecoveryReport
  configure(partition: Handle, config: NativeLogConfig): void
  offsetForTimestamp(partition: Handle, timestampMs: number): Promise<TimestampOffset>
  maxTimestamp(partition: Handle): Promise<TimestampOffset>
  enforceRetention(partition: Handle): Promise<number>
  endOffsetForEpoch(
    partition: Handle,
    leaderEpoch: number,
  ): { leaderEpoch: number; endOffset: number }
  setLeaderEpoch(partition: Handle, leaderEpoch: number): void
  abortedTransactions(partition: Handle, from: number, to: number): AbortedTransaction[]
  producers(partition: Handle): ProducerStateView[]
  deleteRecords(partition: Handle, beforeOffset: number): number
  /** This thread lets go of partitions that were deleted. */
  dropRemoved(): void
  truncateTo(partition: Handle, offset: number): Promise<void>
  truncateFullyAndStartAt(partition: Handle, offset: number): Promise<void>
  lead(partition: Handle, localId: number, set: InSyncSet): number
  follow(partition: Handle, leaderEpoch: number): number
  setInSync(partition: Handle, set: InSyncSet): boolean
  reportReplica(
    partition: Handle,
    brokerId: number,
    leaderEpoch: number,
    endOffset: number,
    durableOffset: number,
    isNewFetch: boolean,
  ): boolean
  followHighWatermark(partition: Handle, leaderEpoch: number, highWatermark: number): boolean
  replicas(partition: Handle): ReplicaProgress[]
  lastEpoch(partition: Handle): number
  roll(partition: Handle): void

  onMoved(listener: (moved: Handle[], removed: Handle[]) => void): void
  subscribe(partition: Handle): boolean
  unsubscribe(partition: Handle): void

  crc32c(bytes: Bytes): number
  compress(codec: number, bytes: Uint8Array, level: number): ArrayBuffer
  decompress(codec: number, bytes: Bytes, maxOutputBytes: number): ArrayBuffer

  inspectSegment(path: string, fromPosition: number, maxBatches: number): Promise<NativeInspection>
  batchRecords(path: string, position: number, maxOutputBytes: number): Promise<ArrayBuffer>
}

const addonPath = join('build', 'Release', 'millrace.node')
let loaded: NativeAddon | undefined

/**
 * The addon, loaded on the first call in each thread. The environment variable MILLRACE_ADDON names
 * another file: tests take the build with the simulated file layer.
 */
export function loadAddon(): NativeAddon {
  if (loaded === undefined) {
    const file = process.env.MILLRACE_ADDON ?? findAddon(fileURLToPath(import.meta.url))
    const require = createRequire(import.meta.url)
    try {
      loaded = require(file) as NativeAddon
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(
        `The native log at ${file} cannot be loaded (${reason}). ` +
          'Rebuild it for this machine and this Node: npx node-gyp rebuild',
        { cause: error },
      )
    }
  }
  return loaded
}

function findAddon(from: string): string {
  let folder = dirname(from)
  for (;;) {
    const candidate = join(folder, addonPath)
    if (existsSync(candidate)) return candidate
    const parent = dirname(folder)
    if (parent === folder) break
    folder = parent
  }
  throw new Error(
    `The native log is not built: no ${addonPath} above ${dirname(from)}. ` +
      'Build it in the package folder with: npx node-gyp rebuild ' +
      '(it needs a C++20 compiler, make and Python 3).',
  )
}
