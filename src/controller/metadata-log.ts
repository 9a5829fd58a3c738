// The controller's side of the metadata store: raises the controller epoch, loads the state, and turns
// changes into transactions that only the controller of this epoch can commit.
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import {
  brokerKey,
  CLUSTER_KEY,
  CONTROLLER_EPOCH_KEY,
  PARTITIONS_PREFIX,
  PRODUCER_IDS_KEY,
  partitionKey,
  partitionOf,
  TOPICS_PREFIX,
  topicKey,
} from '../metadata/keys.js'
import {
  brokerCodec,
  clusterCodec,
  controllerEpochCodec,
  partitionCodec,
  producerIdsCodec,
  topicCodec,
} from '../metadata/records.js'
import type {
  MetadataStore,
  StoreOperation,
  StoreSession,
  StoreVersion,
} from '../store/metadata-store.js'
import { type Change, ClusterState } from './state.js'

export interface CommitFailure extends Failure {
  /** The changes may have been stored all the same: only the next start will tell. */
  readonly mayBeStored: boolean
}

export class MetadataLog {
  private constructor(
    private readonly store: MetadataStore,
    private readonly session: StoreSession,
    private readonly epochVersion: StoreVersion,
    readonly state: ClusterState,
  ) {}

  /** Becomes the controller, and reads everything that the ones before it have written. */
  static async open(store: MetadataStore, brokerId: number): Promise<Outcome<MetadataLog>> {
    const session = await store.openSession(SESSION_TTL_MS)
    if (!session.ok) return session
    const raised = await raiseEpoch(store, brokerId)
    if (!raised.ok) return raised
    const state = new ClusterState()
    const problem = await loadInto(store, state)
    if (problem !== undefined) return { ok: false, failure: problem }
    return succeed(new MetadataLog(store, session.value, raised.value, state))
  }

  /** Stores all changes or none, then replays them. */
  async commit(changes: readonly Change[]): Promise<CommitFailure | undefined> {
    if (changes.length === 0) return undefined
    const result = await this.store.txn(
      [{ key: CONTROLLER_EPOCH_KEY, version: this.epochVersion }],
      changes.flatMap((change) => this.operationsOf(change)),
    )
    if (result.status === 'conflict') {
      const { failure } = fail('NOT_CONTROLLER', 'another controller has taken over')
      return { ...failure, mayBeStored: false }
    }
    if (result.status !== 'committed') {
      return { ...result.failure, mayBeStored: result.status === 'unknown' }
    }
    for (const change of changes) this.state.replay(change)
    return undefined
  }

  /** Ends this broker's registration. */
  close(): Promise<void> {
    return this.session.close()
  }

  private operationsOf(change: Change): StoreOperation[] {
    switch (change.type) {
      case 'cluster':
        return [put(CLUSTER_KEY, clusterCodec.encode(change.record))]
      case 'controller-epoch':
        return [put(CONTROLLER_EPOCH_KEY, controllerEpochCodec.encode(change.record))]
      case 'broker': {
        const value = brokerCodec.encode(change.record)
        return [{ ...put(brokerKey(change.record.id), value), session: this.session }]
      }
      case 'topic':
        return [put(topicKey(change.record.id), topicCodec.encode(change.record))]
      case 'topic-forgotten':
        return this.forget(change.topicId)
      case 'partition':
        return [
          put(partitionKey(change.topicId, change.index), partitionCodec.encode(change.record)),
        ]
      case 'producer-ids':
        return [put(PRODUCER_IDS_KEY, producerIdsCodec.encode(change.record))]
    }
  }

  private forget(topicId: string): StoreOperation[] {
    const indexes = this.state.changedPartitions(topicId)
    const keys = [topicKey(topicId), ...indexes.map((index) => partitionKey(topicId, index))]
    return keys.map((key) => ({ type: 'delete', key }))
  }
}

const SESSION_TTL_MS = 9000

async function raiseEpoch(store: MetadataStore, brokerId: number): Promise<Outcome<StoreVersion>> {
  const found = await store.get(CONTROLLER_EPOCH_KEY)
  if (!found.ok) return found
  let epoch = 1
  if (found.value !== undefined) {
    const before = controllerEpochCodec.decode(CONTROLLER_EPOCH_KEY, found.value.value)
    if (!before.ok) return before
    epoch = before.value.epoch + 1
  }
  const raised = await store.txn(
    [{ key: CONTROLLER_EPOCH_KEY, version: found.value?.version ?? 'absent' }],
    [put(CONTROLLER_EPOCH_KEY, controllerEpochCodec.encode({ epoch, brokerId }))],
  )
  if (raised.status === 'conflict') return fail('NOT_CONTROLLER', 'another controller came first')
  if (raised.status !== 'committed') return { ok: false, failure: raised.failure }
  const now = await store.get(CONTROLLER_EPOCH_KEY)
  if (!now.ok) return now
  // Whoever wrote in between has a higher epoch, and every commit of ours will meet a conflict.
  return now.value ? succeed(now.value.version) : fail('UNEXPECTED', 'the controller epoch is gone')
}

async function loadInto(store: MetadataStore, state: ClusterState): Promise<Failure | undefined> {
  const items = await store.list('/')
  if (!items.ok) return items.failure
  for (const { key, value } of items.value) {
    const change = changeOf(key, value)
    if (change === undefined) continue
    if (!change.ok) return change.failure
    state.replay(change.value)
  }
  return undefined
}

function changeOf(key: string, value: Uint8Array): Outcome<Change> | undefined {
  if (key === CLUSTER_KEY) return as(clusterCodec.decode(key, value), 'cluster')
  if (key === CONTROLLER_EPOCH_KEY) {
    return as(controllerEpochCodec.decode(key, value), 'controller-epoch')
  }
  if (key === PRODUCER_IDS_KEY) return as(producerIdsCodec.decode(key, value), 'producer-ids')
  if (key.startsWith(TOPICS_PREFIX)) return as(topicCodec.decode(key, value), 'topic')
  if (!key.startsWith(PARTITIONS_PREFIX)) return undefined
  const place = partitionOf(key)
  if (place === undefined) return fail('STORAGE_FAILED', `${key} is no partition's key`)
  const record = partitionCodec.decode(key, value)
  return record.ok ? succeed({ type: 'partition', ...place, record: record.value }) : record
}

function as<T, R>(outcome: Outcome<R>, type: T): Outcome<{ type: T; record: R }> {
  return outcome.ok ? succeed({ type, record: outcome.value }) : outcome
}

function put(key: string, value: Uint8Array) {
  return { type: 'put', key, value } as const
}
