// A thread's part as a follower: which partitions it keeps up, with whom, and who is told what reached the
// disk. Kept in step with the metadata image.
import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { PartitionLog } from '../log/types.js'
import type { MetadataDelta, MetadataImage, PartitionImage } from '../metadata/image.js'
import type { PeerTransport } from '../peer/transport.js'
import { type FollowedPartition, followedKey } from './followed-partition.js'
import { ReplicaFetcher } from './replica-fetcher.js'

export interface FollowerOptions {
  readonly brokerId: number
  /** This worker's number among `workers`. */
  readonly worker: number
  readonly workers: number
  /** flush=group: leaders want to know what is on the disk. */
  readonly reportsDurable: boolean
  image(): MetadataImage
  attach(handle: number): PartitionLog
  watch(handle: number): void
  unwatch(handle: number): void
  readonly transport: PeerTransport
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

const NOBODY = -1

export class Follower {
  private readonly fetchers = new Map<number, ReplicaFetcher>()
  private readonly followed = new Map<string, FollowedPartition>()
  private readonly byHandle = new Map<number, FollowedPartition>()
  private readonly reported = new Map<number, number>()

  constructor(private readonly options: FollowerOptions) {}

  /** The image has changed, by no more than `delta`; without it: perhaps everything. */
  update(delta?: MetadataDelta): void {
    if (delta === undefined || delta.topicsRemoved || delta.topicsChanged) this.updateAll()
    for (const { topicId, partitions } of delta?.partitionsChanged ?? []) {
      for (const partition of partitions) this.updateOne(topicId, partition)
    }
    for (const [leaderId, fetcher] of this.fetchers) {
      if (fetcher.size > 0) continue
      fetcher.close()
      this.fetchers.delete(leaderId)
    }
  }

  private updateAll(): void {
    const wanted = this.wanted()
    for (const [key, partition] of this.followed) {
      const next = wanted.get(key)
      if (next === undefined || next.leaderId !== partition.leaderId) this.forget(key, partition)
    }
    for (const [key, partition] of wanted) this.follow(key, partition)
  }

  private updateOne(topicId: string, image: PartitionImage): void {
    const key = followedKey({ topicId, index: image.index })
    const before = this.followed.get(key)
    const next = this.asFollowed(topicId, image)
    if (before !== undefined && next?.leaderId !== before.leaderId) this.forget(key, before)
    if (next !== undefined) this.follow(key, next)
  }

  /** The log's notification, at most once an event-loop turn. */
  onMoved(handles: readonly number[]): void {
    if (!this.options.reportsDurable) return
    const moved = new Map<number, FollowedPartition[]>()
    for (const handle of handles) {
      const partition = this.byHandle.get(handle)
      if (partition === undefined) continue
      const durable = partition.log.durableOffset()
      if (this.reported.get(handle) === durable) continue
      this.reported.set(handle, durable)
      moved.set(partition.leaderId, [...(moved.get(partition.leaderId) ?? []), partition])
    }
    for (const [leaderId, partitions] of moved) {
      this.fetchers.get(leaderId)?.reportDurable(partitions)
    }
  }

  close(): void {
    for (const fetcher of this.fetchers.values()) fetcher.close()
    for (const [key, partition] of this.followed) this.forget(key, partition)
  }

  private wanted(): ReadonlyMap<string, FollowedPartition> {
    const wanted = new Map<string, FollowedPartition>()
    for (const topic of this.options.image().topics()) {
      for (const partition of topic.partitions) {
        const followed = this.asFollowed(topic.id, partition)
        if (followed !== undefined) wanted.set(followedKey(followed), followed)
      }
    }
    return wanted
  }

  private asFollowed(topicId: string, image: PartitionImage): FollowedPartition | undefined {
    const { brokerId, worker, workers, attach } = this.options
    const { index, leaderId, leaderEpoch, logHandle } = image
    if (logHandle === undefined || logHandle % workers !== worker) return undefined
    if (leaderId === brokerId || leaderId === NOBODY) return undefined
    try {
      return { topicId, index, leaderId, leaderEpoch, log: attach(logHandle) }
    } catch {
      // Deleted before this thread heard of it.
      return undefined
    }
  }

  private follow(key: string, partition: FollowedPartition): void {
    const before = this.followed.get(key)
    if (before?.leaderEpoch === partition.leaderEpoch) return
    this.followed.set(key, partition)
    const { handle } = partition.log
    this.byHandle.set(handle, partition)
    this.reported.delete(handle)
    if (this.options.reportsDurable) this.options.watch(handle)
    this.fetcherOf(partition.leaderId).add(partition)
  }

  private forget(key: string, partition: FollowedPartition): void {
    const { handle } = partition.log
    this.followed.delete(key)
    this.byHandle.delete(handle)
    this.reported.delete(handle)
    if (this.options.reportsDurable) this.options.unwatch(handle)
    this.fetchers.get(partition.leaderId)?.remove(key)
  }

  private fetcherOf(leaderId: number): ReplicaFetcher {
    const known = this.fetchers.get(leaderId)
    if (known !== undefined) return known
    const { brokerId, image, transport, clock, random, logger } = this.options
    const fetcher = new ReplicaFetcher({
      brokerId,
      leaderId,
      address: () => image().brokers.get(leaderId)?.interBroker,
      clusterId: () => image().clusterId,
      reportsDurable: this.options.reportsDurable,
      transport,
      clock,
      random,
      logger,
    })
    this.fetchers.set(leaderId, fetcher)
    return fetcher
  }
}
