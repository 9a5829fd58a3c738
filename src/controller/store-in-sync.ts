// A leader's changes of its in-sync sets, on their way through the store: one transaction at a time, with all
// that were asked for meanwhile, since a broker that comes back is behind in thousands of partitions at once.
// While a change is on its way both sets count; what became of it is found out before the next one is asked
// for.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ClusterView } from '../cluster/cluster-view.js'
import type { TopicConfigDefaults } from '../config/topic-config-values.js'
import { encodeChange } from '../metadata/change-codec.js'
import type { Change } from '../metadata/cluster-state.js'
import { partitionKey, topicKey } from '../metadata/keys.js'
import type { ReplicaManager } from '../replicas/replica-manager.js'
import type { MetadataStore, StoreVersion, TransactionResult } from '../store/metadata-store.js'
import { decideAlterInSync, type InSyncChange } from './alter-in-sync.js'
import { partitionRules } from './partition-rules.js'

export interface InSyncSurroundings {
  readonly config: TopicConfigDefaults
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly manager: Pick<ReplicaManager, 'propose' | 'settle' | 'settled'>
}

interface Asked {
  readonly change: InSyncChange
  resolve(outcome: Outcome<true>): void
}

interface Decided extends Asked {
  readonly stored: Change
  /** Of the partition's record, on which the decision stands. */
  readonly key: string
  readonly version: StoreVersion | 'absent'
}

/** Two conditions each, of the 128 that etcd takes. */
const MAX_AT_ONCE = 60

export class InSyncWriter {
  private waiting: Asked[] = []
  private isRunning = false

  constructor(private readonly surroundings: InSyncSurroundings) {}

  alter(change: InSyncChange): Promise<Outcome<true>> {
    return new Promise((resolve) => {
      this.waiting.push({ change, resolve })
      if (!this.isRunning) void this.run()
    })
  }

  private async run(): Promise<void> {
    this.isRunning = true
    while (this.waiting.length > 0) {
      const some = this.waiting.splice(0, MAX_AT_ONCE)
      const decided = some.flatMap((asked) => this.decide(asked) ?? [])
      if (decided.length > 0) await this.store(decided)
    }
    this.isRunning = false
  }

  private decide(asked: Asked): Decided | undefined {
    const { config, view } = this.surroundings
    const { topicId, index } = asked.change
    const topic = view.state.topicById(topicId)
    const rules = partitionRules(config)(topic ?? { configs: {} })
    const record = decideAlterInSync(view.state, asked.change, rules)
    if (!record.ok) {
      asked.resolve(record)
      return undefined
    }
    const stored: Change = { type: 'partition', topicId, index, record: record.value }
    const key = partitionKey(topicId, index)
    return { ...asked, stored, key, version: view.versionOf(key) }
  }

  private async store(decided: readonly Decided[]): Promise<void> {
    const { store, view, manager } = this.surroundings
    const topics = [...new Set(decided.map(({ change }) => topicKey(change.topicId)))]
    // With the topics' records: of one that is deleted meanwhile nothing is written.
    const conditions = [
      ...decided.map(({ key, version }) => ({ key, version })),
      ...topics.map((key) => ({ key, version: view.versionOf(key) })),
    ]
    for (const { change } of decided) manager.propose(change)
    const changes = decided.map(({ stored }) => stored)
    const operations = changes.map((change) => {
      const { key, value = new Uint8Array() } = encodeChange(change)
      return { type: 'put', key, value } as const
    })
    const result = await store.txn(conditions, operations)
    if (result.status === 'committed') view.committed(changes, result.version)
    else await view.refresh(conditions.map(({ key }) => key))
    await manager.settled()
    for (const one of decided) this.answer(one, result)
  }

  private answer(one: Decided, result: TransactionResult): void {
    const { view, manager } = this.surroundings
    // Perhaps stored, perhaps on its way: both sets go on to count until the same change is asked for again.
    const isOpen = result.status === 'unknown' && view.versionOf(one.key) === one.version
    if (!isOpen) manager.settle(one.change)
    const isOwn = 'key' in result && [one.key, topicKey(one.change.topicId)].includes(result.key)
    // What only stood beside it in the transaction is decided once more.
    if (result.status === 'conflict' && !isOwn) this.waiting.push(one)
    else one.resolve(outcomeOf(result))
  }
}

function outcomeOf(result: TransactionResult): Outcome<true> {
  if (result.status === 'committed') return succeed(true)
  if (result.status === 'conflict') return fail('TIMED_OUT', `${result.key} has changed meanwhile`)
  return { ok: false, failure: result.failure }
}
