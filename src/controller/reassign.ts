// Moving a partition to other brokers (KIP-455). While it moves its replicas are the new ones and behind
// them those that will go; it is done once all new ones are in sync.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import type { PartitionRecord } from '../metadata/records.js'
import { problemWithReplicas } from './assignment.js'

export interface Reassignment {
  readonly topic: string
  readonly index: number
  /** null: back to what it was before. */
  readonly target: readonly number[] | null
  /** KIP-860: as many replicas as before, or it is refused. */
  readonly keepsReplicationFactor?: boolean
}

export function decideReassign(
  state: ClusterState,
  { topic: name, index, target, keepsReplicationFactor = false }: Reassignment,
): Outcome<PartitionRecord> {
  const topic = state.topic(name)
  if (topic?.partitions[index] === undefined) {
    return fail('UNKNOWN_TOPIC_OR_PARTITION', `The topic ${name} has no partition ${index}.`)
  }
  const before = state.partition(topic, index)
  const replicas = state.replicasOf(topic, index)
  const stable = replicas.filter((id) => !before.addingReplicas.includes(id))
  if (target === null) {
    const moves = before.addingReplicas.length + before.removingReplicas.length > 0
    if (!moves) return fail('NO_REASSIGNMENT_IN_PROGRESS', '')
    return succeed(settled(before, stable))
  }
  const problem = problemWithReplicas(target, state.brokers, undefined)
  if (problem !== undefined) return fail('INVALID_REPLICA_ASSIGNMENT', problem)
  if (keepsReplicationFactor && target.length !== stable.length) {
    const message = `The replication factor is changed from ${stable.length} to ${target.length}`
    return fail('INVALID_REPLICATION_FACTOR', message)
  }
  const removing = stable.filter((id) => !target.includes(id))
  const adding = target.filter((id) => !stable.includes(id))
  const leaving = replicas.filter((id) => removing.includes(id))
  return succeed(
    finishReassignment(
      {
        ...before,
        replicas: [...target, ...leaving],
        addingReplicas: adding,
        removingReplicas: removing,
      },
      replicas,
    ),
  )
}

export interface MovingPartition {
  readonly topic: string
  readonly index: number
  readonly replicas: readonly number[]
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
}

export function movingPartitions(state: ClusterState): readonly MovingPartition[] {
  return [...state.topics()].flatMap((topic) =>
    state.changedPartitions(topic.id).flatMap((index) => {
      const { addingReplicas, removingReplicas } = state.partition(topic, index)
      if (addingReplicas.length + removingReplicas.length === 0) return []
      const replicas = state.replicasOf(topic, index)
      return [{ topic: topic.name, index, replicas, addingReplicas, removingReplicas }]
    }),
  )
}

/** The same record when there is nothing to finish. */
export function finishReassignment(
  partition: PartitionRecord,
  replicas: readonly number[],
): PartitionRecord {
  const { addingReplicas, removingReplicas, inSyncReplicas } = partition
  if (addingReplicas.length + removingReplicas.length === 0) return partition
  const target = (partition.replicas ?? replicas).filter((id) => !removingReplicas.includes(id))
  const someAreInSync = target.some((id) => inSyncReplicas.includes(id))
  const allAreIn = addingReplicas.every((id) => inSyncReplicas.includes(id))
  return allAreIn && someAreInSync ? settled(partition, target) : partition
}

/** Whoever is no replica any more is nothing else either; the leader is elected by whoever asks next. */
function settled(partition: PartitionRecord, replicas: readonly number[]): PartitionRecord {
  const keep = (ids: readonly number[]) => ids.filter((id) => replicas.includes(id))
  return {
    ...partition,
    replicas,
    inSyncReplicas: keep(partition.inSyncReplicas),
    eligibleLeaders: keep(partition.eligibleLeaders),
    uncertainReplicas: keep(partition.uncertainReplicas),
    addingReplicas: [],
    removingReplicas: [],
  }
}
