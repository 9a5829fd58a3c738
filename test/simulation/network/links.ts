// The ways between hosts, each direction for itself: cut or open, slow or fast.
import type { Counters } from '../kernel/counters.js'
import type { SeededRandom } from '../kernel/seeded-random.js'

export interface LinkSpeed {
  /** Of one way; drawn anew for each piece. */
  readonly latencyMs: readonly [number, number]
  readonly bytesPerMs: number
  /** Of packets. One costs its connection a retransmission, not its bytes. */
  readonly lossRate: number
}

export interface Link extends LinkSpeed {
  readonly isCut: boolean
}

export const DEFAULT_SPEED: LinkSpeed = {
  latencyMs: [0.05, 0.5],
  bytesPerMs: 100_000,
  lossRate: 0,
}
const LOOPBACK: Link = {
  latencyMs: [0.01, 0.05],
  bytesPerMs: 1_000_000,
  lossRate: 0,
  isCut: false,
}
/** Of Linux, the least; doubles with each loss. */
const RETRANSMIT_MS = 200

export class Links {
  /** Told when a direction was cut or opened. */
  changed: () => void = () => {}
  private readonly links = new Map<string, Map<string, Link>>()

  constructor(
    private readonly random: SeededRandom,
    private readonly counters: Counters,
  ) {}

  get(from: string, to: string): Link {
    if (from === to) return LOOPBACK
    return this.links.get(from)?.get(to) ?? OPEN
  }

  isOpenBothWays(left: string, right: string): boolean {
    return !this.get(left, right).isCut && !this.get(right, left).isCut
  }

  /** One way: what `to` sends still arrives. */
  cut(from: string, to: string): void {
    this.set(from, to, { ...this.get(from, to), isCut: true })
    this.counters.count('network: one way cut')
    this.changed()
  }

  heal(from: string, to: string): void {
    this.set(from, to, { ...this.get(from, to), isCut: false })
    this.changed()
  }

  setSpeed(from: string, to: string, speed: LinkSpeed): void {
    this.set(from, to, { ...this.get(from, to), ...speed })
  }

  /** Cuts both ways between each of the one and each of the other. */
  partition(one: readonly string[], other: readonly string[]): void {
    for (const left of one) {
      for (const right of other) {
        this.cut(left, right)
        this.cut(right, left)
      }
    }
  }

  /** Everything as at the beginning. */
  healAll(): void {
    this.links.clear()
    this.changed()
  }

  /** How long one piece takes, its transmission left out. */
  latencyMs(link: Link): number {
    const [low, high] = link.latencyMs
    let delayMs = this.random.between(low, high)
    let retransmitMs = RETRANSMIT_MS
    while (this.random.chance(link.lossRate)) {
      this.counters.count('network: packet lost')
      delayMs += retransmitMs
      retransmitMs *= 2
    }
    return delayMs
  }

  private set(from: string, to: string, link: Link): void {
    if (from === to) throw new Error(`the way from ${from} to itself cannot be changed`)
    const ways = this.links.get(from) ?? new Map<string, Link>()
    ways.set(to, link)
    this.links.set(from, ways)
  }
}

const OPEN: Link = { ...DEFAULT_SPEED, isCut: false }
