// Whom the controller lets in and whom it shuts out, by the sessions that it sees, and what that makes
// of every partition. Whoever decides twice decides the same: what is as it should be is left alone.
import type { Change, ClusterState, Decision } from '../metadata/cluster-state.js'
import type { BrokerStateRecord, TopicRecord } from '../metadata/records.js'
import { type Brokers, electLeader, type PartitionRules } from './elect-leader.js'
import { finishReassignment } from './reassign.js'

export interface LivenessRules {
  of(topic: TopicRecord): PartitionRules
}

/** What the changes mean, for the log. */
export interface LivenessReport {
  readonly admitted: readonly number[]
  readonly fenced: readonly number[]
}

// The order counts, for whoever stores only the first of the changes: a broker that is let in must find
// its partitions decided, and one that is shut out must be so before others lead what it led.
export function decideLiveness(
  state: ClusterState,
  rules: LivenessRules,
): Decision<LivenessReport> {
  const admitted: Change[] = []
  const fenced: Change[] = []
  for (const [brokerId, before] of state.brokerStates) {
    const isThere = state.brokers.get(brokerId)?.epoch === before.epoch
    if (isThere !== before.isFenced) continue
    const record = { ...before, isFenced: !isThere, isDraining: isThere && before.isDraining }
    const changes = isThere ? admitted : fenced
    changes.push({ type: 'broker-state', brokerId, record })
  }
  const report = { admitted: brokerIds(admitted), fenced: brokerIds(fenced) }
  const partitions = partitionChanges(state, rules, brokersAfter(state, report))
  return { changes: [...fenced, ...partitions, ...admitted], response: report }
}

function brokerIds(changes: readonly Change[]): readonly number[] {
  return changes.flatMap((change) => (change.type === 'broker-state' ? [change.brokerId] : []))
}

function partitionChanges(
  state: ClusterState,
  rules: LivenessRules,
  brokers: Brokers,
): readonly Change[] {
  // Of those that have another leader somebody may be waiting.
  const urgent: Change[] = []
  const settled: Change[] = []
  const { controllerEpoch } = state
  for (const topic of state.topics()) {
    const ofTopic = rules.of(topic)
    for (let index = 0; index < topic.partitions.length; index++) {
      const before = state.partition(topic, index)
      const moved = finishReassignment(before, state.replicasOf(topic, index))
      const replicas = moved.replicas ?? state.replicasOf(topic, index)
      const isActive = (id: number) =>
        brokers.isActive(id) && !state.isUnavailable(id, topic.id, index)
      const options = { replicas, rules: ofTopic, brokers: { ...brokers, isActive } }
      const after = electLeader(moved, options)
      if (after === before) continue
      const record = { ...after, controllerEpoch }
      const urgency = after.leaderId === before.leaderId ? settled : urgent
      urgency.push({ type: 'partition', topicId: topic.id, index, record })
    }
  }
  return [...urgent, ...settled]
}

function brokersAfter(state: ClusterState, report: LivenessReport): Brokers {
  const returned = new Set(report.admitted)
  const gone = new Set(report.fenced)
  const stateOf = (id: number): BrokerStateRecord | undefined => state.brokerStates.get(id)
  return {
    isActive: (id) => returned.has(id) || (state.isActive(id) && !gone.has(id)),
    isDraining: (id) => stateOf(id)?.isDraining === true,
    isDrained: (id) => stateOf(id)?.isDrained === true,
    hasReturned: (id) => returned.has(id),
    stoppedCleanly: (id) => stateOf(id)?.stoppedCleanly === true,
    mayLackRecords: (id) => stateOf(id)?.mayLackRecords === true,
  }
}
