// The metadata store over a cluster of etcd 3.4 or later, through its JSON gateway.
import { type Clock, foregroundClock } from '../../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../../base/errors.js'
import { type Logger, silentLogger } from '../../base/logger.js'
import { type Random, systemRandom } from '../../base/random.js'
import type {
  MetadataStore,
  StoreCondition,
  StoredItem,
  StoredValue,
  StoreHint,
  StoreOperation,
  StoreSession,
  TransactionResult,
} from '../metadata-store.js'
import { type EtcdAddress, parseEtcdAddress } from './address.js'
import { History } from './history.js'
import { base64, bytesIn, int64In, type JsonObject, objectsIn, textIn } from './json.js'
import { grantLease, LeaseRenewal, revokeLease } from './lease.js'
import { Members } from './members.js'
import { failureOf, Requests } from './requests.js'
import { EtcdSession, renewalTimeoutMs } from './session.js'
import {
  decodeResult,
  encodeTransaction,
  impossible,
  isLeaseGone,
  keyProblem,
  problemOf,
  withoutAnswer,
} from './transaction.js'
import { Watch } from './watch.js'

export interface EtcdStoreOptions {
  /** etcd://HOST:PORT,HOST:PORT/PREFIX: a member that fails gives way to the next one. */
  readonly url: string
  /** How long a request may take, with all its repetitions. */
  readonly timeoutMs?: number
  /** Its after() has to keep the process alive: between two tries of a request nothing else does. */
  readonly clock?: Clock
  readonly random?: Random
  readonly logger?: Logger
}

const TIMEOUT_MS = 5_000
const ITEMS_PER_REQUEST = 100
const MAX_TTL_MS = 86_400_000

/** Fails when etcd cannot be read. */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Outcome<MetadataStore>> {
  const address = parseEtcdAddress(options.url)
  if (!address.ok) return address
  const store = new EtcdStore(address.value, {
    timeoutMs: TIMEOUT_MS,
    clock: foregroundClock,
    random: systemRandom,
    logger: silentLogger,
    ...options,
  })
  const reached = await store.get('/')
  if (reached.ok) return succeed(store)
  await store.close()
  return reached
}

class EtcdStore implements MetadataStore {
  private readonly history = new History()
  private readonly members: Members
  private readonly requests: Requests
  private readonly sessions = new Set<EtcdSession>()
  private readonly watches = new Set<Watch>()
  private closed = false

  constructor(
    private readonly address: EtcdAddress,
    private readonly options: Required<EtcdStoreOptions>,
  ) {
    const { clock, random, timeoutMs } = options
    const { endpoints } = address
    const first = Math.floor(random.next() * endpoints.length)
    this.members = new Members(endpoints, clock, first)
    const { members, history } = this
    this.requests = new Requests({ members, history, clock, random, timeoutMs })
  }

  async get(key: string): Promise<Outcome<StoredValue | undefined>> {
    const failure = this.failure() ?? keyProblem(key)
    if (failure !== undefined) return { ok: false, failure }
    const read = await this.requests.read('/v3/kv/range', { key: base64(this.nameOf(key)) })
    if (!read.ok) return read
    const [item] = objectsIn(read.value.body, 'kvs')
    return succeed(item && storedValue(item))
  }

  async list(prefix: string): Promise<Outcome<readonly StoredItem[]>> {
    const failure = this.failure()
    if (failure !== undefined) return { ok: false, failure }
    const items: StoredItem[] = []
    if (prefix !== '' && !prefix.startsWith('/')) return succeed(items)
    const range = this.rangeOf(prefix)
    let from: Uint8Array = range.key
    for (;;) {
      const read = await this.requests.read('/v3/kv/range', {
        key: base64(from),
        range_end: base64(range.range_end),
        limit: ITEMS_PER_REQUEST,
      })
      if (!read.ok) return read
      const found = objectsIn(read.value.body, 'kvs')
      for (const item of found) items.push({ key: this.keyOf(item), ...storedValue(item) })
      const last = found.at(-1)
      if (read.value.body.more !== true || last === undefined) return succeed(items)
      from = Buffer.concat([bytesIn(last, 'key'), Buffer.of(0)])
    }
  }

  async txn(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): Promise<TransactionResult> {
    const transaction = { conditions, operations }
    const { prefix } = this.address
    const failure = this.failure() ?? problemOf(transaction, prefix)
    if (failure !== undefined) return { status: 'refused', failure }
    // etcd would answer it without asking the other members, and that may be an answer from the past.
    if (conditions.length + operations.length === 0) {
      return { status: 'committed', version: this.history.revision }
    }
    const never = impossible(conditions)
    if (never !== undefined) return { status: 'conflict', key: never.key }
    const seenBefore = this.history.revision
    const answer = await this.requests.write('/v3/kv/txn', encodeTransaction(transaction, prefix))
    if (answer.type !== 'answer') {
      if (isLeaseGone(answer)) endOnlySession(operations)
      return withoutAnswer(answer)
    }
    if (this.history.continues(answer.body, seenBefore))
      return decodeResult(answer.body, conditions)
    // From a transaction that writes one such answer is proof; one that only compares is but a read.
    if (operations.length > 0) this.history.end()
    else await this.get('/')
    return { status: 'unknown', failure: this.history.failure ?? failureOf(answer) }
  }

  watch(prefix: string, hint: StoreHint): () => void {
    if (this.closed) return () => {}
    const { endpoints } = this.address
    const { timeoutMs, clock, random, logger } = this.options
    const watch = new Watch({
      endpoints,
      first: endpoints.indexOf(this.members.current()),
      range: this.rangeOf(prefix),
      since: this.history.revision,
      hint,
      keyOf: (item) => this.keyOf(item),
      isCurrent: (message) => this.history.knows(message),
      connectTimeoutMs: timeoutMs,
      clock,
      random,
      logger,
    })
    this.watches.add(watch)
    return () => {
      watch.stop()
      this.watches.delete(watch)
    }
  }

  async openSession(ttlMs: number): Promise<Outcome<StoreSession>> {
    const failure = this.failure()
    if (failure !== undefined) return { ok: false, failure }
    if (!(ttlMs > 0 && ttlMs <= MAX_TTL_MS)) {
      return fail('INVALID_REQUEST', `a session lasts up to ${MAX_TTL_MS} ms, not ${ttlMs}`)
    }
    const granted = await grantLease(this.requests, ttlMs)
    if (!granted.ok) return granted
    const grant = granted.value
    const { members, history } = this
    const { clock, logger } = this.options
    const key = base64(this.nameOf('/'))
    const timeoutMs = renewalTimeoutMs(grant.ttlMs)
    const session = new EtcdSession({
      grant,
      renewal: new LeaseRenewal(grant.id, grant.term, { members, history, key, timeoutMs }),
      revoke: () => this.revoke(grant.id),
      history,
      clock,
      logger,
    })
    for (const other of this.sessions) if (other.hasEnded) this.sessions.delete(other)
    this.sessions.add(session)
    if (this.closed) await session.close()
    return succeed(session)
  }

  async close(): Promise<void> {
    this.closed = true
    for (const watch of this.watches) watch.stop()
    this.watches.clear()
    await Promise.all([...this.sessions].map((session) => session.close()))
    this.members.close()
  }

  private async revoke(session: string): Promise<void> {
    const revoked = await revokeLease(this.requests, session)
    // Without it the keys stay until the time to live is over.
    if (!revoked.ok)
      this.options.logger.warn('a lease was not revoked', { session, ...revoked.failure })
  }

  private failure(): Failure | undefined {
    return this.closed ? fail('CLOSED', 'the store is closed').failure : this.history.failure
  }

  private nameOf(key: string): string {
    return this.address.prefix + key
  }

  private keyOf(item: JsonObject): string {
    return Buffer.from(textIn(item, 'key'), 'base64').toString().slice(this.address.prefix.length)
  }

  /** Every key begins with a slash, so /millrace/ is ours and /millrace2/ is not. */
  private rangeOf(prefix: string) {
    const key = Buffer.from(this.nameOf(prefix === '' ? '/' : prefix))
    return { key, range_end: endOf(key) }
  }
}

/** The first key behind all that begin so. UTF-8 has no byte 255. */
function endOf(prefix: Uint8Array): Uint8Array {
  const end = Uint8Array.from(prefix)
  const last = end.length - 1
  end[last] = (end[last] ?? 0) + 1
  return end
}

function storedValue(item: JsonObject): StoredValue {
  return { value: bytesIn(item, 'value'), version: int64In(item, 'mod_revision') }
}

function endOnlySession(operations: readonly StoreOperation[]): void {
  const sessions = new Set(operations.flatMap((o) => (o.type === 'put' && o.session) || []))
  const [session] = sessions
  if (sessions.size === 1 && session instanceof EtcdSession) session.end()
}
