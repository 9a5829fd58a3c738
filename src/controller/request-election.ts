// Elections that somebody asks for (KIP-460): the preferred replica, or any at all.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import type { PartitionRecord, TopicRecord } from '../metadata/records.js'
import { ledBy, NO_LEADER, type PartitionRules } from './elect-leader.js'

export type ElectionType = 'preferred' | 'unclean'

export interface ElectionRequest {
  readonly type: ElectionType
  readonly topic: string
  readonly index: number
}

export function decideRequestedElection(
  state: ClusterState,
  { type, topic: name, index }: ElectionRequest,
  rulesOf: (topic: TopicRecord) => PartitionRules,
): Outcome<PartitionRecord> {
  const topic = state.topic(name)
  if (topic?.partitions[index] === undefined) {
    return fail('UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${name}`)
  }
  const partition = state.partition(topic, index)
  const replicas = state.replicasOf(topic, index)
  const canLead = (id: number) => state.isActive(id) && !state.isUnavailable(id, topic.id, index)
  const isDrained = (id: number) => state.brokerStates.get(id)?.isDrained === true
  const elected =
    type === 'preferred'
      ? preferred(partition, replicas, (id) => canLead(id) && !isDrained(id))
      : any(partition, replicas, canLead)
  if (!elected.ok) return elected
  return succeed(ledBy(partition, elected.value, { replicas, rules: rulesOf(topic) }))
}

function preferred(
  partition: PartitionRecord,
  replicas: readonly number[],
  canLead: (id: number) => boolean,
): Outcome<number> {
  const first = replicas[0] ?? NO_LEADER
  if (partition.leaderId === first) {
    return fail('ELECTION_NOT_NEEDED', 'The preferred replica leads the partition.')
  }
  return canLead(first) && partition.inSyncReplicas.includes(first)
    ? succeed(first)
    : fail('PREFERRED_LEADER_NOT_AVAILABLE', 'The preferred replica is not in sync.')
}

// What may have lost the end only rather than what never had it.
function any(
  partition: PartitionRecord,
  replicas: readonly number[],
  canLead: (id: number) => boolean,
): Outcome<number> {
  if (partition.leaderId !== NO_LEADER) {
    return fail('ELECTION_NOT_NEEDED', 'The partition has a leader.')
  }
  const there = replicas.filter(canLead)
  const first = there.find((id) => partition.uncertainReplicas.includes(id)) ?? there[0]
  return first === undefined
    ? fail('ELIGIBLE_LEADERS_NOT_AVAILABLE', 'No replica of the partition is there.')
    : succeed(first)
}
