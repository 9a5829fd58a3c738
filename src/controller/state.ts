// What the controller knows: the metadata store's records, by what decisions ask for. Decisions only
// read it; replay() is the one way to change it, at load and after each commit alike.
import type {
  BrokerRecord,
  ClusterRecord,
  ControllerEpochRecord,
  PartitionRecord,
  ProducerIdsRecord,
  TopicRecord,
} from '../metadata/records.js'
import { collisionKey } from './topic-names.js'

/** One record of the metadata store, put or (a forgotten topic) deleted. */
export type Change =
  | { readonly type: 'cluster'; readonly record: ClusterRecord }
  | { readonly type: 'controller-epoch'; readonly record: ControllerEpochRecord }
  | { readonly type: 'broker'; readonly record: BrokerRecord }
  | { readonly type: 'topic'; readonly record: TopicRecord }
  | { readonly type: 'topic-forgotten'; readonly topicId: string }
  | {
      readonly type: 'partition'
      readonly topicId: string
      readonly index: number
      readonly record: PartitionRecord
    }
  | { readonly type: 'producer-ids'; readonly record: ProducerIdsRecord }

/** A command's outcome: what to store, and what to answer once it is stored. */
export interface Decision<R> {
  readonly changes: readonly Change[]
  readonly response: R
}

export class ClusterState {
  cluster: ClusterRecord | undefined
  controllerEpoch = 0
  nextProducerId = 0
  readonly brokers = new Map<number, BrokerRecord>()
  private readonly live = new Map<string, TopicRecord>()
  private readonly byId = new Map<string, TopicRecord>()
  private readonly partitionsOf = new Map<string, Map<number, PartitionRecord>>()
  private readonly colliding = new Map<string, Set<string>>()

  topic(name: string): TopicRecord | undefined {
    return this.live.get(name)
  }

  /** Tombstones, too. */
  topicById(id: string): TopicRecord | undefined {
    return this.byId.get(id)
  }

  topics(): Iterable<TopicRecord> {
    return this.live.values()
  }

  tombstones(): TopicRecord[] {
    return [...this.byId.values()].filter((topic) => topic.isDeleted)
  }

  /** Leader and in-sync replicas now; before the first change they follow from the assignment. */
  partition(topic: TopicRecord, index: number): PartitionRecord {
    const changed = this.partitionsOf.get(topic.id)?.get(index)
    if (changed !== undefined) return changed
    const replicas = topic.partitions[index]?.replicas ?? []
    return {
      leaderId: replicas[0] ?? -1,
      leaderEpoch: 0,
      inSyncReplicas: replicas,
      controllerEpoch: 0,
    }
  }

  /** Those whose leader or in-sync replicas are not the first ones any more. */
  changedPartitions(topicId: string): number[] {
    return [...(this.partitionsOf.get(topicId)?.keys() ?? [])]
  }

  /** Another topic whose name differs in '.' and '_' only. */
  collisionWith(name: string): string | undefined {
    const key = collisionKey(name)
    if (key === undefined) return undefined
    for (const other of this.colliding.get(key) ?? []) {
      if (other !== name) return other
    }
    return undefined
  }

  replay(change: Change): void {
    switch (change.type) {
      case 'cluster':
        this.cluster = change.record
        break
      case 'controller-epoch':
        this.controllerEpoch = change.record.epoch
        break
      case 'broker':
        this.brokers.set(change.record.id, change.record)
        break
      case 'topic':
        this.replayTopic(change.record)
        break
      case 'topic-forgotten':
        this.byId.delete(change.topicId)
        this.partitionsOf.delete(change.topicId)
        break
      case 'partition':
        this.replayPartition(change.topicId, change.index, change.record)
        break
      case 'producer-ids':
        this.nextProducerId = change.record.nextProducerId
        break
    }
  }

  private replayTopic(record: TopicRecord): void {
    this.byId.set(record.id, record)
    const key = collisionKey(record.name)
    if (!record.isDeleted) {
      this.live.set(record.name, record)
      if (key !== undefined) {
        const names = this.colliding.get(key) ?? new Set()
        this.colliding.set(key, names.add(record.name))
      }
      return
    }
    // The name may belong to a younger topic by now.
    if (this.live.get(record.name)?.id !== record.id) return
    this.live.delete(record.name)
    if (key !== undefined) this.colliding.get(key)?.delete(record.name)
  }

  private replayPartition(topicId: string, index: number, record: PartitionRecord): void {
    const partitions = this.partitionsOf.get(topicId) ?? new Map<number, PartitionRecord>()
    this.partitionsOf.set(topicId, partitions.set(index, record))
  }
}
