// Where each partition of a reader begins, and whether that is where it was asked to begin.
import { fail, type Outcome, succeed } from '../../../base/errors.js'
import type { LogState, PartitionLog } from '../../../log/types.js'
import type { Partition } from '../../../partition/partition.js'
import { Cursor, type CursorPosition } from '../../../protocol/millrace/cursor.js'
import type {
  GapReason,
  Isolation,
  PositionState,
  StartPosition,
} from '../../../protocol/millrace/messages.js'

const NO_EPOCH = -1

/** A `from` that was read once for all partitions. */
export interface StartRequest {
  readonly from: StartPosition
  readonly cursorTopicId: string | undefined
  readonly cursorPositions: ReadonlyMap<number, CursorPosition>
}

export function readStartRequest(from: StartPosition): Outcome<StartRequest> {
  if (typeof from === 'string' || !('cursor' in from)) {
    return succeed({ from, cursorTopicId: undefined, cursorPositions: new Map() })
  }
  const cursor = Cursor.parse(from.cursor)
  if (!cursor.ok) return cursor
  const positions = cursor.value.positions()
  if (positions.some(({ offset }) => !Number.isSafeInteger(offset) || offset < 0)) {
    return fail('INVALID_REQUEST', 'the cursor is not one that a broker gave out')
  }
  const cursorPositions = new Map(positions.map((position) => [position.partition, position]))
  return succeed({ from, cursorTopicId: cursor.value.topicId, cursorPositions })
}

export async function findStart(
  partition: Partition,
  request: StartRequest,
  isolation: Isolation,
): Promise<PositionState> {
  const { from } = request
  const { log } = partition
  const state = log.state()
  if (from === 'earliest') return started(partition, state.logStartOffset, state, isolation)
  if (from === 'latest') return started(partition, endOf(state, isolation), state, isolation)
  if ('timestamp' in from) {
    const found = await log.offsetForTimestamp(from.timestamp)
    const after = log.state()
    const offset = found.offset < 0 ? endOf(after, isolation) : found.offset
    return started(partition, offset, after, isolation)
  }
  if ('offset' in from) return resume(partition, from.offset, NO_EPOCH, isolation)
  if ('offsets' in from) {
    const offset = from.offsets[String(partition.index)]
    if (offset === undefined) return started(partition, state.logStartOffset, state, isolation)
    return resume(partition, offset, NO_EPOCH, isolation)
  }
  return findCursorStart(partition, request, isolation)
}

function findCursorStart(
  partition: Partition,
  request: StartRequest,
  isolation: Isolation,
): PositionState {
  const state = partition.log.state()
  const position = request.cursorPositions.get(partition.index)
  if (request.cursorTopicId !== partition.topicId) {
    const requested = position?.offset ?? 0
    return {
      ...started(partition, state.logStartOffset, state, isolation),
      ...gap('topic-recreated', requested),
    }
  }
  if (position === undefined) return started(partition, state.logStartOffset, state, isolation)
  return resume(partition, position.offset, position.leaderEpoch, isolation)
}

function resume(
  partition: Partition,
  offset: number,
  leaderEpoch: number,
  isolation: Isolation,
): PositionState {
  const state = partition.log.state()
  const at = (start: number) => started(partition, start, state, isolation)
  if (offset < state.logStartOffset) {
    return { ...at(state.logStartOffset), ...gap('retention', offset) }
  }
  const end = Math.min(state.logEndOffset, endOfTerm(partition.log, leaderEpoch))
  if (offset > end) {
    return { ...at(Math.max(end, state.logStartOffset)), ...gap('truncation', offset) }
  }
  return { ...at(offset), state: 'resumed' }
}

/** Where this log's records of the given and earlier terms end: beyond it the cursor's were others. */
function endOfTerm(log: PartitionLog, leaderEpoch: number): number {
  if (leaderEpoch === NO_EPOCH) return Number.POSITIVE_INFINITY
  const { endOffset } = log.endOffsetForEpoch(leaderEpoch)
  return endOffset < 0 ? Number.POSITIVE_INFINITY : endOffset
}

function started(
  { index: partition }: Partition,
  offset: number,
  state: LogState,
  isolation: Isolation,
): PositionState {
  return { partition, offset, endOffset: endOf(state, isolation), state: 'started' }
}

function gap(reason: GapReason, requested: number) {
  return { state: 'gap', reason, requested } as const
}

export function endOf(state: LogState, isolation: Isolation): number {
  return isolation === 'committed' ? state.lastStableOffset : state.highWatermark
}
