// The three requests of a lease. etcd counts time to live in whole seconds and has a minimum of its own.
import { type Outcome, succeed } from '../../base/errors.js'
import type { History } from './history.js'
import { int64In, type JsonObject, objectIn, textIn } from './json.js'
import type { Members } from './members.js'
import type { Requests } from './requests.js'

export interface Grant {
  readonly id: string
  readonly ttlMs: number
  /** On the monotonic clock, before the request was sent: etcd cannot have begun to count earlier. */
  readonly sentAtMs: number
  readonly term: bigint
}

export async function grantLease(requests: Requests, ttlMs: number): Promise<Outcome<Grant>> {
  // One that was granted and whose answer was lost ends by itself.
  const TTL = String(Math.ceil(ttlMs / 1000))
  const granted = await requests.repeatable('/v3/lease/grant', { TTL })
  if (!granted.ok) return granted
  const { body, sentAtMs } = granted.value
  return succeed({ id: textIn(body, 'ID'), ttlMs: ttlOf(body), sentAtMs, term: termOf(body) })
}

export async function revokeLease(requests: Requests, id: string): Promise<Outcome<unknown>> {
  return requests.repeatable('/v3/lease/revoke', { ID: id })
}

export type Renewal =
  | { readonly status: 'renewed'; readonly ttlMs: number; readonly sentAtMs: number }
  | { readonly status: 'gone' }
  | { readonly status: 'failed'; readonly problem: string }

export interface RenewalOptions {
  readonly members: Members
  readonly history: History
  /** Any key: it is only asked for. */
  readonly key: string
  readonly timeoutMs: number
}

/**
 * Renews a lease. A member that was leader answers for it out of its memory, also when it has been
 * replaced meanwhile and does not know it yet. So the answer counts only when a linearizable read through
 * the same member succeeds after it, and the term was the same before, at and after it.
 */
export class LeaseRenewal {
  constructor(
    private readonly id: string,
    private term: bigint,
    private readonly options: RenewalOptions,
  ) {}

  async renew(): Promise<Renewal> {
    const { members, history, key, timeoutMs } = this.options
    const endpoint = members.current()
    const seenBefore = history.revision
    const kept = await members.ask(endpoint, {
      path: '/v3/lease/keepalive',
      body: { ID: this.id },
      timeoutMs,
    })
    if (kept.type !== 'answer') return { status: 'failed', problem: kept.problem }
    const confirmed = await members.ask(endpoint, {
      path: '/v3/kv/range',
      body: { key, count_only: true },
      timeoutMs,
    })
    if (confirmed.type !== 'answer') return { status: 'failed', problem: confirmed.problem }
    if (!history.continues(confirmed.body, seenBefore)) {
      members.avoid(endpoint)
      return { status: 'failed', problem: 'etcd answers from the past' }
    }
    const terms = [this.term, termOf(kept.body), termOf(confirmed.body)]
    this.term = termOf(confirmed.body)
    if (terms.some((term) => term !== this.term)) {
      return { status: 'failed', problem: 'the leader changed' }
    }
    const ttlMs = ttlOf(kept.body)
    return ttlMs > 0 ? { status: 'renewed', ttlMs, sentAtMs: kept.sentAtMs } : { status: 'gone' }
  }
}

function ttlOf(body: JsonObject): number {
  return Number(int64In(body, 'TTL')) * 1000
}

function termOf(body: JsonObject): bigint {
  return int64In(objectIn(body, 'header'), 'raft_term')
}
