// Keeps this broker registered: a session, the broker's record as long as it lives, and when it has ended,
// another one under a higher epoch. What was true under an epoch is over with it.
import type { Clock } from '../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import { decodeChange, encodeChange } from '../metadata/change-codec.js'
import type { Change } from '../metadata/cluster-state.js'
import { brokerKey, brokerStateKey } from '../metadata/keys.js'
import type { BrokerRecord, UnavailableRecord } from '../metadata/records.js'
import type {
  MetadataStore,
  StoreCondition,
  StoredValue,
  StoreSession,
} from '../store/metadata-store.js'
import type { ClusterView } from './cluster-view.js'
import {
  decideRegistration,
  type FoundRegistration,
  type Registrant,
} from './registration-decision.js'

/** Asks the process behind an address who it is. */
export type Probe = (record: BrokerRecord) => Promise<'dead' | 'alive' | 'silent'>

export interface RegistrationOptions {
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly self: Registrant
  readonly sessionTtlMs: number
  /** What this broker should hold and cannot serve, now. */
  unavailable(): UnavailableRecord
  readonly probe: Probe
  readonly clock: Clock
  readonly logger: Logger
}

interface Registered {
  readonly session: StoreSession
  readonly epoch: number
}

const RETRY_AFTER_MS = 250

export class Registration {
  private current: Registered | undefined
  private registering: Promise<Outcome<void>> | undefined
  private isClosed = false
  private isFirst = true

  constructor(private readonly options: RegistrationOptions) {}

  /** undefined: not registered. */
  get epoch(): number | undefined {
    return this.current?.epoch
  }

  /** Of the registration that stands; the controller key belongs to it, too. */
  get session(): StoreSession | undefined {
    return this.current?.session
  }

  /** On the monotonic clock; -Infinity while not registered. */
  validUntilMs(): number {
    return this.current?.session.validUntilMs() ?? Number.NEGATIVE_INFINITY
  }

  /** Fails when somebody else serves under this id, or the store refuses. */
  async register(): Promise<Outcome<void>> {
    this.registering ??= this.registerUntilDone().finally(() => {
      this.registering = undefined
    })
    return this.registering
  }

  /** To be called when brokers have changed: registers again if this one is not registered any more. */
  check(): void {
    const { view, self, logger } = this.options
    if (this.isClosed || this.current === undefined || this.registering !== undefined) return
    const { epoch, session } = this.current
    if (view.state.brokers.get(self.id)?.epoch === epoch) return
    logger.warn('the registration of this broker has ended; it registers again', { epoch })
    this.current = undefined
    void session.close()
    void this.register()
  }

  /** Tells the controller what this broker cannot serve any more. True: it is stored. */
  async tellUnavailable(): Promise<boolean> {
    const { store, view, self } = this.options
    if (this.current === undefined) return false
    const { session } = this.current
    const record = this.options.unavailable()
    if (isSameUnavailable(record, view.state.unavailable(self.id))) return true
    const change: Change = { type: 'unavailable', brokerId: self.id, record }
    const registered = { key: brokerKey(self.id), version: view.versionOf(brokerKey(self.id)) }
    const result = await store.txn([registered], [{ ...put(change), session }])
    if (result.status === 'committed') view.committed([change], result.version)
    return result.status === 'committed'
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.registering
    await this.current?.session.close()
    this.current = undefined
  }

  private async registerUntilDone(): Promise<Outcome<void>> {
    let process: FoundRegistration['process'] = 'unknown'
    let waited = false
    while (!this.isClosed) {
      const found = await this.find(process)
      if (!found.ok) {
        if (this.isFirst) return found
        await this.pause()
        continue
      }
      const decision = decideRegistration(this.options.self, found.value)
      if (decision.act === 'refuse') return fail('INVALID_CONFIG', decision.reason)
      if (decision.act === 'probe') {
        process = await this.options.probe(decision.record)
        continue
      }
      if (decision.act === 'wait') {
        if (!waited) this.tellWaiting()
        waited = true
        process = 'unknown'
        await this.pause()
        continue
      }
      const failure = await this.write(decision, found.value)
      if (failure === undefined) return succeed(undefined)
      if (this.isFirst && failure.code !== 'NOT_CONTROLLER') return { ok: false, failure }
      process = 'unknown'
      await this.pause()
    }
    return fail('CLOSED', 'the broker stops')
  }

  private async find(
    process: FoundRegistration['process'],
  ): Promise<Outcome<FoundRegistration & Versions>> {
    const { store, self } = this.options
    const [broker, state] = await Promise.all([
      store.get(brokerKey(self.id)),
      store.get(brokerStateKey(self.id)),
    ])
    if (!broker.ok) return broker
    if (!state.ok) return state
    const record = decodeAs(brokerKey(self.id), broker.value, 'broker')
    if (!record.ok) return record
    const known = decodeAs(brokerStateKey(self.id), state.value, 'broker-state')
    if (!known.ok) return known
    return succeed({
      record: record.value?.record,
      state: known.value?.record,
      process,
      stateVersion: state.value?.version,
    })
  }

  private async write(
    decision: Extract<ReturnType<typeof decideRegistration>, { act: 'register' }>,
    found: FoundRegistration & Versions,
  ): Promise<Failure | undefined> {
    const { store, view, self, sessionTtlMs } = this.options
    const opened = await store.openSession(sessionTtlMs)
    if (!opened.ok) return opened.failure
    const session = opened.value
    const state: Change = { type: 'broker-state', brokerId: self.id, record: decision.state }
    const broker: Change = { type: 'broker', record: decision.record }
    const conditions: StoreCondition[] = [
      { key: brokerStateKey(self.id), version: found.stateVersion ?? 'absent' },
    ]
    if (found.record === undefined) {
      conditions.push({ key: brokerKey(self.id), version: 'absent' })
    }
    const unavailable: Change = {
      type: 'unavailable',
      brokerId: self.id,
      record: this.options.unavailable(),
    }
    const result = await store.txn(conditions, [
      { ...put(state) },
      { ...put(broker), session },
      { ...put(unavailable), session },
    ])
    if (result.status === 'committed') {
      this.isFirst = false
      this.current = { session, epoch: decision.record.epoch }
      view.committed([state, broker, unavailable], result.version)
      return undefined
    }
    // Perhaps it was stored: then the next round finds its own incarnation and goes on from there.
    await session.close()
    if (result.status === 'conflict') {
      return fail('NOT_CONTROLLER', `${result.key} was changed by somebody else`).failure
    }
    if (result.status === 'unknown') this.isFirst = false
    return result.failure
  }

  private tellWaiting(): void {
    const { logger, self } = this.options
    logger.warn(
      'a broker with this id is registered and does not answer; waiting for its session to end',
      { brokerId: self.id },
    )
  }

  private pause(): Promise<void> {
    return new Promise((done) => {
      this.options.clock.after(RETRY_AFTER_MS, done)
    })
  }
}

interface Versions {
  readonly stateVersion: StoredValue['version'] | undefined
}

function isSameUnavailable(a: UnavailableRecord, b: UnavailableRecord | undefined): boolean {
  const ids = Object.keys(a.partitions)
  if (b === undefined || Object.keys(b.partitions).length !== ids.length) return false
  return ids.every((id) => a.partitions[id]?.join() === b.partitions[id]?.join())
}

function put(change: Change) {
  const { key, value = new Uint8Array() } = encodeChange(change)
  return { type: 'put', key, value } as const
}

function decodeAs<T extends Change['type']>(
  key: string,
  found: StoredValue | undefined,
  type: T,
): Outcome<Extract<Change, { type: T }> | undefined> {
  if (found === undefined) return succeed(undefined)
  const change = decodeChange({ key, value: found.value })
  if (change === undefined) return succeed(undefined)
  if (!change.ok) return change
  return change.value.type === type
    ? succeed(change.value as Extract<Change, { type: T }>)
    : succeed(undefined)
}
