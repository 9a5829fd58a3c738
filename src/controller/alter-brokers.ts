// What people ask of whole brokers: that one gives up what others can do in its place, or that it is forgotten.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Change, ClusterState } from '../metadata/cluster-state.js'
import type { BrokerStateRecord } from '../metadata/records.js'

export interface DrainBroker {
  readonly brokerId: number
  readonly isDrained: boolean
}

/** What is so already is not changed. */
export function decideDrain(
  state: ClusterState,
  { brokerId, isDrained }: DrainBroker,
): Outcome<readonly Change[]> {
  const before = known(state, brokerId)
  if (!before.ok) return before
  if (before.value.isDrained === isDrained) return succeed([])
  return succeed([{ type: 'broker-state', brokerId, record: { ...before.value, isDrained } }])
}

/** Its epoch and its directories stay known: should it come back, it is another registration of the same broker. */
export function decideForgetBroker(
  state: ClusterState,
  brokerId: number,
): Outcome<readonly Change[]> {
  const before = known(state, brokerId)
  if (!before.ok) return before
  if (state.brokers.has(brokerId)) {
    return fail('INVALID_REQUEST', `Broker ${brokerId} is running: stop it before it is forgotten.`)
  }
  const record = { ...before.value, isForgotten: true, isDrained: false }
  return succeed([{ type: 'broker-state', brokerId, record }])
}

function known(state: ClusterState, brokerId: number): Outcome<BrokerStateRecord> {
  const record = state.brokerStates.get(brokerId)
  return record === undefined || record.isForgotten
    ? fail('BROKER_NOT_REGISTERED', `Broker ID ${brokerId} is not currently registered`)
    : succeed(record)
}
