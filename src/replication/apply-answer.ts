// What the leader's answer makes of a follower's log: a decision without side effects.
import { kafkaErrorCode } from '../protocol/error-codes.js'

/** One partition's part of a Fetch answer. */
export interface PartitionAnswer {
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStartOffset: number
  readonly divergingEpoch: { readonly epoch: number; readonly endOffset: number }
  readonly records: readonly Uint8Array[] | null
}

/** The follower as it was when it asked. */
export interface FollowerState {
  readonly logStartOffset: number
  readonly logEndOffset: number
  /** The largest epoch it has at or below the asked one, and where that ends; -1: none. */
  endOffsetForEpoch(epoch: number): { readonly leaderEpoch: number; readonly endOffset: number }
}

export type FetchAction =
  | {
      readonly act: 'take'
      readonly records: readonly Uint8Array[]
      readonly highWatermark: number
      readonly logStartOffset: number
    }
  /** The logs part here: what follows is another history (KIP-101, KIP-279). */
  | { readonly act: 'truncate'; readonly offset: number }
  /** Nothing of what is here continues what the leader still has. */
  | { readonly act: 'begin-at'; readonly offset: number }
  /** Its metadata and ours differ: one of the two will hear of it. */
  | { readonly act: 'wait' }
  | { readonly act: 'retry'; readonly errorCode: number }

const NONE = 0
const OFFSET_OUT_OF_RANGE = kafkaErrorCode('OFFSET_OUT_OF_RANGE')
const waiting: ReadonlySet<number> = new Set([
  kafkaErrorCode('FENCED_LEADER_EPOCH'),
  kafkaErrorCode('UNKNOWN_LEADER_EPOCH'),
  kafkaErrorCode('NOT_LEADER_OR_FOLLOWER'),
  kafkaErrorCode('UNKNOWN_TOPIC_OR_PARTITION'),
  kafkaErrorCode('UNKNOWN_TOPIC_ID'),
])

export function actionFor(answer: PartitionAnswer, state: FollowerState): FetchAction {
  const { errorCode, highWatermark, logStartOffset, divergingEpoch, records } = answer
  if (waiting.has(errorCode)) return { act: 'wait' }
  if (errorCode === OFFSET_OUT_OF_RANGE) return outOfRange(answer, state)
  if (errorCode !== NONE) return { act: 'retry', errorCode }
  if (divergingEpoch.epoch >= 0) return truncation(divergingEpoch, state)
  if (logStartOffset > state.logEndOffset) return { act: 'begin-at', offset: logStartOffset }
  return { act: 'take', records: records ?? [], highWatermark, logStartOffset }
}

// The leader's epoch may be one that the follower has not: then its own next older one is cut to its
// end, and the next answer tells more (KIP-279).
function truncation(
  { epoch, endOffset }: PartitionAnswer['divergingEpoch'],
  state: FollowerState,
): FetchAction {
  const own = state.endOffsetForEpoch(epoch)
  const end = own.leaderEpoch < 0 ? endOffset : Math.min(own.endOffset, endOffset)
  return { act: 'truncate', offset: Math.min(end, state.logEndOffset) }
}

// Below the leader's beginning everything here is old; beyond its end only an unclean election leads.
function outOfRange(
  { logStartOffset, highWatermark }: PartitionAnswer,
  state: FollowerState,
): FetchAction {
  if (logStartOffset > state.logEndOffset) return { act: 'begin-at', offset: logStartOffset }
  if (highWatermark >= 0 && highWatermark < state.logEndOffset) {
    return { act: 'truncate', offset: Math.max(highWatermark, logStartOffset, 0) }
  }
  return { act: 'retry', errorCode: OFFSET_OUT_OF_RANGE }
}
