// Brings what this broker holds in step with the metadata: folders are made and removed, each replica is
// told its part, and then the threads are told. One round at a time; what changes during a round is the
// next one's. Belongs to the control plane's thread.

import type { Logger } from '../base/logger.js'
import { Touched } from '../cluster/touched.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import type { TopicRecord } from '../metadata/records.js'
import type { ImagePublisher } from './image-publisher.js'
import type { LocalPartition } from './load-replicas.js'
import type { LocalReplicas } from './local-replicas.js'

export interface ReplicaManagerOptions {
  readonly brokerId: number
  readonly state: ClusterState
  readonly replicas: LocalReplicas
  readonly publisher: ImagePublisher
  readonly logger: Logger
}

export class ReplicaManager {
  private waiting: Touched | undefined
  private running: Promise<void> | undefined
  /** Partitions whose records were here and are gone: they are not begun anew. */
  private readonly lost = new Set<string>()

  constructor(private readonly options: ReplicaManagerOptions) {}

  /** Resolves when this change, and all before it, are done and told. */
  apply(touched: Touched): Promise<void> {
    this.waiting ??= new Touched()
    this.waiting.add(touched)
    this.running ??= this.run()
    return this.running
  }

  /** Waits for what is being done. */
  async settled(): Promise<void> {
    await this.running
  }

  markLost({ topic, index }: LocalPartition): void {
    this.lost.add(`${topic.id}/${index}`)
  }

  private async run(): Promise<void> {
    await Promise.resolve()
    while (this.waiting !== undefined) {
      const touched = this.waiting
      this.waiting = undefined
      await this.bringInStep(touched)
    }
    this.running = undefined
  }

  private async bringInStep(touched: Touched): Promise<void> {
    const topics = this.topicsOf(touched)
    for (const topic of topics) await this.makeFolders(topic)
    this.takeParts(topics)
    this.options.publisher.publish(touched)
    for (const topic of topics) await this.removeFolders(topic)
  }

  private topicsOf(touched: Touched): readonly TopicRecord[] {
    const { state } = this.options
    return [...touched.topicIds].flatMap((id) => state.topicById(id) ?? [])
  }

  private async makeFolders(topic: TopicRecord): Promise<void> {
    if (topic.isDeleted) return
    const { replicas, logger } = this.options
    const missing = this.indexesOf(topic).filter(
      (index) =>
        this.isOurs(topic, index) &&
        replicas.replica(topic.id, index) === undefined &&
        !this.lost.has(`${topic.id}/${index}`),
    )
    const failure = await replicas.create(topic, missing)
    if (failure !== undefined) {
      logger.error('cannot make the folders of a topic', { topic: topic.name, ...failure })
    }
    replicas.configure(topic)
  }

  // A replica that has no companion is its own high watermark; the epoch says who it is.
  private takeParts(topics: readonly TopicRecord[]): void {
    const { state, replicas } = this.options
    for (const topic of topics) {
      if (topic.isDeleted) continue
      for (const index of this.indexesOf(topic)) {
        const log = replicas.replica(topic.id, index)?.log
        if (log === undefined || replicas.handle(topic.id, index) === undefined) continue
        const { leaderEpoch } = state.partition(topic, index)
        // Raising it is written to disk.
        if (leaderEpoch > log.state().leaderEpoch) log.setLeaderEpoch(leaderEpoch)
      }
    }
  }

  private async removeFolders(topic: TopicRecord): Promise<void> {
    const { replicas } = this.options
    for (const index of this.indexesOf(topic)) {
      const isOpen = replicas.replica(topic.id, index) !== undefined
      if (isOpen && (topic.isDeleted || !this.isOurs(topic, index))) {
        await replicas.remove(topic, index)
      }
    }
  }

  private isOurs(topic: TopicRecord, index: number): boolean {
    return this.options.state.replicasOf(topic, index).includes(this.options.brokerId)
  }

  private indexesOf(topic: TopicRecord): readonly number[] {
    return topic.partitions.map((_, index) => index)
  }
}
