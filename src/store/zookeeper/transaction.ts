// One transaction: read what it rests on, plan, send; again when only what was read has changed since.
import type { Clock } from '../../base/clock.js'
import { fail, type Outcome, succeed } from '../../base/errors.js'
import type { StoreCondition, StoreOperation, TransactionResult } from '../metadata-store.js'
import type { Connection, Reply } from './connection.js'
import {
  BAD_VERSION,
  changedNothing,
  failureOf,
  NO_NODE,
  NODE_EXISTS,
  NOT_EMPTY,
} from './error-codes.js'
import type { Stat } from './messages.js'
import { type MultiResult, multi } from './multi.js'
import { barrier, encodeValue, type Link, type Reading, readStat } from './nodes.js'
import { type Change, pathsOf, plan } from './plan.js'
import type { Session } from './session.js'

/** The default of jute.maxbuffer in ZooKeeper's servers: they close the connection on more. */
export const MAX_REQUEST_BYTES = 0xf_ffff
const HEADER_BYTES = 8

export interface TransactionOptions {
  readonly root: string
  readonly session: Session
  readonly conditions: readonly StoreCondition[]
  readonly operations: readonly StoreOperation[]
  readonly clock: Clock
  readonly deadlineMs: number
  readonly maxRequestBytes: number
}

/** Undefined: nothing was applied, and what was read has changed. */
type Attempt = TransactionResult | undefined

export async function runTransaction(options: TransactionOptions): Promise<TransactionResult> {
  const changes = options.operations.map(changeOf)
  // Without a barrier a server may answer from the past. A plan made of that fails by itself, so only
  // the second attempt, and a conflict, have to know.
  for (let certain = false; ; certain = true) {
    const connection = await options.session.connected(options.deadlineMs)
    if (!connection.ok) return { status: 'refused', failure: connection.failure }
    const withinMs = options.deadlineMs - options.clock.monotonicMs()
    if (withinMs <= 0) {
      return {
        status: 'refused',
        failure: fail('TIMED_OUT', 'others changed the same keys all the time').failure,
      }
    }
    const link = { connection: connection.value, withinMs }
    const result = await attempt(link, { ...options, changes, certain })
    if (result !== undefined) return result
  }
}

async function attempt(
  link: Link,
  options: TransactionOptions & { readonly changes: readonly Change[]; readonly certain: boolean },
): Promise<Attempt> {
  const { root, conditions, changes, session } = options
  const nodes = await readNodes(link, pathsOf({ root, conditions, changes }), options)
  if (!nodes.ok) {
    return nodes.again ? undefined : { status: 'refused', failure: nodes.failure }
  }
  const planned = plan({ root, sessionId: session.id, conditions, changes, nodes: nodes.value })
  if (planned.status !== 'ready') return options.certain ? planned : undefined
  if (planned.operations.length === 0) return { status: 'committed', version: 0n }
  const request = multi(planned.operations)
  const requestBytes = HEADER_BYTES + request.body.length
  if (requestBytes > options.maxRequestBytes) {
    const message = `the transaction takes ${requestBytes} bytes; ZooKeeper takes ${options.maxRequestBytes} at most (jute.maxbuffer)`
    return { status: 'refused', failure: fail('INVALID_REQUEST', message).failure }
  }
  return settle(await link.connection.request(request, timeLeft(options)), link, options)
}

/** All of them on one connection, at once. */
async function readNodes(
  link: Link,
  paths: ReadonlySet<string>,
  { root, certain }: { readonly root: string; readonly certain: boolean },
): Promise<Reading<ReadonlyMap<string, Stat>>> {
  const before = certain ? barrier(link, root) : Promise.resolve(succeed(undefined))
  const all = [...paths].map(async (path) => ({ path, stat: await readStat(link, path) }))
  const barred = await before
  const read = await Promise.all(all)
  if (!barred.ok) return barred
  const nodes = new Map<string, Stat>()
  for (const { path, stat } of read) {
    if (!stat.ok) return stat
    if (stat.value !== undefined) nodes.set(path, stat.value)
  }
  return succeed(nodes)
}

async function settle(
  reply: Reply<MultiResult>,
  link: Link,
  options: TransactionOptions,
): Promise<Attempt> {
  switch (reply.status) {
    case 'answered':
      return reply.value.applied
        ? { status: 'committed', version: reply.value.zxid }
        : failedWith(reply.value.code)
    case 'error': {
      const failure = failureOf('a transaction', reply.code)
      return { status: changedNothing(reply.code) ? 'refused' : 'unknown', failure }
    }
    case 'unsent':
      return undefined
    case 'lost':
      await fenced(link.connection, options)
      return { status: 'unknown', failure: reply.failure }
  }
}

// No operation of a transaction is applied when one of them fails, whatever its reason.
function failedWith(code: number): Attempt {
  const changedMeanwhile = [BAD_VERSION, NODE_EXISTS, NO_NODE, NOT_EMPTY].includes(code)
  if (changedMeanwhile) return undefined
  return { status: 'refused', failure: failureOf('a transaction', code) }
}

// Once the session is resumed on another connection, or has ended, ZooKeeper takes nothing any more that
// was sent on the former one: whoever reads then need not fear that the transaction is applied later.
async function fenced(lost: Connection, options: TransactionOptions): Promise<Outcome<unknown>> {
  if (lost.isOpen) return succeed(undefined)
  return options.session.connected(options.deadlineMs)
}

function timeLeft({ deadlineMs, clock }: TransactionOptions): number {
  return Math.max(0, deadlineMs - clock.monotonicMs())
}

function changeOf(operation: StoreOperation): Change {
  const { key } = operation
  if (operation.type === 'delete') return { type: 'delete', key }
  const data = encodeValue(operation.value)
  return { type: 'put', key, data, ephemeral: operation.session !== undefined }
}
