// Producer ids are handed out from blocks. A block is stored as taken before its first id leaves the
// broker; what a crash leaves of it is never used. Any broker takes one: no controller is asked.
import { fail, type Outcome, succeed } from '../base/errors.js'
import { encodeChange } from '../metadata/change-codec.js'
import type { Change } from '../metadata/cluster-state.js'
import { PRODUCER_IDS_KEY } from '../metadata/keys.js'
import type { MetadataStore } from '../store/metadata-store.js'
import type { ClusterView } from './cluster-view.js'

export const PRODUCER_ID_BLOCK = 1000
/** Others take blocks meanwhile. */
const MAX_TRIES = 20

export class ProducerIds {
  private next = 0
  private end = 0
  private taking: Promise<Outcome<void>> | undefined

  constructor(
    private readonly store: MetadataStore,
    private readonly view: ClusterView,
  ) {}

  async take(): Promise<Outcome<number>> {
    while (this.next >= this.end) {
      const taken = await this.blockTaken()
      if (!taken.ok) return taken
    }
    return succeed(this.next++)
  }

  /** Takes a block ahead of need: producers come also while the store is away. */
  async prepare(): Promise<void> {
    if (this.next >= this.end) await this.blockTaken()
  }

  private blockTaken(): Promise<Outcome<void>> {
    this.taking ??= this.takeBlock().finally(() => {
      this.taking = undefined
    })
    return this.taking
  }

  private async takeBlock(): Promise<Outcome<void>> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const first = this.view.state.nextProducerId
      const end = first + PRODUCER_ID_BLOCK
      const change: Change = { type: 'producer-ids', record: { nextProducerId: end } }
      const { key, value = new Uint8Array() } = encodeChange(change)
      const version = this.view.versionOf(PRODUCER_IDS_KEY)
      const result = await this.store.txn([{ key, version }], [{ type: 'put', key, value }])
      if (result.status === 'committed') {
        this.view.committed([change], result.version)
        this.next = first
        this.end = end
        return succeed(undefined)
      }
      if (result.status === 'refused') return { ok: false, failure: result.failure }
      // A block that was perhaps taken is nobody's.
      await this.view.refresh([PRODUCER_IDS_KEY])
      if (result.status === 'unknown' && this.view.versionOf(PRODUCER_IDS_KEY) === version) {
        return { ok: false, failure: result.failure }
      }
    }
    return fail('TIMED_OUT', 'no block of producer ids could be taken')
  }
}
