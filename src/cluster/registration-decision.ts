// How a broker becomes one of the cluster's: what it must find, and what it then writes in one
// transaction, so that of two with one id only one gets in.
import type { BrokerRecord, BrokerStateRecord } from '../metadata/records.js'

export interface Registrant {
  readonly id: number
  /** Made anew by each process. */
  readonly incarnation: string
  readonly rack: string | undefined
  readonly endpoints: BrokerRecord['endpoints']
  readonly interBroker: BrokerRecord['interBroker']
  readonly directories: readonly string[]
  /** The process before this one closed its logs. */
  readonly stoppedCleanly: boolean
  /** What was acknowledged may not be there any more. */
  readonly mayLackRecords: boolean
}

export interface FoundRegistration {
  readonly record: BrokerRecord | undefined
  readonly state: BrokerStateRecord | undefined
  /** Of the process that `record` tells of. */
  readonly process: 'unknown' | 'dead' | 'alive' | 'silent'
}

export type RegistrationDecision =
  | { readonly act: 'register'; readonly record: BrokerRecord; readonly state: BrokerStateRecord }
  /** Somebody is registered: find out whether its process lives. */
  | { readonly act: 'probe'; readonly record: BrokerRecord }
  /** It is silent: only the end of its session tells. */
  | { readonly act: 'wait' }
  | { readonly act: 'refuse'; readonly reason: string }

export function decideRegistration(
  self: Registrant,
  { record, state, process }: FoundRegistration,
): RegistrationDecision {
  const isOwn = state?.incarnation === self.incarnation
  if (record !== undefined && !isOwn) {
    if (process === 'unknown') return { act: 'probe', record }
    if (process === 'silent') return { act: 'wait' }
    if (process === 'alive') return { act: 'refuse', reason: twoWithOneId(record) }
  }
  const epoch = (state?.epoch ?? 0) + 1
  // What a registration before this one told, and nobody has acted on yet.
  const pending = state?.isFenced === true
  const lacksDirectory = state?.directories.some((id) => !self.directories.includes(id)) === true
  const lostBefore = pending && state.mayLackRecords
  return {
    act: 'register',
    record: {
      id: self.id,
      epoch,
      rack: self.rack,
      endpoints: self.endpoints,
      interBroker: self.interBroker,
    },
    state: {
      epoch,
      incarnation: self.incarnation,
      isFenced: true,
      isDraining: false,
      isDrained: state?.isDrained === true,
      isForgotten: false,
      rack: self.rack,
      endpoints: self.endpoints,
      stoppedCleanly: self.stoppedCleanly && !(pending && !state.stoppedCleanly),
      mayLackRecords: self.mayLackRecords || lacksDirectory || lostBefore,
      directories: self.directories,
    },
  }
}

function twoWithOneId({ id, interBroker }: BrokerRecord): string {
  const where = interBroker === undefined ? '' : ` at ${interBroker.host}:${interBroker.port}`
  return `another broker${where} serves as broker ${id}: give each broker of the cluster an --id of its own`
}
