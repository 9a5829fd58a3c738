// The metadata store's records, by what decisions ask for. Decisions only read it; replay() is the one
// way to change it, at load, after each commit and after each reading alike.
import type {
  BrokerRecord,
  BrokerStateRecord,
  ClusterRecord,
  ControllerEpochRecord,
  ControllerRecord,
  PartitionRecord,
  ProducerIdsRecord,
  TopicRecord,
  UnavailableRecord,
} from './records.js'
import { collisionKey } from './topic-names.js'

/** One record of the metadata store, put or deleted. */
export type Change =
  | { readonly type: 'cluster'; readonly record: ClusterRecord }
  | { readonly type: 'controller-epoch'; readonly record: ControllerEpochRecord }
  | { readonly type: 'controller'; readonly record: ControllerRecord }
  | { readonly type: 'controller-gone' }
  | { readonly type: 'broker'; readonly record: BrokerRecord }
  | { readonly type: 'broker-gone'; readonly brokerId: number }
  | { readonly type: 'broker-state'; readonly brokerId: number; readonly record: BrokerStateRecord }
  | { readonly type: 'unavailable'; readonly brokerId: number; readonly record: UnavailableRecord }
  | { readonly type: 'unavailable-gone'; readonly brokerId: number }
  | { readonly type: 'topic'; readonly record: TopicRecord }
  | { readonly type: 'topic-forgotten'; readonly topicId: string }
  | {
      readonly type: 'partition'
      readonly topicId: string
      readonly index: number
      readonly record: PartitionRecord
    }
  | { readonly type: 'partition-forgotten'; readonly topicId: string; readonly index: number }
  | { readonly type: 'producer-ids'; readonly record: ProducerIdsRecord }

/** A command's outcome: what to store, and what to answer once it is stored. */
export interface Decision<R> {
  readonly changes: readonly Change[]
  readonly response: R
}

export class ClusterState {
  cluster: ClusterRecord | undefined
  controllerEpoch = 0
  controller: ControllerRecord | undefined
  nextProducerId = 0
  /** Those whose session lives. */
  readonly brokers = new Map<number, BrokerRecord>()
  /** Of every broker that ever was. */
  readonly brokerStates = new Map<number, BrokerStateRecord>()
  private readonly unavailableOn = new Map<number, UnavailableRecord>()
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
      eligibleLeaders: [],
      uncertainReplicas: [],
      replicas: undefined,
      addingReplicas: [],
      removingReplicas: [],
      controllerEpoch: 0,
    }
  }

  /** Where its replicas are, those included that are being added or removed. */
  replicasOf(topic: TopicRecord, index: number): readonly number[] {
    const moved = this.partitionsOf.get(topic.id)?.get(index)?.replicas
    return moved ?? topic.partitions[index]?.replicas ?? []
  }

  /** Its session lives, and the controller has let it in. */
  isActive(brokerId: number): boolean {
    const broker = this.brokers.get(brokerId)
    const state = this.brokerStates.get(brokerId)
    return broker !== undefined && state?.isFenced === false && state.epoch === broker.epoch
  }

  /** Those whose leader or in-sync replicas are not the first ones any more. */
  changedPartitions(topicId: string): number[] {
    return [...(this.partitionsOf.get(topicId)?.keys() ?? [])]
  }

  /** Of those that are let in the ones nobody drains; all, where they are too few. */
  placeableBrokers(atLeast: number): { readonly id: number; readonly rack: string | undefined }[] {
    const active = this.activeBrokers()
    const wanted = active.filter((id) => this.brokerStates.get(id)?.isDrained !== true)
    const chosen = wanted.length >= atLeast ? wanted : active
    return chosen.map((id) => ({ id, rack: this.brokers.get(id)?.rack }))
  }

  activeBrokers(): number[] {
    return [...this.brokers.keys()].filter((id) => this.isActive(id)).sort((a, b) => a - b)
  }

  /** Its broker is there, and cannot serve this one: a directory has failed, a folder is missing. */
  isUnavailable(brokerId: number, topicId: string, index: number): boolean {
    return this.unavailableOn.get(brokerId)?.partitions[topicId]?.includes(index) === true
  }

  unavailable(brokerId: number): UnavailableRecord | undefined {
    return this.unavailableOn.get(brokerId)
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
      case 'controller':
        this.controller = change.record
        break
      case 'controller-gone':
        this.controller = undefined
        break
      case 'broker':
        this.brokers.set(change.record.id, change.record)
        break
      case 'broker-gone':
        this.brokers.delete(change.brokerId)
        break
      case 'broker-state':
        this.brokerStates.set(change.brokerId, change.record)
        break
      case 'unavailable':
        this.unavailableOn.set(change.brokerId, change.record)
        break
      case 'unavailable-gone':
        this.unavailableOn.delete(change.brokerId)
        break
      case 'topic':
        this.replayTopic(change.record)
        break
      case 'topic-forgotten':
        this.forgetTopic(change.topicId)
        break
      case 'partition-forgotten':
        this.forgetPartition(change.topicId, change.index)
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

  // It may never have been seen as a tombstone here.
  private forgetTopic(topicId: string): void {
    const topic = this.byId.get(topicId)
    if (topic?.isDeleted === false) this.replayTopic({ ...topic, isDeleted: true })
    this.byId.delete(topicId)
  }

  private forgetPartition(topicId: string, index: number): void {
    const partitions = this.partitionsOf.get(topicId)
    partitions?.delete(index)
    if (partitions?.size === 0) this.partitionsOf.delete(topicId)
  }

  private replayPartition(topicId: string, index: number, record: PartitionRecord): void {
    const partitions = this.partitionsOf.get(topicId) ?? new Map<number, PartitionRecord>()
    this.partitionsOf.set(topicId, partitions.set(index, record))
  }
}
