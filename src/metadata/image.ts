// What the cluster knows, as every thread sees it: immutable, replaced as a whole by applying a
// delta. The control plane makes deltas; io workers only read.

export interface PartitionImage {
  readonly index: number
  /** -1: no leader. */
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicas: readonly number[]
  readonly inSyncReplicas: readonly number[]
  /** Not in sync, and electable all the same (KIP-966). */
  readonly eligibleLeaders: readonly number[]
  /** The process-wide handle of this broker's replica; undefined: none here, or its disk failed. */
  readonly logHandle: number | undefined
}

export interface TopicImage {
  readonly name: string
  /** 22 characters, as Kafka prints a topic id. */
  readonly id: string
  readonly isInternal: boolean
  /** Index i holds partition i. */
  readonly partitions: readonly PartitionImage[]
  /** Configs set on the topic, by Kafka's name; defaults are not repeated here. */
  readonly configs: Readonly<Record<string, string>>
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface BrokerEndpoint extends HostPort {
  readonly listener: string
}

export interface BrokerImage {
  readonly id: number
  readonly rack: string | undefined
  readonly endpoints: readonly BrokerEndpoint[]
  /** Of its registration. */
  readonly epoch: number
  /** It is about to stop: it leads nothing new, and joins no in-sync set. */
  readonly isDraining: boolean
  /** Somebody asked that it leads nothing that others can, and gets no new replicas. */
  readonly isDrained: boolean
  /** Where other brokers reach it; undefined: it serves alone. */
  readonly interBroker: HostPort | undefined
}

/** A broker that is known and not there, or not let in. */
export type FencedBroker = Pick<BrokerImage, 'id' | 'rack' | 'endpoints'>

/** Partitions of a topic of which the rest is as it was. */
export interface PartitionsDelta {
  readonly topicId: string
  readonly partitions: readonly PartitionImage[]
}

export interface MetadataDelta {
  readonly version: number
  readonly clusterId?: string
  readonly controllerId?: number
  readonly brokers?: readonly BrokerImage[]
  readonly fencedBrokers?: readonly FencedBroker[]
  readonly topicsChanged?: readonly TopicImage[]
  /** Applied after topicsChanged; of topics that the image has. */
  readonly partitionsChanged?: readonly PartitionsDelta[]
  /** Names. */
  readonly topicsRemoved?: readonly string[]
}

/** All but the topics. */
interface ClusterFacts {
  readonly clusterId: string
  readonly controllerId: number
  readonly brokers: ReadonlyMap<number, BrokerImage>
  readonly fencedBrokers: readonly FencedBroker[]
}

interface TopicMaps {
  readonly byName: ReadonlyMap<string, TopicImage>
  readonly byId: ReadonlyMap<string, TopicImage>
}

const noFacts = { clusterId: '', controllerId: -1, brokers: new Map(), fencedBrokers: [] }

export class MetadataImage {
  static readonly empty = new MetadataImage(0, noFacts, { byName: new Map(), byId: new Map() })

  readonly clusterId: string
  readonly controllerId: number
  /** Those that are there and let in. */
  readonly brokers: ReadonlyMap<number, BrokerImage>
  readonly fencedBrokers: readonly FencedBroker[]
  private readonly byName: ReadonlyMap<string, TopicImage>
  private readonly byId: ReadonlyMap<string, TopicImage>

  private constructor(
    readonly version: number,
    facts: ClusterFacts,
    topics: TopicMaps,
  ) {
    this.clusterId = facts.clusterId
    this.controllerId = facts.controllerId
    this.brokers = facts.brokers
    this.fencedBrokers = facts.fencedBrokers
    this.byName = topics.byName
    this.byId = topics.byId
  }

  topic(name: string): TopicImage | undefined {
    return this.byName.get(name)
  }

  topicById(id: string): TopicImage | undefined {
    return this.byId.get(id)
  }

  /** In order of creation in this process. */
  topics(): Iterable<TopicImage> {
    return this.byName.values()
  }

  get topicCount(): number {
    return this.byName.size
  }

  /** The whole image as a delta on the empty one: what a thread that starts is sent. */
  toDelta(): MetadataDelta {
    return {
      version: this.version,
      clusterId: this.clusterId,
      controllerId: this.controllerId,
      brokers: [...this.brokers.values()],
      fencedBrokers: this.fencedBrokers,
      topicsChanged: [...this.byName.values()],
    }
  }

  apply(delta: MetadataDelta): MetadataImage {
    const brokers = delta.brokers ? new Map(delta.brokers.map((b) => [b.id, b])) : this.brokers
    const facts = {
      clusterId: delta.clusterId ?? this.clusterId,
      controllerId: delta.controllerId ?? this.controllerId,
      brokers,
      fencedBrokers: delta.fencedBrokers ?? this.fencedBrokers,
    }
    return new MetadataImage(delta.version, facts, this.topicsAfter(delta))
  }

  private topicsAfter(delta: MetadataDelta): TopicMaps {
    const { topicsRemoved = [], topicsChanged = [], partitionsChanged = [] } = delta
    if (topicsRemoved.length + topicsChanged.length + partitionsChanged.length === 0) {
      return { byName: this.byName, byId: this.byId }
    }
    const byName = new Map(this.byName)
    const byId = new Map(this.byId)
    for (const name of topicsRemoved) {
      const topic = byName.get(name)
      if (topic === undefined) continue
      byName.delete(name)
      byId.delete(topic.id)
    }
    const put = (topic: TopicImage) => {
      const before = byName.get(topic.name)
      if (before !== undefined && before.id !== topic.id) byId.delete(before.id)
      byName.set(topic.name, topic)
      byId.set(topic.id, topic)
    }
    for (const topic of topicsChanged) put(topic)
    for (const changed of partitionsChanged) {
      const topic = byId.get(changed.topicId)
      if (topic !== undefined) put(withPartitions(topic, changed.partitions))
    }
    return { byName, byId }
  }
}

export function withPartitions(topic: TopicImage, changed: readonly PartitionImage[]): TopicImage {
  const partitions = topic.partitions.slice()
  for (const partition of changed) partitions[partition.index] = partition
  return { ...topic, partitions }
}
