// What keeps a broker that is about to stop.
import type { ClusterState } from '../metadata/cluster-state.js'

/** It leads a partition whose in-sync set has somebody else who could. */
export function leadsWhatOthersCould(state: ClusterState, brokerId: number): boolean {
  const couldLead = (id: number) =>
    id !== brokerId && state.isActive(id) && state.brokerStates.get(id)?.isDraining !== true
  for (const topic of state.topics()) {
    for (let index = 0; index < topic.partitions.length; index++) {
      const { leaderId, inSyncReplicas } = state.partition(topic, index)
      if (leaderId === brokerId && inSyncReplicas.some(couldLead)) return true
    }
  }
  return false
}
