// What is wrong with a cluster, partition by partition, and why: from what a broker answered.

export interface ClusterBroker {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  /** Known, and not there: its session is over, or it is not let in yet. */
  readonly isFenced: boolean
  /** It leads nothing that others can, and gets no new replicas. */
  readonly isDrained: boolean
}

export interface ClusterPartition {
  readonly topic: string
  readonly index: number
  /** -1: nobody. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
  readonly eligibleLeaders: readonly number[]
}

export interface ClusterSnapshot {
  readonly clusterId: string
  readonly controllerId: number
  readonly brokers: readonly ClusterBroker[]
  readonly partitions: readonly ClusterPartition[]
  /** min.insync.replicas of the topics that have partitions with replicas out of sync. */
  readonly minInSync: ReadonlyMap<string, number>
}

export type PartitionState = 'healthy' | 'under-replicated' | 'under-min-isr' | 'offline'

export interface PartitionHealth {
  readonly state: PartitionState
  /** Empty when it is healthy. */
  readonly why: string
}

export interface ClusterHealth {
  readonly partitions: number
  readonly underReplicated: number
  readonly underMinIsr: number
  readonly offline: number
  /** Of each broker that is known: how many partitions it leads, and has a replica of. */
  readonly leads: ReadonlyMap<number, number>
  readonly holds: ReadonlyMap<number, number>
}

const NOBODY = -1

export function healthOf(snapshot: ClusterSnapshot): ClusterHealth {
  const leads = new Map<number, number>()
  const holds = new Map<number, number>()
  const states = { healthy: 0, 'under-replicated': 0, 'under-min-isr': 0, offline: 0 }
  for (const partition of snapshot.partitions) {
    states[partitionHealth(partition, snapshot).state]++
    if (partition.leader !== NOBODY) count(leads, partition.leader)
    for (const id of partition.replicas) count(holds, id)
  }
  return {
    partitions: snapshot.partitions.length,
    underReplicated: states['under-replicated'] + states['under-min-isr'] + states.offline,
    underMinIsr: states['under-min-isr'],
    offline: states.offline,
    leads,
    holds,
  }
}

export function partitionHealth(
  partition: ClusterPartition,
  snapshot: ClusterSnapshot,
): PartitionHealth {
  const { replicas, inSync, leader } = partition
  const missing = replicas.filter((id) => !inSync.includes(id))
  const reasons = missing.map((id) => `broker ${id} ${whyOut(id, snapshot)}`)
  if (leader === NOBODY) return { state: 'offline', why: whyOffline(partition, snapshot) }
  if (missing.length === 0) return { state: 'healthy', why: '' }
  const minimum = snapshot.minInSync.get(partition.topic) ?? 1
  if (inSync.length >= Math.min(minimum, replicas.length)) {
    return { state: 'under-replicated', why: reasons.join(', ') }
  }
  const few = `${inSync.length} in sync where acks=all wants ${minimum}`
  return { state: 'under-min-isr', why: [few, ...reasons].join(', ') }
}

function whyOffline({ inSync, eligibleLeaders }: ClusterPartition, snapshot: ClusterSnapshot) {
  const electable = [...inSync, ...eligibleLeaders]
  const reasons = electable.map((id) => `broker ${id} ${whyOut(id, snapshot)}`)
  return reasons.length === 0
    ? 'no replica is known to have all that was acknowledged'
    : `only these have all that was acknowledged: ${reasons.join(', ')}`
}

function whyOut(id: number, { brokers }: ClusterSnapshot): string {
  const broker = brokers.find((one) => one.id === id)
  if (broker === undefined) return 'is unknown'
  return broker.isFenced ? 'is not there' : 'is there and behind, or cannot serve this replica'
}

function count(counts: Map<number, number>, id: number): void {
  counts.set(id, (counts.get(id) ?? 0) + 1)
}
