// What this broker knows of the cluster, and how far its followers are behind, as metrics.
import type { ReplicaProgress } from '../log/types.js'
import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image.js'
import type { MetricFamily } from '../metrics/types.js'

export interface ClusterFamilySources {
  readonly brokerId: number
  readonly image: MetadataImage
  /** min.insync.replicas where a topic does not say. */
  readonly defaultMinInSync: number
  /** Of a partition that this broker leads; undefined: it cannot be asked. */
  led(logHandle: number): LedPartition | undefined
}

export interface LedPartition {
  readonly endOffset: number
  readonly replicas: readonly ReplicaProgress[]
}

const NOBODY = -1
const MIN_IN_SYNC = 'min.insync.replicas'

export function clusterFamilies(sources: ClusterFamilySources): MetricFamily[] {
  const { image, brokerId } = sources
  const counts = { led: 0, followed: 0, underReplicated: 0, underMinIsr: 0, leaderless: 0 }
  const lags = new Map<number, { records: number; ms: number }>()
  for (const topic of image.topics()) {
    const minInSync = Number(topic.configs[MIN_IN_SYNC] ?? sources.defaultMinInSync)
    for (const partition of topic.partitions) {
      count(counts, partition, { brokerId, minInSync })
      if (partition.leaderId === brokerId) noteLags(lags, partition, sources)
    }
  }
  const perBroker = (read: (lag: { records: number; ms: number }) => number) =>
    [...lags].map(([id, lag]) => ({ labels: { broker: String(id) }, value: read(lag) }))
  return [
    gauge('cluster_brokers', 'Brokers that are there and let in.', image.brokers.size),
    gauge(
      'cluster_is_controller',
      'Whether this broker is the controller.',
      image.controllerId === brokerId ? 1 : 0,
    ),
    gauge('cluster_leaderless_partitions', 'Of all brokers: nobody leads.', counts.leaderless),
    gauge('partitions_led', 'Partitions that this broker leads.', counts.led),
    gauge('partitions_followed', 'Partitions that this broker follows.', counts.followed),
    gauge(
      'partitions_under_replicated',
      'Led here, with replicas out of sync.',
      counts.underReplicated,
    ),
    gauge(
      'partitions_under_min_isr',
      'Led here, with fewer in sync than acks=all asks for.',
      counts.underMinIsr,
    ),
    {
      name: 'millrace_replica_lag_records',
      help: 'How far a follower is behind at most, of the partitions that this broker leads.',
      type: 'gauge',
      samples: perBroker(({ records }) => records),
    },
    {
      name: 'millrace_replica_lag_seconds',
      help: 'For how long a follower has not had all at most, of the partitions that this broker leads.',
      type: 'gauge',
      samples: perBroker(({ ms }) => ms / 1000),
    },
  ]
}

interface Counts {
  led: number
  followed: number
  underReplicated: number
  underMinIsr: number
  leaderless: number
}

function count(
  counts: Counts,
  { leaderId, replicas, inSyncReplicas }: TopicImage['partitions'][number],
  { brokerId, minInSync }: { readonly brokerId: number; readonly minInSync: number },
): void {
  if (leaderId === NOBODY) counts.leaderless++
  if (leaderId !== brokerId) {
    if (replicas.includes(brokerId)) counts.followed++
    return
  }
  counts.led++
  if (inSyncReplicas.length < replicas.length) counts.underReplicated++
  if (inSyncReplicas.length < Math.min(minInSync, replicas.length)) counts.underMinIsr++
}

function noteLags(
  lags: Map<number, { records: number; ms: number }>,
  { replicas, logHandle }: PartitionImage,
  { brokerId, led }: ClusterFamilySources,
): void {
  if (logHandle === undefined || replicas.length < 2) return
  const partition = led(logHandle)
  if (partition === undefined) return
  for (const { brokerId: id, endOffset, lagMs } of partition.replicas) {
    if (id === brokerId || !replicas.includes(id)) continue
    const lag = lags.get(id) ?? { records: 0, ms: 0 }
    lag.records = Math.max(lag.records, partition.endOffset - Math.max(endOffset, 0))
    lag.ms = Math.max(lag.ms, lagMs)
    lags.set(id, lag)
  }
}

function gauge(name: string, help: string, value: number): MetricFamily {
  return { name: `millrace_${name}`, help, type: 'gauge', samples: [{ labels: {}, value }] }
}
