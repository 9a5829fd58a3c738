// What a fetch asks of one partition, and what it got: the words that the other files of this folder
// share. Both are values; a session keeps the last target of each of its partitions.
import type { AbortedTransaction } from '../../log/types.js'
import { kafkaError } from '../error-mapping.js'

export interface FetchTarget {
  /** '' from v13 on, where topics go by id. */
  readonly topic: string
  readonly topicId: string
  /** From v13 on; before that the topic goes by its name. */
  readonly goesById: boolean
  readonly index: number
  readonly fetchOffset: number
  /** -1: not checked. */
  readonly currentLeaderEpoch: number
  /** -1: no divergence check. */
  readonly lastFetchedEpoch: number
  readonly maxBytes: number
}

export interface EpochEnd {
  readonly epoch: number
  readonly endOffset: number
}

export interface FetchedPartition {
  readonly target: FetchTarget
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  /** null unless the reader asked for committed records only. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null
  /** Whole batches, views of the log. */
  readonly chunks: readonly Uint8Array[]
  readonly sizeBytes: number
  /** Set when the reader's log departs from this one. */
  readonly divergingEpoch: EpochEnd | undefined
  /** Set when the reader believes in another leader epoch. */
  readonly currentLeader: { readonly leaderId: number; readonly leaderEpoch: number } | undefined
  /** Where the reader should read instead (KIP-392). */
  readonly preferredReadReplica?: number
}

const noChunks: readonly Uint8Array[] = []
const noneAborted: readonly AbortedTransaction[] = []

export function failedFetch(target: FetchTarget, errorCode: number): FetchedPartition {
  return {
    target,
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    abortedTransactions: isUnknown(errorCode) ? noneAborted : null,
    chunks: noChunks,
    sizeBytes: 0,
    divergingEpoch: undefined,
    currentLeader: undefined,
  }
}

// As Kafka: what it does not know it answers before it looks at the isolation level.
function isUnknown(errorCode: number): boolean {
  return (
    errorCode === kafkaError.UNKNOWN_TOPIC_OR_PARTITION || errorCode === kafkaError.UNKNOWN_TOPIC_ID
  )
}
