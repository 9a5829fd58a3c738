// What people ask of many partitions at once: each is decided by itself, and those that hold are stored
// together. Whoever was overtaken is decided again on what is there now.
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { Committed } from '../cluster/metadata-writer.js'
import type { Change, ClusterState } from '../metadata/cluster-state.js'
import type { PartitionRecord } from '../metadata/records.js'

export interface NamedPartition {
  readonly topic: string
  readonly index: number
}

export interface AlterPartitionsOptions<T> {
  readonly state: ClusterState
  readonly controllerEpoch: number
  decide(state: ClusterState, one: T): Outcome<PartitionRecord>
  /** All or none. */
  commit(changes: readonly Change[]): Promise<Committed>
}

/** As many as one transaction takes. */
const AT_ONCE = 100
const MAX_DECISIONS = 20

export async function alterPartitions<T extends NamedPartition>(
  asked: readonly T[],
  options: AlterPartitionsOptions<T>,
): Promise<readonly Outcome<true>[]> {
  const outcomes: Outcome<true>[] = []
  for (let at = 0; at < asked.length; at += AT_ONCE) {
    outcomes.push(...(await alterSome(asked.slice(at, at + AT_ONCE), options)))
  }
  return outcomes
}

async function alterSome<T extends NamedPartition>(
  asked: readonly T[],
  options: AlterPartitionsOptions<T>,
): Promise<readonly Outcome<true>[]> {
  for (let tries = 0; tries < MAX_DECISIONS; tries++) {
    const decided = asked.map((one) => options.decide(options.state, one))
    const committed = await options.commit(changesOf(asked, decided, options))
    if (committed.status === 'overtaken') continue
    const failure = committed.status === 'failed' ? committed.failure : undefined
    return decided.map((outcome) => outcomeOf(outcome, failure))
  }
  return asked.map(() => fail('TIMED_OUT', 'The partitions change all the time.'))
}

function changesOf<T extends NamedPartition>(
  asked: readonly T[],
  decided: readonly Outcome<PartitionRecord>[],
  { state, controllerEpoch }: AlterPartitionsOptions<T>,
): readonly Change[] {
  return asked.flatMap(({ topic, index }, at): readonly Change[] => {
    const outcome = decided[at]
    const topicId = state.topic(topic)?.id
    if (!outcome?.ok || topicId === undefined) return []
    const record = { ...outcome.value, controllerEpoch }
    return [{ type: 'partition', topicId, index, record }]
  })
}

function outcomeOf(decided: Outcome<PartitionRecord>, failure: Failure | undefined): Outcome<true> {
  if (!decided.ok) return decided
  return failure === undefined ? succeed(true) : { ok: false, failure }
}
