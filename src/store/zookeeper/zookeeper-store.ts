// The metadata store of a cluster, kept in ZooKeeper. Reads, watches and transactions without a session
// use one session of the store's own, on which nothing depends: when it expires, another takes its
// place. Each session that is opened has a connection to itself, as ZooKeeper ties a node to the session
// that made it, a lease must not wait behind long answers, and closing it leaves the work to the server.
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
import { parseZooKeeperUrl, type ZooKeeperAddress } from './address.js'
import type { SeenState } from './connection.js'
import { exists } from './messages.js'
import { barrier, type Link, type Reading, readChildren, readTrees, readValue } from './nodes.js'
import { keyProblem } from './paths.js'
import { makeRoot } from './root.js'
import { Session, type SessionOptions } from './session.js'
import { MAX_REQUEST_BYTES, runTransaction } from './transaction.js'
import { transactionProblem } from './transaction-problem.js'
import { Watches } from './watches.js'

export interface ZooKeeperStoreOptions {
  /** zookeeper://HOST:PORT,HOST:PORT/PATH */
  readonly url: string
  /** Of each read and transaction, from its call to its result. */
  readonly requestTimeoutMs?: number
  /** Of the store's own session: a server that is silent for half of it is left. */
  readonly sessionTimeoutMs?: number
  readonly watchIntervalMs?: number
  /** The servers' jute.maxbuffer. */
  readonly maxRequestBytes?: number
  /** Keeps the process alive while something is waited for. */
  readonly clock?: Clock
  readonly random?: Random
  readonly logger?: Logger
}

const REQUEST_TIMEOUT_MS = 10_000
const SESSION_TIMEOUT_MS = 6000
const WATCH_INTERVAL_MS = 30_000
const CLOSE_WITHIN_MS = 1000

export async function openZooKeeperStore(
  options: ZooKeeperStoreOptions,
): Promise<Outcome<MetadataStore>> {
  const address = parseZooKeeperUrl(options.url)
  if (!address.ok) return address
  const store = new ZooKeeperStore(address.value, {
    url: options.url,
    requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    sessionTimeoutMs: options.sessionTimeoutMs ?? SESSION_TIMEOUT_MS,
    watchIntervalMs: options.watchIntervalMs ?? WATCH_INTERVAL_MS,
    maxRequestBytes: options.maxRequestBytes ?? MAX_REQUEST_BYTES,
    clock: options.clock ?? foregroundClock,
    random: options.random ?? systemRandom,
    logger: options.logger ?? silentLogger,
  })
  const opened = await store.open()
  if (opened.ok) return succeed(store)
  await store.close()
  return opened
}

class ZooKeeperStore implements MetadataStore {
  private readonly root: string
  private readonly clock: Clock
  private readonly seen: SeenState = { zxid: 0n }
  private readonly watches: Watches
  private readonly own: Session
  private readonly sessions = new Map<StoreSession, Session>()

  constructor(
    private readonly address: ZooKeeperAddress,
    private readonly options: Required<ZooKeeperStoreOptions>,
  ) {
    const { clock, logger } = options
    this.root = address.root
    this.clock = clock
    const { root } = address
    this.watches = new Watches({ root, clock, logger, everyMs: options.watchIntervalMs })
    this.own = new Session({
      ...this.sessionOptions(options.sessionTimeoutMs),
      renewed: true,
      onConnected: (connection) => void this.watches.connected(connection),
      onEvent: (path) => this.watches.changed(path),
    })
  }

  async open(): Promise<Outcome<void>> {
    return this.read((link) => makeRoot(link, this.root))
  }

  async get(key: string): Promise<Outcome<StoredValue | undefined>> {
    const problem = keyProblem(key)
    if (problem !== undefined) return fail('INVALID_REQUEST', problem)
    return this.read((link) => this.behindBarrier(link, () => readValue(link, this.root + key)))
  }

  async list(prefix: string): Promise<Outcome<readonly StoredItem[]>> {
    const slash = prefix.lastIndexOf('/')
    if (prefix !== '' && !prefix.startsWith('/')) return succeed([])
    const parent = this.root + prefix.slice(0, Math.max(slash, 0))
    const begin = prefix.slice(slash + 1)
    const listed = await this.read(async (link) => {
      const names = await this.behindBarrier(link, () => readChildren(link, parent))
      if (!names.ok) return names
      const paths = names.value
        .filter((name) => name.startsWith(begin))
        .map((name) => `${parent}/${name}`)
      return readTrees(link, paths, (path) => path.slice(this.root.length))
    })
    if (!listed.ok) return listed
    return succeed([...listed.value].sort((a, b) => (a.key < b.key ? -1 : 1)))
  }

  async txn(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): Promise<TransactionResult> {
    const problem = transactionProblem(conditions, operations)
    if (problem !== undefined) return { status: 'refused', failure: problem }
    const session = this.sessionOf(operations)
    if (!session.ok) return { status: 'refused', failure: session.failure }
    return runTransaction({
      root: this.root,
      session: session.value,
      conditions,
      operations,
      clock: this.clock,
      deadlineMs: this.deadlineMs(),
      maxRequestBytes: this.options.maxRequestBytes,
    })
  }

  watch(prefix: string, hint: StoreHint): () => void {
    return this.watches.add(prefix, hint)
  }

  async openSession(ttlMs: number): Promise<Outcome<StoreSession>> {
    if (this.own.hasEnded) return fail('CLOSED', 'the store is closed')
    const leasedNode = this.root
    const session = new Session({ ...this.sessionOptions(ttlMs), renewed: false, leasedNode })
    const granted = await this.granted(session)
    if (!granted.ok) {
      await session.close(0)
      return granted
    }
    const opened: StoreSession = {
      id: `zookeeper-${BigInt.asUintN(64, session.id).toString(16)}`,
      validUntilMs: () => session.lease.validUntilMs(),
      close: async () => {
        await session.close(this.options.requestTimeoutMs)
        this.sessions.delete(opened)
      },
    }
    this.sessions.set(opened, session)
    return succeed(opened)
  }

  async close(): Promise<void> {
    this.watches.close()
    const sessions = [...this.sessions.values(), this.own]
    this.sessions.clear()
    await Promise.all(sessions.map((session) => session.close(CLOSE_WITHIN_MS)))
  }

  /** Until it has a lease: the answer to a question behind the first heartbeat comes after it. */
  private async granted(session: Session): Promise<Outcome<void>> {
    const deadlineMs = this.deadlineMs()
    while (session.lease.validUntilMs() === Number.NEGATIVE_INFINITY) {
      const link = await session.connected(deadlineMs)
      if (!link.ok) return link
      const leftMs = deadlineMs - this.clock.monotonicMs()
      if (leftMs <= 0) return fail('TIMED_OUT', 'ZooKeeper granted no session in time')
      await link.value.request(exists(this.root), leftMs)
    }
    return succeed(undefined)
  }

  /** Again on another connection when one is lost, until the time is up. */
  private async read<T>(attempt: (link: Link) => Promise<Reading<T>>): Promise<Outcome<T>> {
    const deadlineMs = this.deadlineMs()
    for (;;) {
      const connection = await this.own.connected(deadlineMs)
      if (!connection.ok) return connection
      const withinMs = deadlineMs - this.clock.monotonicMs()
      const reading = await attempt({ connection: connection.value, withinMs })
      if (reading.ok || !reading.again || this.clock.monotonicMs() >= deadlineMs) return reading
    }
  }

  /** Both are sent at once: answers come in order, and so do their reasons. */
  private async behindBarrier<T>(link: Link, ask: () => Promise<Reading<T>>): Promise<Reading<T>> {
    const [before, answer] = await Promise.all([barrier(link, this.root), ask()])
    return before.ok ? answer : before
  }

  /** The one whose nodes are put, or the store's own. */
  private sessionOf(operations: readonly StoreOperation[]): Outcome<Session> {
    const named = new Set(
      operations.flatMap((operation) =>
        operation.type === 'put' && operation.session !== undefined ? [operation.session] : [],
      ),
    )
    const [first, second] = named
    if (first === undefined) return succeed(this.own)
    if (second !== undefined) return invalid('a transaction puts for one session only')
    const session = this.sessions.get(first)
    return session === undefined || session.hasEnded || first.validUntilMs() === -Infinity
      ? invalid(`session ${first.id} has ended`)
      : succeed(session)
  }

  private sessionOptions(timeoutMs: number): Omit<SessionOptions, 'renewed'> {
    const { clock, random, logger } = this.options
    const { servers } = this.address
    return { servers, timeoutMs, seen: this.seen, clock, random, logger }
  }

  private deadlineMs(): number {
    return this.clock.monotonicMs() + this.options.requestTimeoutMs
  }
}

function invalid(message: string): { ok: false; failure: Failure } {
  return fail('INVALID_REQUEST', message)
}
