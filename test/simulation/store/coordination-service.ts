// The one coordination service of a simulation: the truth, whoever can reach it. A SimulatedStore is
// how a process meets it. Each operation happens in one instant of virtual time.
import type {
  StoreCondition,
  StoreOperation,
  TransactionResult,
} from '../../../src/store/metadata-store.js'
import type { Counters } from '../kernel/counters.js'
import type { Scheduler } from '../kernel/scheduler.js'
import type { SeededRandom } from '../kernel/seeded-random.js'
import { ServiceSessions, type SessionEnd, type SessionSnapshot } from './service-sessions.js'
import { invalid, problemOf, ServiceState, type StateSnapshot } from './service-state.js'
import { noStoreFaults, type StoreFaultRates, type StoreLink } from './store-link.js'

export interface CoordinationServiceOptions {
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  readonly counters: Counters
  /** Of its clock to true time. */
  readonly rate?: number
  /** How late it ends a session, at most, as a share of the session's time. */
  readonly lateShare?: number
}

/** How it is away: its host answers that nobody listens, or nothing answers at all. */
export type Absence = 'refusing' | 'silent'

export interface ServiceSnapshot {
  readonly state: StateSnapshot
  readonly sessions: SessionSnapshot
}

export interface ServiceWatch {
  readonly prefix: string
  /** Everything under the prefix that a change touched; undefined: anything may have changed. */
  readonly changed: (keys: readonly string[] | undefined) => void
}

const LATE_SHARE = 0.05
const LATENCY_MS = [0.2, 3] as const

export class CoordinationService {
  readonly rates: StoreFaultRates = { ...noStoreFaults }
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  readonly counters: Counters
  /** Told right after the keys of a session went. For checks. */
  sessionEnded: (id: string, end: SessionEnd) => void = () => {}
  absence: Absence | undefined
  private readonly state: ServiceState
  private readonly sessions: ServiceSessions
  private readonly links = new Map<string, StoreLink>()
  private readonly watches = new Set<ServiceWatch>()

  constructor(options: CoordinationServiceOptions) {
    this.scheduler = options.scheduler
    this.random = options.random
    this.counters = options.counters
    this.state = new ServiceState()
    this.sessions = new ServiceSessions({
      scheduler: options.scheduler,
      random: options.random,
      rate: options.rate ?? 1,
      lateShare: options.lateShare ?? LATE_SHARE,
      ended: (id, end) => this.dropKeysOf(id, end),
    })
  }

  link(hostName: string): StoreLink {
    let link = this.links.get(hostName)
    if (link === undefined) {
      link = { requestsCut: false, answersCut: false, latencyMs: LATENCY_MS }
      this.links.set(hostName, link)
    }
    return link
  }

  /** Faults of one link may have overlapped, and left it as the first of them found it. */
  healLinks(): void {
    for (const link of this.links.values()) {
      Object.assign(link, { requestsCut: false, answersCut: false, latencyMs: LATENCY_MS })
    }
  }

  get(key: string) {
    return this.state.get(key)
  }

  list(prefix: string) {
    return this.state.list(prefix)
  }

  txn(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): TransactionResult {
    const failure = problemOf(operations) ?? this.endedSessionIn(operations)
    if (failure !== undefined) return { status: 'refused', failure }
    const result = this.state.txn(conditions, operations)
    if (result.status === 'committed') this.changed(operations.map(({ key }) => key))
    return result
  }

  openSession(ttlMs: number): string {
    return this.sessions.open(ttlMs)
  }

  keepAlive(sessionId: string): boolean {
    return this.sessions.keepAlive(sessionId)
  }

  endSession(sessionId: string, end: SessionEnd): void {
    this.sessions.end(sessionId, end)
  }

  get sessionIds(): readonly string[] {
    return this.sessions.ids
  }

  hasSession(sessionId: string): boolean {
    return this.sessions.has(sessionId)
  }

  watch(watch: ServiceWatch): () => void {
    this.watches.add(watch)
    return () => {
      this.watches.delete(watch)
    }
  }

  goDown(absence: Absence): void {
    this.absence = absence
    this.sessions.stop()
  }

  comeUp(): void {
    if (this.absence === undefined) return
    this.absence = undefined
    this.sessions.start()
    this.changed(undefined)
  }

  snapshot(): ServiceSnapshot {
    return { state: this.state.snapshot(), sessions: this.sessions.snapshot() }
  }

  /** Goes back in time, as a service does that an operator restored from a backup. */
  restore(snapshot: ServiceSnapshot): void {
    this.counters.count('store: restored from a snapshot')
    this.state.restore(snapshot.state)
    this.sessions.restore(snapshot.sessions)
    this.changed(undefined)
  }

  private dropKeysOf(sessionId: string, end: SessionEnd): void {
    this.counters.count(`store: session ${end}`)
    const keys = this.state.deleteOf(sessionId)
    if (keys.length > 0) this.changed(keys)
    this.sessionEnded(sessionId, end)
  }

  private endedSessionIn(operations: readonly StoreOperation[]) {
    for (const operation of operations) {
      const session = operation.type === 'put' ? operation.session : undefined
      if (session !== undefined && !this.sessions.has(session.id)) {
        return invalid(`${operation.key} is to be put for ${session.id}, which has ended`)
      }
    }
    return undefined
  }

  private changed(keys: readonly string[] | undefined): void {
    for (const watch of this.watches) {
      const under = keys?.filter((key) => key.startsWith(watch.prefix))
      if (under === undefined || under.length > 0) watch.changed(under)
    }
  }
}
