// Who leads new partitions. Where every replica's broker is there nothing has to be stored: the first
// replica leads in epoch 0 and all are in sync.
import type { Change, ClusterState } from '../metadata/cluster-state.js'
import type { TopicRecord } from '../metadata/records.js'
import { NO_LEADER, type PartitionRules } from './elect-leader.js'

export function decideFirstLeaders(
  state: ClusterState,
  topic: TopicRecord,
  { first, rules }: { readonly first: number; readonly rules: PartitionRules },
): readonly Change[] {
  const { controllerEpoch } = state
  const canServe = (id: number) =>
    state.isActive(id) && state.brokerStates.get(id)?.isDraining !== true
  return topic.partitions.slice(first).flatMap(({ replicas }, place): Change[] => {
    const inSync = replicas.filter(canServe)
    if (inSync.length === replicas.length) return []
    // Nothing is committed yet, so that whoever is missing may lead as well as the others.
    const missing = replicas.filter((id) => !inSync.includes(id))
    const record = {
      leaderId: inSync[0] ?? NO_LEADER,
      leaderEpoch: 0,
      inSyncReplicas: inSync,
      eligibleLeaders: inSync.length < Math.min(rules.minInSync, replicas.length) ? missing : [],
      uncertainReplicas: [],
      replicas: undefined,
      addingReplicas: [],
      removingReplicas: [],
      controllerEpoch,
    }
    return [{ type: 'partition', topicId: topic.id, index: first + place, record }]
  })
}
