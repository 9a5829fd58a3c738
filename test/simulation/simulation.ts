// The parts of a simulation, put together from one seed.
import { Counters } from './kernel/counters.js'
import { SimulatedHost } from './kernel/host.js'
import { Scheduler } from './kernel/scheduler.js'
import { SeededRandom } from './kernel/seeded-random.js'
import { Trace } from './kernel/trace.js'
import { SimulatedNetwork } from './network/simulated-network.js'
import { CoordinationService } from './store/coordination-service.js'

export interface SimulationOptions {
  readonly hosts?: number
  /** Each event as text. */
  readonly line?: (text: string) => void
}

export interface Simulation {
  readonly random: SeededRandom
  readonly trace: Trace
  readonly counters: Counters
  readonly scheduler: Scheduler
  readonly network: SimulatedNetwork
  readonly service: CoordinationService
  readonly hosts: readonly SimulatedHost[]
}

/** How far a clock's rate strays from true time, at most. */
const RATE_STRAYS = 0.0005
const WALL_STRAYS_MS = 2000

export function createSimulation(seed: string, options: SimulationOptions = {}): Simulation {
  const random = new SeededRandom(seed)
  const trace = new Trace(options.line)
  const counters = new Counters()
  const scheduler = new Scheduler(random.fork('ties'), trace)
  const clocks = random.fork('clocks')
  const rate = () => 1 + clocks.between(-RATE_STRAYS, RATE_STRAYS)
  const network = new SimulatedNetwork({ scheduler, random: random.fork('network'), counters })
  const service = new CoordinationService({
    scheduler,
    random: random.fork('store'),
    counters,
    rate: rate(),
  })
  const hosts = Array.from({ length: options.hosts ?? 3 }, (_, index) => {
    const name = `host${index + 1}`
    return new SimulatedHost({
      name,
      scheduler,
      random: random.fork(name),
      rate: rate(),
      wallSkewMs: clocks.between(-WALL_STRAYS_MS, WALL_STRAYS_MS),
    })
  })
  for (const host of hosts) network.add(host)
  return { random, trace, counters, scheduler, network, service, hosts }
}
