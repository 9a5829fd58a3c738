// Which partitions should go back to their preferred leaders: those of brokers that lead too few of what they
// should (Kafka's auto.leader.rebalance.enable and leader.imbalance.per.broker.percentage).
import type { ClusterState } from '../metadata/cluster-state.js'
import type { ElectionRequest } from './request-election.js'

const ALLOWED_IMBALANCE = 0.1

interface Share {
  preferred: number
  readonly elsewhere: ElectionRequest[]
}

export function unbalancedPartitions(state: ClusterState): readonly ElectionRequest[] {
  const shares = new Map<number, Share>()
  for (const topic of state.topics()) {
    if (topic.isDeleted) continue
    for (let index = 0; index < topic.partitions.length; index++) {
      const [first] = state.replicasOf(topic, index)
      if (first === undefined || !mayLead(state, first)) continue
      const share = shares.get(first) ?? { preferred: 0, elsewhere: [] }
      shares.set(first, share)
      share.preferred++
      const { leaderId, inSyncReplicas } = state.partition(topic, index)
      if (leaderId === first || !inSyncReplicas.includes(first)) continue
      share.elsewhere.push({ type: 'preferred', topic: topic.name, index })
    }
  }
  return [...shares.values()].flatMap(({ preferred, elsewhere }) =>
    elsewhere.length > preferred * ALLOWED_IMBALANCE ? elsewhere : [],
  )
}

function mayLead(state: ClusterState, brokerId: number): boolean {
  const { isDrained, isDraining } = state.brokerStates.get(brokerId) ?? {}
  return state.isActive(brokerId) && isDrained === false && isDraining === false
}
