// The metadata store as one process has it: the coordination service behind a link that loses things.
import { type Failure, fail, type Outcome, succeed } from '../../../src/base/errors.js'
import type {
  MetadataStore,
  StoreCondition,
  StoredItem,
  StoredValue,
  StoreHint,
  StoreOperation,
  StoreSession,
  TransactionResult,
} from '../../../src/store/metadata-store.js'
import type { SimulatedProcess } from '../kernel/process.js'
import type { CoordinationService } from './coordination-service.js'
import { invalid, problemOf } from './service-state.js'
import { SimulatedSession } from './simulated-session.js'
import { StoreChannel } from './store-channel.js'

export interface SimulatedStoreOptions {
  readonly process: SimulatedProcess
  readonly service: CoordinationService
  readonly requestTimeoutMs?: number
}

const REQUEST_TIMEOUT_MS = 2000
const LATE_HINT_MS = 5000

export class SimulatedStore implements MetadataStore {
  private readonly channel: StoreChannel
  private readonly service: CoordinationService
  private readonly sessions = new Set<SimulatedSession>()
  private readonly watches = new Set<() => void>()
  private isClosed = false

  constructor(options: SimulatedStoreOptions) {
    const { process, service } = options
    this.service = service
    this.channel = new StoreChannel(
      process,
      service,
      options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    )
    process.onEnd(() => this.stopWatches())
  }

  get(key: string): Promise<Outcome<StoredValue | undefined>> {
    return this.read('get', () => this.service.get(key))
  }

  list(prefix: string): Promise<Outcome<readonly StoredItem[]>> {
    return this.read('list', () => this.service.list(prefix))
  }

  async txn(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): Promise<TransactionResult> {
    const failure = this.closed() ?? problemOf(operations) ?? endedSessionIn(operations)
    if (failure !== undefined) return { status: 'refused', failure }
    const sent = operations.map((operation) =>
      operation.type === 'put' ? { ...operation, value: operation.value.slice() } : operation,
    )
    const delivery = await this.channel.call({
      what: 'txn',
      execute: () => {
        const result = this.service.txn(conditions, sent)
        this.service.counters.count(`store: txn ${result.status}`)
        return result
      },
    })
    if (delivery.status === 'answered') return delivery.value
    if (delivery.status === 'not sent') return { status: 'refused', failure: delivery.failure }
    this.service.counters.count('store: txn unknown')
    return { status: 'unknown', failure: delivery.failure }
  }

  watch(prefix: string, hint: StoreHint): () => void {
    let isWatching = true
    const unregister = this.service.watch({
      prefix,
      changed: (keys) =>
        this.hint(keys, (named) => {
          if (isWatching) hint(named)
        }),
    })
    const stop = () => {
      isWatching = false
      unregister()
      this.watches.delete(stop)
    }
    this.watches.add(stop)
    return stop
  }

  async openSession(ttlMs: number): Promise<Outcome<StoreSession>> {
    const failure = this.closed()
    if (failure !== undefined) return { ok: false, failure }
    const askedMs = this.channel.process.clock.monotonicMs()
    const delivery = await this.channel.call({
      what: 'opening of a session',
      execute: () => this.service.openSession(ttlMs),
    })
    if (delivery.status !== 'answered') return { ok: false, failure: delivery.failure }
    const session = new SimulatedSession(this.channel, { id: delivery.value, ttlMs, askedMs })
    this.sessions.add(session)
    if (this.isClosed) session.abandon()
    return succeed(session)
  }

  async close(): Promise<void> {
    this.isClosed = true
    this.stopWatches()
    for (const session of this.sessions) session.abandon()
  }

  private async read<T>(what: string, execute: () => T): Promise<Outcome<T>> {
    const failure = this.closed()
    if (failure !== undefined) return { ok: false, failure }
    const delivery = await this.channel.call({ what, execute })
    if (delivery.status === 'answered') return succeed(delivery.value)
    return { ok: false, failure: delivery.failure }
  }

  private hint(keys: readonly string[] | undefined, hint: StoreHint): void {
    const { random, rates, counters } = this.service
    if (random.chance(rates.hintLoss)) {
      counters.count('store: hint lost')
      return
    }
    const isUnnamed = keys !== undefined && random.chance(rates.hintUnnamed)
    if (isUnnamed) counters.count('store: hint without its keys')
    const named = isUnnamed ? undefined : keys
    this.sendHint(named, hint)
    if (random.chance(rates.hintDouble)) {
      counters.count('store: hint doubled')
      this.sendHint(named, hint)
    }
  }

  private sendHint(keys: readonly string[] | undefined, hint: StoreHint): void {
    const { random, rates, counters, scheduler } = this.service
    let delayMs = this.channel.latencyMs()
    if (random.chance(rates.hintLate)) {
      counters.count('store: hint late')
      delayMs += random.between(0, LATE_HINT_MS)
    }
    scheduler.after(delayMs, 'store hint', () => {
      if (this.channel.link.answersCut) counters.count('store: hint cut off')
      else this.channel.process.enter('input', 'store hint', () => hint(keys))
    })
  }

  private stopWatches(): void {
    for (const stop of [...this.watches]) stop()
  }

  private closed(): Failure | undefined {
    return this.isClosed ? fail('CLOSED', 'the metadata store was closed').failure : undefined
  }
}

function endedSessionIn(operations: readonly StoreOperation[]): Failure | undefined {
  for (const operation of operations) {
    const session = operation.type === 'put' ? operation.session : undefined
    if (session?.validUntilMs() === Number.NEGATIVE_INFINITY) {
      return invalid(`${operation.key} is to be put for ${session.id}, which has ended`)
    }
  }
  return undefined
}
