// The fetch sessions of one io worker, bounded in number and in remembered partitions. A client keeps
// its connection, and with it the worker that knows its session; one that comes back elsewhere is
// told FETCH_SESSION_ID_NOT_FOUND and starts anew.
//
// Which session goes when there is no room is Kafka's rule: one unused for two minutes, or else a
// smaller one that is older than that.
import type { Clock } from '../../base/clock.js'
import type { Random } from '../../base/random.js'
import { FetchSession, NO_SESSION_ID } from './session.js'

export interface FetchSessionLimits {
  /** max.incremental.fetch.session.cache.slots */
  readonly maxSessions: number
  readonly maxPartitions: number
  readonly evictableAfterMs: number
}

export const defaultFetchSessionLimits: FetchSessionLimits = {
  maxSessions: 1000,
  maxPartitions: 500_000,
  evictableAfterMs: 120_000,
}

interface Entry {
  readonly session: FetchSession
  lastUsedMs: number
  /** Of the session when it was last counted. */
  partitions: number
}

export class FetchSessionCache {
  /** In the order of last use, the longest unused first. */
  private readonly entries = new Map<number, Entry>()
  private partitions = 0

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly limits: FetchSessionLimits = defaultFetchSessionLimits,
  ) {}

  get sessionCount(): number {
    return this.entries.size
  }

  get partitionCount(): number {
    return this.partitions
  }

  get(id: number): FetchSession | undefined {
    return this.entries.get(id)?.session
  }

  /** undefined: there is no room for one of `size` partitions. */
  create(size: number, usesTopicIds: boolean): FetchSession | undefined {
    if (this.partitions + size > this.limits.maxPartitions) return undefined
    const nowMs = this.clock.monotonicMs()
    if (this.entries.size >= this.limits.maxSessions && !this.evictFor(size, nowMs))
      return undefined
    const session = new FetchSession(this.freshId(), usesTopicIds, nowMs)
    this.entries.set(session.id, { session, lastUsedMs: nowMs, partitions: size })
    this.partitions += size
    return session
  }

  /** The session was used, and may have changed its size; false: it no longer fits and is gone. */
  touch(session: FetchSession): boolean {
    const entry = this.entries.get(session.id)
    if (entry === undefined) return false
    this.entries.delete(session.id)
    this.partitions += session.size - entry.partitions
    if (this.partitions > this.limits.maxPartitions) {
      this.partitions -= session.size
      return false
    }
    entry.partitions = session.size
    entry.lastUsedMs = this.clock.monotonicMs()
    this.entries.set(session.id, entry)
    return true
  }

  remove(id: number): void {
    const entry = this.entries.get(id)
    if (entry === undefined) return
    this.entries.delete(id)
    this.partitions -= entry.partitions
  }

  private evictFor(size: number, nowMs: number): boolean {
    const { evictableAfterMs } = this.limits
    let smallest: Entry | undefined
    for (const entry of this.entries.values()) {
      if (nowMs - entry.lastUsedMs > evictableAfterMs) {
        smallest = entry
        break
      }
      if (nowMs - entry.session.createdMs <= evictableAfterMs || entry.partitions >= size) continue
      if (smallest === undefined || entry.partitions < smallest.partitions) smallest = entry
    }
    if (smallest === undefined) return false
    this.remove(smallest.session.id)
    return true
  }

  private freshId(): number {
    for (;;) {
      const id = 1 + Math.floor(this.random.next() * (2 ** 31 - 2))
      if (id !== NO_SESSION_ID && !this.entries.has(id)) return id
    }
  }
}
