// Writes what the controller of one epoch decides. Every transaction stands on the controller epoch, and
// on each partition's and broker's record as it was when the decision was made: leaders change in-sync
// sets and brokers register beside the controller.
import { type Failure, fail } from '../base/errors.js'
import { encodeChange } from '../metadata/change-codec.js'
import type { Change } from '../metadata/cluster-state.js'
import { CONTROLLER_EPOCH_KEY } from '../metadata/keys.js'
import { type ControllerEpochRecord, controllerEpochCodec } from '../metadata/records.js'
import type {
  MetadataStore,
  StoreCondition,
  StoreOperation,
  StoreVersion,
} from '../store/metadata-store.js'
import type { ClusterView } from './cluster-view.js'

export interface CommitFailure extends Failure {
  /** The changes may have been stored all the same: only the next start will tell. */
  readonly mayBeStored: boolean
}

export type Committed =
  | { readonly status: 'committed' }
  /** Somebody changed what the decision stood on; the view has read it: decide again. */
  | { readonly status: 'overtaken'; readonly key: string }
  | { readonly status: 'failed'; readonly failure: CommitFailure }

export interface MetadataWriterOptions {
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly epoch: ControllerEpochRecord
  readonly epochVersion: StoreVersion
}

/** etcd takes 128 operations and as many conditions. */
const MAX_CHANGES_PER_TRANSACTION = 100

export class MetadataWriter {
  private epochVersion: StoreVersion
  private lost: CommitFailure | undefined
  private isStopping = false

  constructor(private readonly options: MetadataWriterOptions) {
    this.epochVersion = options.epochVersion
  }

  get epoch(): number {
    return this.options.epoch.epoch
  }

  /** All or none. */
  async commit(changes: readonly Change[]): Promise<Committed> {
    if (this.lost !== undefined) return { status: 'failed', failure: this.lost }
    if (changes.length === 0) return { status: 'committed' }
    const { store, view } = this.options
    const entries = changes.map(encodeChange)
    const result = await store.txn(
      [this.epochCondition(), ...changes.flatMap((change) => this.conditionsOf(change))],
      entries.map(
        ({ key, value }): StoreOperation =>
          value === undefined ? { type: 'delete', key } : { type: 'put', key, value },
      ),
    )
    switch (result.status) {
      case 'committed':
        view.committed(changes, result.version)
        return { status: 'committed' }
      case 'conflict':
        return this.overtaken(result.key)
      case 'refused':
        return { status: 'failed', failure: { ...result.failure, mayBeStored: false } }
      case 'unknown':
        return this.resolve(changes, result.failure)
    }
  }

  /** In pieces that a transaction takes, each of them stored or not; in order. */
  async commitInOrder(changes: readonly Change[]): Promise<Committed> {
    for (let at = 0; at < changes.length; at += MAX_CHANGES_PER_TRANSACTION) {
      if (at > 0 && this.isStopping) return this.lose('this controller stops')
      const piece = await this.commit(changes.slice(at, at + MAX_CHANGES_PER_TRANSACTION))
      if (piece.status !== 'committed') return piece
    }
    return { status: 'committed' }
  }

  /** What is left of a long list is the next controller's. */
  stop(): void {
    this.isStopping = true
  }

  private epochCondition(): StoreCondition {
    return { key: CONTROLLER_EPOCH_KEY, version: this.epochVersion }
  }

  private conditionsOf(change: Change): readonly StoreCondition[] {
    if (change.type !== 'partition' && change.type !== 'broker-state') return []
    const { key } = encodeChange(change)
    return [{ key, version: this.options.view.versionOf(key) }]
  }

  private async overtaken(key: string): Promise<Committed> {
    if (key === CONTROLLER_EPOCH_KEY) return this.lose('another controller has taken over')
    await this.options.view.refresh([key])
    return { status: 'overtaken', key }
  }

  private lose(reason: string): Committed {
    const { failure } = fail('NOT_CONTROLLER', reason)
    this.lost = { ...failure, mayBeStored: false }
    return { status: 'failed', failure: this.lost }
  }

  // Applied, not applied, or still on its way. The epoch's key is put once more: what was sent before
  // stood on its former version, and can only have been applied by now or never. Then reading tells.
  private async resolve(changes: readonly Change[], failure: Failure): Promise<Committed> {
    const { store, view, epoch } = this.options
    const value = controllerEpochCodec.encode(epoch)
    const fenced = await store.txn(
      [this.epochCondition()],
      [{ type: 'put', key: CONTROLLER_EPOCH_KEY, value }],
    )
    if (fenced.status !== 'committed') {
      const reason = `it cannot be told whether a change was stored: ${failure.message}`
      this.lost = { code: failure.code, message: reason, mayBeStored: true }
      return { status: 'failed', failure: this.lost }
    }
    this.epochVersion = fenced.version
    const [first] = changes
    const key = first === undefined ? CONTROLLER_EPOCH_KEY : encodeChange(first).key
    const found = await store.get(key)
    if (!found.ok) {
      this.lost = { ...found.failure, mayBeStored: true }
      return { status: 'failed', failure: this.lost }
    }
    const before = view.versionOf(key)
    const stale = await view.reread()
    if (stale !== undefined) {
      this.lost = { ...stale, mayBeStored: true }
      return { status: 'failed', failure: this.lost }
    }
    // A transaction is applied whole, so its first key speaks for all of them.
    const isStored =
      found.value === undefined ? first?.type === 'topic-forgotten' : found.value.version !== before
    return isStored ? { status: 'committed' } : { status: 'overtaken', key }
  }
}
