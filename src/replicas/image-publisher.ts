// What this broker's threads are told of the cluster: the image, and each change of it as a delta.
import type { Touched } from '../cluster/touched.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import { type BrokerImage, type MetadataDelta, MetadataImage } from '../metadata/image.js'
import type { TopicRecord } from '../metadata/records.js'
import type { LocalReplicas } from './local-replicas.js'
import { topicImage } from './topic-image.js'

export interface ImagePublisherOptions {
  readonly brokerId: number
  readonly state: ClusterState
  readonly replicas: LocalReplicas
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
    const ids = all ? [...state.topics()].map(({ id }) => id) : [...touched.topicIds]
    const clusterId = state.cluster?.clusterId ?? ''
    this.send({
      ...(clusterId === this.current.clusterId ? {} : { clusterId }),
      ...(touched.controller ? { controllerId: state.controller?.brokerId ?? NO_CONTROLLER } : {}),
      ...(touched.brokers ? { brokers: this.brokers() } : {}),
      ...this.topicDelta(ids),
    })
  }

  /** Of topics whose directories have changed, and nothing in the metadata. */
  publishTopics(topics: readonly TopicRecord[]): void {
    this.send(this.topicDelta(topics.map(({ id }) => id)))
  }

  private topicDelta(ids: readonly string[]): Omit<MetadataDelta, 'version'> {
    const { state, replicas } = this.options
    const { isAdmitted } = this
    const topicsChanged = ids.flatMap((id) => {
      const topic = state.topicById(id)
      if (topic === undefined || topic.isDeleted) return []
      this.published.set(id, topic.name)
      return [topicImage(topic, state, { replicas, isAdmitted })]
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
    return [...state.brokers.values()].filter(({ id }) => state.isActive(id))
  }

  private send(change: Omit<MetadataDelta, 'version'>): void {
    if (Object.keys(change).length === 0) return
    const delta = { version: this.current.version + 1, ...change }
    this.current = this.current.apply(delta)
    for (const listener of this.listeners) listener(delta)
  }
}
