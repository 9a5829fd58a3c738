// How a broker that is about to stop gives up what it leads, while it still serves.
import type { Clock } from '../base/clock.js'
import type { ClusterView } from '../cluster/cluster-view.js'
import type { BrokerConfig } from '../config/types.js'
import { encodeChange } from '../metadata/change-codec.js'
import type { Change, ClusterState } from '../metadata/cluster-state.js'
import type { MetadataStore } from '../store/metadata-store.js'

export interface LeavingParts {
  readonly config: BrokerConfig
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly clock: Clock
}

export interface LeavingOptions {
  readonly withinMs: number
  /** The store says that this broker is about to stop. */
  marked(): void
}

/** Resolves when others lead all that they can, or the time is up. */
export async function leave(parts: LeavingParts, options: LeavingOptions): Promise<void> {
  const { view, config, clock } = parts
  const others = view.state.activeBrokers().filter((id) => id !== config.brokerId)
  if (others.length === 0 || !(await markDraining(parts))) return
  options.marked()
  await new Promise<void>((done) => {
    const finish = () => {
      stop()
      timer.cancel()
      done()
    }
    const look = () => {
      if (!leadsWhatOthersCould(view.state, config.brokerId)) finish()
    }
    const stop = view.onChange(look)
    const timer = clock.after(options.withinMs, finish)
    look()
  })
}

async function markDraining({ view, config, store }: LeavingParts): Promise<boolean> {
  const before = view.state.brokerStates.get(config.brokerId)
  if (before === undefined) return false
  const record = { ...before, isDraining: true }
  const change: Change = { type: 'broker-state', brokerId: config.brokerId, record }
  const { key, value = new Uint8Array() } = encodeChange(change)
  const conditions = [{ key, version: view.versionOf(key) }]
  const result = await store.txn(conditions, [{ type: 'put', key, value }])
  if (result.status === 'committed') view.committed([change], result.version)
  return result.status === 'committed'
}

/** Of a partition whose in-sync set has somebody else who could. */
function leadsWhatOthersCould(state: ClusterState, brokerId: number): boolean {
  const couldLead = (id: number) =>
    id !== brokerId && state.isActive(id) && state.brokerStates.get(id)?.isDraining !== true
  for (const topic of state.topics()) {
    for (let index = 0; index < topic.partitions.length; index++) {
      const { leaderId, inSyncReplicas } = state.partition(topic, index)
      if (leaderId === brokerId && inSyncReplicas.some(couldLead)) return true
    }
  }
  return false
}
