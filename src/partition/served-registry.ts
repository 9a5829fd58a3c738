// The partitions that this broker leads, and those that it follows, as one thread has looked them up: made on first use from
// the metadata image, kept in step with it by its deltas, woken by the log's notifications.
import type { Deadlines } from '../base/deadlines.js'
import type { PartitionLog } from '../log/types.js'
import {
  type MetadataDelta,
  type MetadataImage,
  type PartitionImage,
  type TopicImage,
  withPartitions,
} from '../metadata/image.js'
import type { PartitionRegistry } from './registry.js'
import { type PartitionSurroundings, ServedPartition } from './served-partition.js'

export interface ServedRegistryOptions {
  readonly brokerId: number
  readonly deadlines: Deadlines
  /** 'durable' under flush=group. */
  readonly leaderPromise: 'durable' | 'published'
  /** This broker's session lives now. */
  isSessionAlive(): boolean
  /** This thread's view of the log behind a process-wide handle. */
  attach(handle: number): PartitionLog
  watch(handle: number): void
  unwatch(handle: number): void
}

interface ServedTopic {
  image: TopicImage
  /** Index i holds partition i once it was asked for, as its leader. */
  readonly partitions: (ServedPartition | undefined)[]
  /** The same as a follower. */
  readonly followed: (ServedPartition | undefined)[]
}

type Part = 'partitions' | 'followed'

export class ServedRegistry implements PartitionRegistry {
  private readonly byName = new Map<string, ServedTopic>()
  private readonly byId = new Map<string, ServedTopic>()
  private readonly byHandle = new Map<number, ServedPartition>()
  private readonly surroundings: PartitionSurroundings

  constructor(private readonly options: ServedRegistryOptions) {
    this.surroundings = options
  }

  find(topic: string, index: number): ServedPartition | undefined {
    const served = this.byName.get(topic)
    if (served === undefined) return undefined
    return served.partitions[index] ?? this.serve(served, index, 'partitions')
  }

  findById(topicId: string, index: number): ServedPartition | undefined {
    const served = this.byId.get(topicId)
    if (served === undefined) return undefined
    return served.partitions[index] ?? this.serve(served, index, 'partitions')
  }

  findFollowed(topic: string, index: number): ServedPartition | undefined {
    const served = this.byName.get(topic)
    if (served === undefined) return undefined
    return served.followed[index] ?? this.serve(served, index, 'followed')
  }

  findFollowedById(topicId: string, index: number): ServedPartition | undefined {
    const served = this.byId.get(topicId)
    if (served === undefined) return undefined
    return served.followed[index] ?? this.serve(served, index, 'followed')
  }

  /** Brings it in step with a delta; a thread that starts applies its first image's toDelta(). */
  apply(delta: MetadataDelta): void {
    for (const name of delta.topicsRemoved ?? []) this.remove(name)
    for (const image of delta.topicsChanged ?? []) this.change(image)
    for (const { topicId, partitions } of delta.partitionsChanged ?? []) {
      const served = this.byId.get(topicId)
      if (served === undefined) continue
      served.image = withPartitions(served.image, partitions)
      for (const { index } of partitions) this.changePartition(served, index)
    }
  }

  /** Builds it anew from a whole image. */
  reset(image: MetadataImage): void {
    for (const name of [...this.byName.keys()]) {
      if (image.topic(name) === undefined) this.remove(name)
    }
    for (const topic of image.topics()) this.change(topic)
  }

  /** The log's notification, at most once an event-loop turn. */
  onMoved(handles: readonly number[]): void {
    for (const handle of handles) this.byHandle.get(handle)?.moved()
  }

  /** Ends all waits; the thread stops. */
  close(): void {
    for (const name of [...this.byName.keys()]) this.remove(name)
  }

  private serve(served: ServedTopic, index: number, part: Part): ServedPartition | undefined {
    const image = served.image.partitions[index]
    const handle = image === undefined ? undefined : this.servableHandle(image, part)
    if (image === undefined || handle === undefined) return undefined
    const log = this.attach(handle)
    if (log === undefined) return undefined
    const partition = new ServedPartition(
      { topic: served.image.name, topicId: served.image.id, image },
      log,
      this.surroundings,
    )
    served[part][index] = partition
    this.byHandle.set(handle, partition)
    return partition
  }

  // A partition may be deleted before this thread hears of it: its handle is then nobody's.
  private attach(handle: number): PartitionLog | undefined {
    try {
      return this.options.attach(handle)
    } catch {
      return undefined
    }
  }

  private servableHandle(image: PartitionImage, part: Part): number | undefined {
    const isLed = image.leaderId === this.options.brokerId
    return isLed === (part === 'partitions') ? image.logHandle : undefined
  }

  private change(image: TopicImage): void {
    const served = this.byName.get(image.name)
    if (served === undefined || served.image.id !== image.id) {
      if (served !== undefined) this.remove(image.name)
      const made: ServedTopic = { image, partitions: [], followed: [] }
      this.byName.set(image.name, made)
      this.byId.set(image.id, made)
      return
    }
    served.image = image
    const known = Math.max(served.partitions.length, served.followed.length)
    for (let index = 0; index < known; index++) this.changePartition(served, index)
  }

  private changePartition(served: ServedTopic, index: number): void {
    this.changePart(served, index, 'followed')
    this.changePart(served, index, 'partitions')
  }

  private changePart(served: ServedTopic, index: number, part: Part): void {
    const partition = served[part][index]
    if (partition === undefined) return
    const image = served.image.partitions[index]
    const handle = image === undefined ? undefined : this.servableHandle(image, part)
    if (image !== undefined && handle === partition.log.handle) {
      partition.change(image)
      return
    }
    served[part][index] = undefined
    this.byHandle.delete(partition.log.handle)
    const isLed = image?.leaderId === this.options.brokerId
    const diskFailed = isLed && image.logHandle === undefined
    partition.end(diskFailed ? 'offline' : 'removed')
  }

  private remove(name: string): void {
    const served = this.byName.get(name)
    if (served === undefined) return
    this.byName.delete(name)
    this.byId.delete(served.image.id)
    for (const partition of [...served.partitions, ...served.followed]) {
      if (partition === undefined) continue
      this.byHandle.delete(partition.log.handle)
      partition.end('removed')
    }
  }
}
