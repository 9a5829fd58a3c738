// The nemesis of a run: starts faults at the rates of its plan, ends each after its time, and heals
// everything in the end. What it does depends on the seed alone.
import {
  allFaultKinds,
  type End,
  type FaultKind,
  faultKinds,
  leaseBreakers,
} from './fault-kinds.js'
import type { ScheduledEvent } from './kernel/event-queue.js'
import type { SimulatedHost } from './kernel/host.js'
import type { SeededRandom } from './kernel/seeded-random.js'
import type { Simulation } from './simulation.js'
import { noStoreFaults } from './store/store-link.js'

export interface FaultRate {
  /** Between two of the kind, in the mean. */
  readonly everyMs: number
  readonly lastsMs: readonly [number, number]
}

export type FaultPlan = Partial<Readonly<Record<FaultKind, FaultRate>>>

export interface SwarmOptions {
  /** Without what ends a session that its holder still believes in. */
  readonly leasesHold?: boolean
}

const KIND_CHANCE = 0.4
const EVERY_MS = [1000, 30_000] as const
const LONGEST_MS = [200, 20_000] as const

/** Some of the kinds, each at a rate of its own: a run with everything at once reaches less. */
export function swarm(random: SeededRandom, options: SwarmOptions = {}): FaultPlan {
  const plan: { -readonly [kind in FaultKind]?: FaultRate } = {}
  for (const kind of allFaultKinds) {
    if (options.leasesHold === true && leaseBreakers.has(kind)) continue
    if (!random.chance(KIND_CHANCE)) continue
    const everyMs = logarithmic(random, EVERY_MS)
    plan[kind] = { everyMs, lastsMs: [0, logarithmic(random, LONGEST_MS)] }
  }
  return plan
}

export interface NemesisOptions {
  readonly simulation: Simulation
  readonly plan: FaultPlan
  /** Boots the host and starts its program. */
  readonly restart: (host: SimulatedHost) => void
  /** Hosts that may be down or paused at the same time; all of them when left out. */
  readonly mostDown?: number
}

interface Active {
  readonly end: End
  readonly over: ScheduledEvent
}

export class Nemesis {
  private readonly random: SeededRandom
  private readonly active = new Set<Active>()
  private readonly coming = new Map<FaultKind, ScheduledEvent>()

  constructor(private readonly options: NemesisOptions) {
    this.random = options.simulation.random.fork('nemesis')
  }

  start(): void {
    for (const kind of allFaultKinds) {
      const rate = this.options.plan[kind]
      if (rate !== undefined) this.expect(kind, rate)
    }
  }

  /** No fault any more: every host runs, every way is open, the service is up and loses nothing. */
  heal(): void {
    const { scheduler, network, service, hosts } = this.options.simulation
    for (const event of this.coming.values()) scheduler.cancel(event)
    this.coming.clear()
    for (const { end, over } of this.active) {
      scheduler.cancel(over)
      end('healing')
    }
    this.active.clear()
    network.links.healAll()
    service.healLinks()
    Object.assign(service.rates, noStoreFaults)
    service.comeUp()
    for (const host of hosts) {
      host.resume()
      if (host.process === undefined) this.options.restart(host)
    }
  }

  private expect(kind: FaultKind, rate: FaultRate): void {
    const { scheduler } = this.options.simulation
    const delayMs = -Math.log(1 - this.random.next()) * rate.everyMs
    const event = scheduler.after(delayMs, kind, () => {
      this.begin(kind, rate)
      this.expect(kind, rate)
    })
    this.coming.set(kind, event)
  }

  private begin(kind: FaultKind, rate: FaultRate): void {
    const { simulation, restart } = this.options
    if (stopsHosts.has(kind) && !this.mayStopOne()) return
    const end = faultKinds[kind]({ ...simulation, random: this.random, restart })
    if (end === undefined) return
    simulation.counters.count(`fault: ${kind}`)
    const over = simulation.scheduler.after(
      this.random.between(...rate.lastsMs),
      'fault over',
      () => {
        this.active.delete(active)
        end('over')
      },
    )
    const active: Active = { end, over }
    this.active.add(active)
  }

  private mayStopOne(): boolean {
    const { simulation, mostDown } = this.options
    const stopped = simulation.hosts.filter(({ process }) => process?.state !== 'running')
    return stopped.length < (mostDown ?? simulation.hosts.length)
  }
}

const stopsHosts: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'crash process',
  'crash machine',
  'pause',
  'suspend',
])

function logarithmic(random: SeededRandom, [low, high]: readonly [number, number]): number {
  return low * (high / low) ** random.next()
}
