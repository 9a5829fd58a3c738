// A leader's change of its in-sync set, on its way through the store. While it is on its way both sets count;
// what became of it is found out before the next one is asked for.
import { type Outcome, succeed } from '../base/errors.js'
import type { ClusterView } from '../cluster/cluster-view.js'
import type { TopicConfigDefaults } from '../config/topic-config-values.js'
import { encodeChange } from '../metadata/change-codec.js'
import type { Change } from '../metadata/cluster-state.js'
import { partitionKey, topicKey } from '../metadata/keys.js'
import type { ReplicaManager } from '../replicas/replica-manager.js'
import type { MetadataStore } from '../store/metadata-store.js'
import { decideAlterInSync, type InSyncChange } from './alter-in-sync.js'
import { partitionRules } from './partition-rules.js'

export interface InSyncSurroundings {
  readonly config: TopicConfigDefaults
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly manager: ReplicaManager
}

export async function alterInSync(
  asked: InSyncChange,
  { config, store, view, manager }: InSyncSurroundings,
): Promise<Outcome<true>> {
  const { topicId, index } = asked
  const topic = view.state.topicById(topicId)
  const rules = partitionRules(config)(topic ?? { configs: {} })
  const decided = decideAlterInSync(view.state, asked, rules)
  if (!decided.ok) return decided
  const partition = partitionKey(topicId, index)
  const version = view.versionOf(partition)
  // With the topic's record: of one that is deleted meanwhile nothing is written.
  const conditions = [
    { key: partition, version },
    { key: topicKey(topicId), version: view.versionOf(topicKey(topicId)) },
  ]
  manager.propose(asked)
  const change: Change = { type: 'partition', topicId, index, record: decided.value }
  const { key, value = new Uint8Array() } = encodeChange(change)
  const result = await store.txn(conditions, [{ type: 'put', key, value }])
  if (result.status === 'committed') view.committed([change], result.version)
  else await view.refresh([partition, topicKey(topicId)])
  await manager.settled()
  // Perhaps stored, perhaps on its way: both sets go on to count until the same change is asked for again.
  const isOpen = result.status === 'unknown' && view.versionOf(partition) === version
  if (!isOpen) manager.settle(asked)
  if (result.status === 'committed') return succeed(true)
  return result.status === 'conflict'
    ? { ok: false, failure: { code: 'TIMED_OUT', message: `${result.key} has changed meanwhile` } }
    : { ok: false, failure: result.failure }
}
