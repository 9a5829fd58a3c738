// Topics that come into being because a client asked for them: the broker's defaults, nothing else.
import { type Outcome, succeed } from '../base/errors.js'
import type { ClusterState, Decision } from '../metadata/cluster-state.js'
import type { TopicRecord } from '../metadata/records.js'
import { type CreateSurroundings, decideCreateTopics, type TopicOutcome } from './create-topic.js'

export function decideAutoCreate(
  state: ClusterState,
  names: readonly string[],
  surroundings: CreateSurroundings,
): Decision<readonly TopicOutcome[]> {
  const wanted = [...new Set(names)]
  const missing = wanted.filter((name) => state.topic(name) === undefined)
  const created = decideCreateTopics(
    state,
    missing.map((name) => ({
      name,
      partitionCount: -1,
      replicationFactor: -1,
      assignments: [],
      configs: [],
    })),
    surroundings,
  )
  const existing = wanted.flatMap((name) => {
    const topic = state.topic(name)
    const outcome: Outcome<TopicRecord>[] = topic === undefined ? [] : [succeed(topic)]
    return outcome.map((found) => ({ name, outcome: found }))
  })
  return { changes: created.changes, response: [...existing, ...created.response] }
}
