// What must hold of the metadata, checked at every transaction that the coordination service commits.
import assert from 'node:assert/strict'
import { decodeChange } from '../../../src/metadata/change-codec.js'
import { PARTITIONS_PREFIX, TOPICS_PREFIX } from '../../../src/metadata/keys.js'
import type { PartitionRecord } from '../../../src/metadata/records.js'
import type { StoreOperation } from '../../../src/store/metadata-store.js'
import type { CoordinationService } from '../store/coordination-service.js'

interface Known {
  readonly record: PartitionRecord
  /** Whoever may be asked for what was committed: nothing is committed without all of them. */
  readonly holders: ReadonlySet<number>
}

export class MetadataInvariants {
  private readonly known = new Map<string, Known>()
  private readonly leaders = new Map<string, number>()
  private readonly names = new Map<string, string>()
  private topicId = ''
  elections = 0
  leaderless = 0
  belowMinimum = 0

  constructor(
    service: CoordinationService,
    private readonly first: {
      /** The topic whose partitions are watched. */
      readonly topic: string
      readonly replicas: readonly number[]
      readonly minInSync: number
    },
  ) {
    const txn = service.txn.bind(service)
    service.txn = (conditions, operations) => {
      const result = txn(conditions, operations)
      if (result.status === 'committed') for (const operation of operations) this.check(operation)
      return result
    }
  }

  private check(operation: StoreOperation): void {
    const { key } = operation
    if (key.startsWith(TOPICS_PREFIX)) this.checkTopic(operation)
    if (operation.type !== 'put' || !key.startsWith(PARTITIONS_PREFIX)) return
    const change = decodeChange(operation)
    assert.ok(change?.ok && change.value.type === 'partition')
    const { record, topicId } = change.value
    // What a topic begins with depends on who was there.
    if (topicId !== this.topicId) return
    const before = this.known.get(operation.key) ?? this.beginning()
    this.checkLeader(operation.key, before, record)
    const commits = record.inSyncReplicas.length >= this.first.minInSync
    if (!commits) this.belowMinimum++
    const holders = commits ? new Set(record.inSyncReplicas) : before.holders
    this.known.set(operation.key, { record, holders })
  }

  /** Names are unique: nothing but the controller epoch sees to it. */
  private checkTopic(operation: StoreOperation): void {
    this.names.delete(operation.key)
    if (operation.type !== 'put') return
    const change = decodeChange(operation)
    assert.ok(change?.ok && change.value.type === 'topic')
    const { id, name, isDeleted } = change.value.record
    if (isDeleted) return
    assert.ok(![...this.names.values()].includes(name), `two topics are named ${name}`)
    this.names.set(operation.key, name)
    if (name === this.first.topic) this.topicId = id
  }

  private checkLeader(key: string, { record: before, holders }: Known, after: PartitionRecord) {
    const what = `${key}: ${JSON.stringify(before)} became ${JSON.stringify(after)}`
    assert.ok(after.leaderEpoch >= before.leaderEpoch, what)
    const epoch = `${key}@${after.leaderEpoch}`
    assert.equal(this.leaders.get(epoch) ?? after.leaderId, after.leaderId, `two leaders: ${what}`)
    this.leaders.set(epoch, after.leaderId)
    if (after.leaderId === -1) {
      this.leaderless++
      return
    }
    assert.ok(after.inSyncReplicas.includes(after.leaderId), what)
    if (after.leaderId === before.leaderId && after.leaderEpoch === before.leaderEpoch) return
    this.elections++
    assert.ok(holders.has(after.leaderId), `the leader may lack what was committed: ${what}`)
  }

  private beginning(): Known {
    const { replicas } = this.first
    const record: PartitionRecord = {
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
    return { record, holders: new Set(replicas) }
  }
}
