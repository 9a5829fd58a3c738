// Which server is tried next, when, and for how long.
import type { Random } from '../../base/random.js'
import type { ServerAddress } from './address.js'

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1000

export interface Attempt {
  readonly server: ServerAddress
  readonly pauseMs: number
  readonly openWithinMs: number
}

export class Servers {
  private readonly servers: readonly ServerAddress[]
  private next = 0
  /** Attempts since one succeeded. */
  private failed = 0

  constructor(
    servers: readonly ServerAddress[],
    private readonly random: Random,
  ) {
    this.servers = shuffled(servers, random)
  }

  /** Undefined when there is no server at all. Each in turn at once; then with a growing pause. */
  attempt(sessionTimeoutMs: number): Attempt | undefined {
    const server = this.servers[this.next++ % this.servers.length]
    if (server === undefined) return undefined
    const round = Math.floor(this.failed / this.servers.length)
    this.failed++
    const longestPauseMs = round === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** round)
    return {
      server,
      pauseMs: longestPauseMs * (0.5 + this.random.next() / 2),
      // A server that is merely slow is reached in a later round.
      openWithinMs: Math.min(sessionTimeoutMs, (sessionTimeoutMs / 6) * 2 ** Math.min(round, 3)),
    }
  }

  succeeded(): void {
    this.failed = 0
  }
}

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
