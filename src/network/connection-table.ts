// The connections of one io worker: admission by the process-wide caps, and one timer for all of their
// deadlines.
import type { Clock, Timer } from '../base/clock.js'
import type { ConnectionCounters } from './connection-counters.js'
import type { NetworkLimits } from './limits.js'

const CHECK_PERIOD_MS = 1_000

export interface TrackedConnection {
  checkDeadlines(nowMs: number): void
  drainAndClose(reason: string): void
  /** Closes now, answered or not. */
  destroy(): void
}

export class ConnectionTable {
  private readonly connections = new Map<TrackedConnection, string>()
  private readonly timer: Timer
  private onEmpty: (() => void) | undefined

  constructor(
    private readonly limits: NetworkLimits,
    private readonly counters: ConnectionCounters,
    clock: Clock,
  ) {
    this.timer = clock.every(CHECK_PERIOD_MS, () => {
      const nowMs = clock.monotonicMs()
      for (const connection of this.connections.keys()) connection.checkDeadlines(nowMs)
    })
  }

  get size(): number {
    return this.connections.size
  }

  /** Reserves a place for a peer, or says why there is none. */
  admit(address: string): string | undefined {
    return this.counters.enter(address, this.limits)
  }

  /** Gives back a place that add() did not take over. */
  release(address: string): void {
    this.counters.leave(address)
  }

  /** Takes over the place that admit() reserved. */
  add(connection: TrackedConnection, address: string): void {
    this.connections.set(connection, address)
  }

  remove(connection: TrackedConnection): void {
    const address = this.connections.get(connection)
    if (address === undefined) return
    this.connections.delete(connection)
    this.counters.leave(address)
    if (this.connections.size === 0) this.onEmpty?.()
  }

  /** Answers what is in flight, closes all; those not done at the deadline are cut off. */
  async drain(reason: string, deadline: Promise<void>): Promise<void> {
    for (const connection of [...this.connections.keys()]) connection.drainAndClose(reason)
    if (this.connections.size > 0) {
      const empty = new Promise<void>((resolve) => {
        this.onEmpty = resolve
      })
      await Promise.race([empty, deadline])
    }
    for (const connection of [...this.connections.keys()]) connection.destroy()
    this.timer.cancel()
  }
}
