// What this broker's threads are told of the cluster: the image, and each change of it as a delta.
import type { Touched } from '../cluster/touched.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import {
  type BrokerImage,
  type FencedBroker,
  type MetadataDelta,
  MetadataImage,
  type PartitionsDelta,
} from '../metadata/image.js'
import type { TopicRecord } from '../metadata/records.js'
import type { LocalReplicas } from './local-replicas.js'
import { type ImageSources, partitionImage, topicImage } from './topic-image.js'

export interface ImagePublisherOptions {
  readonly brokerId: number
  readonly state: ClusterState
  readonly replicas: Pick<LocalReplicas, 'handle'>
}

const NO_CONTROLLER = -1

export class ImagePublisher {
  private current = MetadataImage.empty
  private readonly listeners = new Set<(delta: MetadataDelta) => void>()
  private readonly published = new Map<string, string>()
  private isAdmitted = false

  constructor(private readonly options: ImagePublisherOptions) {}

  image(): MetadataImage {
    return this.current
  }

  onDelta(listener: (delta: MetadataDelta) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  publish(touched: Touched): void {
    const { state, brokerId } = this.options
    const admitted = state.isActive(brokerId)
    const all = admitted !== this.isAdmitted
    this.isAdmitted = admitted
    const clusterId = state.cluster?.clusterId ?? ''
    this.send({
      ...(clusterId === this.current.clusterId ? {} : { clusterId }),
      ...(touched.controller ? { controllerId: state.controller?.brokerId ?? NO_CONTROLLER } : {}),
      ...(touched.brokers ? { brokers: this.brokers(), fencedBrokers: this.fencedBrokers() } : {}),
      ...(all
        ? this.topicDelta([...state.topics()].map(({ id }) => id))
        : this.touchedDelta(touched)),
    })
  }

  /** Of topics whose directories have changed, and nothing in the metadata. */
  publishTopics(topics: readonly TopicRecord[]): void {
    this.send(this.topicDelta(topics.map(({ id }) => id)))
  }

  // Of a topic that the threads know only what has changed is told: it may have thousands of partitions.
  private touchedDelta(touched: Touched): Omit<MetadataDelta, 'version'> {
    const whole: string[] = []
    const partitionsChanged: PartitionsDelta[] = []
    for (const [topicId, indexes] of touched.topics) {
      const topic = this.options.state.topicById(topicId)
      const known = this.current.topicById(topicId)
      const isKnown =
        topic !== undefined &&
        !topic.isDeleted &&
        known?.partitions.length === topic.partitions.length
      if (indexes === 'all' || !isKnown) {
        whole.push(topicId)
        continue
      }
      const partitions = [...indexes].flatMap((index) =>
        topic.partitions[index] === undefined ? [] : [partitionImage(topic, index, this.sources())],
      )
      partitionsChanged.push({ topicId, partitions })
    }
    return {
      ...this.topicDelta(whole),
      ...(partitionsChanged.length > 0 ? { partitionsChanged } : {}),
    }
  }

  private sources(): ImageSources {
    return { ...this.options, isAdmitted: this.isAdmitted }
  }

  private topicDelta(ids: readonly string[]): Omit<MetadataDelta, 'version'> {
    const { state } = this.options
    const topicsChanged = ids.flatMap((id) => {
      const topic = state.topicById(id)
      if (topic === undefined || topic.isDeleted) return []
      this.published.set(id, topic.name)
      return [topicImage(topic, this.sources())]
    })
    const changed = new Set(topicsChanged.map(({ name }) => name))
    const topicsRemoved = ids.flatMap((id) => {
      const name = this.published.get(id)
      const topic = state.topicById(id)
      if (name === undefined || topic?.isDeleted === false) return []
      this.published.delete(id)
      return [name]
    })
    // A younger topic of the same name stays.
    const gone = topicsRemoved.filter((name) => !changed.has(name) && !this.isHeldByAnother(name))
    return {
      ...(topicsChanged.length > 0 ? { topicsChanged } : {}),
      ...(gone.length > 0 ? { topicsRemoved: gone } : {}),
    }
  }

  private isHeldByAnother(name: string): boolean {
    const topic = this.options.state.topic(name)
    return topic !== undefined && this.published.has(topic.id)
  }

  private brokers(): readonly BrokerImage[] {
    const { state } = this.options
    return [...state.brokers.values()].flatMap((broker) => {
      if (!state.isActive(broker.id)) return []
      const known = state.brokerStates.get(broker.id)
      const isDraining = known?.isDraining === true
      return [{ ...broker, isDraining, isDrained: known?.isDrained === true }]
    })
  }

  private fencedBrokers(): readonly FencedBroker[] {
    const { state } = this.options
    return [...state.brokerStates].flatMap(([id, { rack, endpoints, isForgotten }]) =>
      isForgotten || state.isActive(id) ? [] : [{ id, rack, endpoints }],
    )
  }

  private send(change: Omit<MetadataDelta, 'version'>): void {
    if (Object.keys(change).length === 0) return
    const delta = { version: this.current.version + 1, ...change }
    this.current = this.current.apply(delta)
    for (const listener of this.listeners) listener(delta)
  }
}
