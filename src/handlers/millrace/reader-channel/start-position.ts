// Where each partition of a reader begins, and whether that is where it was asked to begin.
import { fail, type Outcome, succeed } from '../../../base/errors.js'
import { Cursor, type CursorPosition } from '../../../protocol/millrace/cursor.js'
import type {
  GapReason,
  Isolation,
  PositionState,
  StartPosition,
} from '../../../protocol/millrace/messages.js'
import type { ReadSource, ReadState } from './read-source.js'

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
  source: ReadSource,
  request: StartRequest,
  isolation: Isolation,
): Promise<Outcome<PositionState>> {
  const state = await source.state()
  if (!state.ok) return state
  const { from } = request
  const start = { source, state: state.value, isolation }
  if (from === 'earliest') return succeed(started(start, state.value.logStartOffset))
  if (from === 'latest') return succeed(started(start, endOf(state.value, isolation)))
  if ('timestamp' in from) return startAtTime(start, from.timestamp)
  if ('offset' in from) return resume(start, from.offset, NO_EPOCH)
  if ('offsets' in from) {
    const offset = from.offsets[String(source.index)]
    if (offset === undefined) return succeed(started(start, state.value.logStartOffset))
    return resume(start, offset, NO_EPOCH)
  }
  return findCursorStart(start, request)
}

interface Start {
  readonly source: ReadSource
  readonly state: ReadState
  readonly isolation: Isolation
}

async function startAtTime(start: Start, timestampMs: number): Promise<Outcome<PositionState>> {
  const found = await start.source.offsetForTimestamp(timestampMs)
  if (!found.ok) return found
  const after = await start.source.state()
  if (!after.ok) return after
  const offset = found.value < 0 ? endOf(after.value, start.isolation) : found.value
  return succeed(started({ ...start, state: after.value }, offset))
}

async function findCursorStart(
  start: Start,
  request: StartRequest,
): Promise<Outcome<PositionState>> {
  const { logStartOffset } = start.state
  const position = request.cursorPositions.get(start.source.index)
  if (request.cursorTopicId !== start.source.topicId) {
    const requested = position?.offset ?? 0
    return succeed({ ...started(start, logStartOffset), ...gap('topic-recreated', requested) })
  }
  if (position === undefined) return succeed(started(start, logStartOffset))
  return resume(start, position.offset, position.leaderEpoch)
}

async function resume(
  start: Start,
  offset: number,
  leaderEpoch: number,
): Promise<Outcome<PositionState>> {
  const { logStartOffset, logEndOffset } = start.state
  if (offset < logStartOffset) {
    return succeed({ ...started(start, logStartOffset), ...gap('retention', offset) })
  }
  const term = await endOfTerm(start.source, leaderEpoch)
  if (!term.ok) return term
  const end = Math.min(logEndOffset, term.value)
  if (offset > end) {
    const position = started(start, Math.max(end, logStartOffset))
    return succeed({ ...position, ...gap('truncation', offset) })
  }
  return succeed({ ...started(start, offset), state: 'resumed' })
}

/** Where this log's records of the given and earlier terms end: beyond it the cursor's were others. */
async function endOfTerm(source: ReadSource, leaderEpoch: number): Promise<Outcome<number>> {
  if (leaderEpoch === NO_EPOCH) return succeed(Number.POSITIVE_INFINITY)
  const end = await source.endOfTerm(leaderEpoch)
  if (!end.ok) return end
  return succeed(end.value < 0 ? Number.POSITIVE_INFINITY : end.value)
}

function started({ source, state, isolation }: Start, offset: number): PositionState {
  return {
    partition: source.index,
    offset,
    endOffset: endOf(state, isolation),
    state: 'started',
  }
}

function gap(reason: GapReason, requested: number) {
  return { state: 'gap', reason, requested } as const
}

export function endOf(state: ReadState, isolation: Isolation): number {
  return isolation === 'committed' ? state.lastStableOffset : state.highWatermark
}
