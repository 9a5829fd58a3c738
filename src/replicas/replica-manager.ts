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

/** A change of an in-sync set that is being stored. */
export interface InSyncProposal {
  readonly topicId: string
  readonly index: number
  readonly leaderEpoch: number
  readonly inSync: readonly number[]
}

export interface ReplicaManagerOptions {
  readonly brokerId: number
  readonly state: ClusterState
  readonly replicas: LocalReplicas
  readonly publisher: ImagePublisher
  /** Of a topic's partition: how many have to be in sync for anything to be committed. */
  minInSync(topic: TopicRecord, index: number): number
  readonly logger: Logger
}

/** The partitions of a topic that a round is about. */
interface TouchedPart {
  readonly topic: TopicRecord
  readonly indexes: readonly number[]
  /** Its configs may have changed, too. */
  readonly isWhole: boolean
}

export class ReplicaManager {
  private waiting: Touched | undefined
  private running: Promise<void> | undefined
  /** Partitions whose records were here and are gone, or damaged: they are not begun anew. */
  private readonly lost = new Set<string>()
  private readonly proposals = new Map<string, InSyncProposal>()
  private isAdmitted = false
  private servedUnder: number | undefined
  private hasFailed = false

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

  /** Both the set that is stored and the one that may be stored count, until it is settled (KIP-497). */
  propose(proposal: InSyncProposal): void {
    this.proposals.set(`${proposal.topicId}/${proposal.index}`, proposal)
    this.takePart(proposal.topicId, proposal.index)
  }

  settle({ topicId, index }: Pick<InSyncProposal, 'topicId' | 'index'>): void {
    this.proposals.delete(`${topicId}/${index}`)
    this.takePart(topicId, index)
  }

  /** The epoch of this broker's registration that the threads have been told of; undefined: of none. */
  get servedEpoch(): number | undefined {
    return this.servedUnder
  }

  /** Some folders could not be made, at some time. */
  get failedToMake(): boolean {
    return this.hasFailed
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
    const { state, brokerId } = this.options
    const isAdmitted = state.isActive(brokerId)
    const isNews = isAdmitted !== this.isAdmitted
    this.isAdmitted = isAdmitted
    const parts = isNews ? this.everything() : this.partsOf(touched)
    for (const part of parts) await this.makeFolders(part)
    for (const { topic, indexes } of parts) {
      if (!topic.isDeleted) for (const index of indexes) this.takePart(topic.id, index)
    }
    this.servedUnder = isAdmitted ? state.brokers.get(brokerId)?.epoch : undefined
    this.options.publisher.publish(touched)
    for (const part of parts) await this.removeFolders(part)
  }

  private everything(): readonly TouchedPart[] {
    return [...this.options.state.topics()].map(wholeTopic)
  }

  private partsOf(touched: Touched): readonly TouchedPart[] {
    return [...touched.topics].flatMap(([id, partitions]) => {
      const topic = this.options.state.topicById(id)
      if (topic === undefined) return []
      if (partitions === 'all') return [wholeTopic(topic)]
      return [{ topic, indexes: [...partitions], isWhole: false }]
    })
  }

  private async makeFolders({ topic, indexes, isWhole }: TouchedPart): Promise<void> {
    if (topic.isDeleted) return
    const { replicas, logger } = this.options
    const missing = indexes.filter(
      (index) =>
        this.isOurs(topic, index) &&
        replicas.replica(topic.id, index) === undefined &&
        !this.lost.has(`${topic.id}/${index}`),
    )
    const failure = await replicas.create(topic, missing)
    if (failure !== undefined) {
      this.hasFailed = true
      logger.error('cannot make the folders of a topic', { topic: topic.name, ...failure })
    }
    if (isWhole) replicas.configure(topic)
  }

  // Nothing is led before the controller has let this broker in: what it led before, it led as another.
  private takePart(topicId: string, index: number): void {
    const { state, replicas, brokerId, logger } = this.options
    const topic = state.topicById(topicId)
    const log = replicas.replica(topicId, index)?.log
    if (topic === undefined || log === undefined || !this.isAdmitted) return
    if (replicas.handle(topicId, index) === undefined) return
    const { leaderId, leaderEpoch, inSyncReplicas } = state.partition(topic, index)
    if (state.replicasOf(topic, index).length === 1) {
      // Alone it is its own high watermark. Raising the epoch is written to disk.
      if (leaderEpoch > log.state().leaderEpoch) log.setLeaderEpoch(leaderEpoch)
      return
    }
    const proposal = this.proposals.get(`${topicId}/${index}`)
    const taken =
      leaderId === brokerId
        ? log.lead(brokerId, {
            leaderEpoch,
            inSync: inSyncReplicas,
            proposed: proposal?.leaderEpoch === leaderEpoch ? proposal.inSync : [],
            minInSync: this.minInSync(topic, index),
          })
        : log.follow(leaderEpoch)
    if (taken.ok) return
    const { code, message } = taken.failure
    logger.error('a replica cannot take its part', { partition: log.name, code, reason: message })
  }

  // As long as somebody else is eligible, nothing may be committed without him, although a lower minimum would
  // allow it by now: the controller strikes him off first.
  private minInSync(topic: TopicRecord, index: number): number {
    const { inSyncReplicas, eligibleLeaders } = this.options.state.partition(topic, index)
    const minimum = this.options.minInSync(topic, index)
    return eligibleLeaders.length > 0 ? Math.max(minimum, inSyncReplicas.length + 1) : minimum
  }

  private async removeFolders({ topic, indexes }: TouchedPart): Promise<void> {
    const { replicas } = this.options
    for (const index of indexes) {
      const isOpen = replicas.replica(topic.id, index) !== undefined
      if (isOpen && (topic.isDeleted || !this.isOurs(topic, index))) {
        await replicas.remove(topic, index)
      }
    }
  }

  private isOurs(topic: TopicRecord, index: number): boolean {
    return this.options.state.replicasOf(topic, index).includes(this.options.brokerId)
  }
}

function wholeTopic(topic: TopicRecord): TouchedPart {
  return { topic, indexes: topic.partitions.map((_, index) => index), isWhole: true }
}
