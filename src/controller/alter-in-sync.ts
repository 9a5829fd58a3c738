// The leader's own change of its in-sync set (KIP-497, but through the store). It is decided on what the
// leader knows and stored only if the partition is still as it was.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import type { PartitionRecord } from '../metadata/records.js'
import { minInSyncOf, type PartitionRules, withInSync } from './elect-leader.js'

export interface InSyncChange {
  /** Who asks: only the leader may. */
  readonly brokerId: number
  readonly topicId: string
  readonly index: number
  readonly leaderEpoch: number
  readonly inSync: readonly number[]
}

export function decideAlterInSync(
  state: ClusterState,
  change: InSyncChange,
  rules: PartitionRules,
): Outcome<PartitionRecord> {
  const { brokerId, topicId, index, leaderEpoch, inSync } = change
  const topic = state.topicById(topicId)
  if (topic === undefined || topic.isDeleted || topic.partitions[index] === undefined) {
    return fail('UNKNOWN_TOPIC_OR_PARTITION', `there is no partition ${index} of topic ${topicId}`)
  }
  const name = `${topic.name}-${index}`
  const before = state.partition(topic, index)
  if (before.leaderId !== brokerId || before.leaderEpoch !== leaderEpoch) {
    const now = `broker ${before.leaderId} leads it in epoch ${before.leaderEpoch}`
    return fail('FENCED_LEADER_EPOCH', `${name} is not led by ${brokerId}@${leaderEpoch}: ${now}`)
  }
  if (!inSync.includes(brokerId)) {
    return fail('INVALID_REQUEST', `${name}: the leader is in sync with itself`)
  }
  const replicas = state.replicasOf(topic, index)
  for (const id of inSync) {
    if (!replicas.includes(id)) return fail('INVALID_REQUEST', `${name} has no replica on ${id}`)
    const joins = !before.inSyncReplicas.includes(id)
    const mayJoin = state.isActive(id) && state.brokerStates.get(id)?.isDraining !== true
    if (joins && !mayJoin) {
      return fail('INELIGIBLE_REPLICA', `${name}: broker ${id} is not let in, or about to stop`)
    }
  }
  return succeed(withInSync(before, inSync, minInSyncOf({ replicas, rules })))
}
