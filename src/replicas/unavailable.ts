// What this broker should hold and cannot serve: a directory has failed, a folder is missing, damaged or
// could not be made. Others lead it meanwhile, and nobody waits for this broker's promise.
import type { ClusterState } from '../metadata/cluster-state.js'
import type { UnavailableRecord } from '../metadata/records.js'
import type { LocalReplicas } from './local-replicas.js'

export function unavailablePartitions(
  state: ClusterState,
  replicas: LocalReplicas,
): UnavailableRecord {
  const { brokerId } = replicas.options
  const partitions: Record<string, readonly number[]> = {}
  for (const topic of state.topics()) {
    const indexes = topic.partitions.flatMap((_, index) => {
      const isOurs = state.replicasOf(topic, index).includes(brokerId)
      return isOurs && replicas.handle(topic.id, index) === undefined ? [index] : []
    })
    if (indexes.length > 0) partitions[topic.id] = indexes
  }
  return { partitions }
}
