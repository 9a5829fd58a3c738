// What can go wrong, one function a kind: it starts the fault and returns how it ends.
import type { SimulatedHost } from './kernel/host.js'
import type { CrashKind } from './kernel/process.js'
import type { Simulation } from './simulation.js'
import { noStoreFaults, type StoreFaultRates, type StoreLink } from './store/store-link.js'

export interface FaultContext extends Simulation {
  /** Boots the host and starts its program. */
  readonly restart: (host: SimulatedHost) => void
}

/** 'healing': the run's faults are over, and this one must not do harm any more. */
export type End = (why: 'over' | 'healing') => void

/** undefined: there was nothing that it could hit. */
type Fault = (context: FaultContext) => End | undefined

const FLAP_MS = [20, 600] as const
const SLOW_LATENCY_MS = 300
const SLOW_STORE_MS = 1500
const WALL_JUMP_MS = 3_600_000

export const faultKinds = {
  'crash process': (context) => crash(context, 'process'),
  'crash machine': (context) => crash(context, 'machine'),
  pause: (context) => pause(context, (host) => host.pause()),
  suspend: (context) => pause(context, (host) => host.suspend()),
  'jump wall': ({ random, hosts }) => {
    random.pick(hosts)?.jumpWall(random.between(-WALL_JUMP_MS, WALL_JUMP_MS))
    return () => {}
  },
  'isolate host': (context) => {
    const host = context.random.pick(context.hosts)
    return host && partition(context, [host.name])
  },
  partition: (context) => {
    const { random, hosts } = context
    const one = hosts.filter(() => random.chance(0.5)).map(({ name }) => name)
    return one.length === 0 || one.length === hosts.length ? undefined : partition(context, one)
  },
  'cut one way': (context) => {
    const way = pickWay(context)
    if (way === undefined) return undefined
    const { links } = context.network
    links.cut(...way)
    return () => links.heal(...way)
  },
  flap: (context) => {
    const way = pickWay(context)
    return way && flap(context, way)
  },
  'slow link': (context) => {
    const way = pickWay(context)
    if (way === undefined) return undefined
    const { random, network } = context
    const before = network.links.get(...way)
    network.links.setSpeed(...way, {
      latencyMs: [0, random.between(1, SLOW_LATENCY_MS)],
      bytesPerMs: random.between(10, 10_000),
      lossRate: random.pick([0, 0.02, 0.2]) ?? 0,
    })
    return () => network.links.setSpeed(...way, before)
  },
  'cut store': (context) => cutStore(context, { requestsCut: true, answersCut: true }),
  'cut store one way': (context) => {
    const requestsCut = context.random.chance(0.5)
    return cutStore(context, { requestsCut, answersCut: !requestsCut })
  },
  'slow store': ({ random, hosts, service }) => {
    const host = random.pick(hosts)
    if (host === undefined) return undefined
    const link = service.link(host.name)
    const { latencyMs } = link
    link.latencyMs = [0, random.between(10, SLOW_STORE_MS)]
    return () => {
      link.latencyMs = latencyMs
    }
  },
  'store away': ({ random, service }) => {
    if (service.absence !== undefined) return undefined
    service.goDown(random.chance(0.5) ? 'refusing' : 'silent')
    return () => service.comeUp()
  },
  'store loses': (context) => loseInStore(context, ['requestLoss', 'answerLoss', 'requestStuck']),
  'hints fail': (context) =>
    loseInStore(context, ['hintLoss', 'hintDouble', 'hintLate', 'hintUnnamed']),
  'restore store': ({ service }) => {
    const snapshot = service.snapshot()
    return (why) => {
      if (why === 'over') service.restore(snapshot)
    }
  },
  'end session': ({ random, service }) => {
    const id = random.pick(service.sessionIds)
    if (id === undefined) return undefined
    service.endSession(id, 'forced')
    return () => {}
  },
} satisfies Record<string, Fault>

export type FaultKind = keyof typeof faultKinds

export const allFaultKinds = Object.keys(faultKinds).filter((kind): kind is FaultKind =>
  Object.hasOwn(faultKinds, kind),
)

/** After one of these a holder may believe in a session that has ended. */
export const leaseBreakers: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'suspend',
  'restore store',
  'end session',
])

function crash(context: FaultContext, kind: CrashKind): End | undefined {
  const host = pickRunning(context)
  if (host === undefined) return undefined
  host.crash(kind)
  return () => {
    if (host.process === undefined) context.restart(host)
  }
}

function pause(context: FaultContext, stop: (host: SimulatedHost) => void): End | undefined {
  const host = pickRunning(context)
  if (host === undefined) return undefined
  const { process } = host
  stop(host)
  return () => process?.resume()
}

function partition({ hosts, network }: FaultContext, one: readonly string[]): End {
  const other = hosts.map(({ name }) => name).filter((name) => !one.includes(name))
  network.links.partition(one, other)
  return () => {
    for (const left of one) {
      for (const right of other) {
        network.links.heal(left, right)
        network.links.heal(right, left)
      }
    }
  }
}

function flap({ random, network, scheduler }: FaultContext, way: readonly [string, string]): End {
  let isOver = false
  let isCut = false
  const toggle = () => {
    if (isOver) return
    isCut = !isCut
    if (isCut) network.links.cut(...way)
    else network.links.heal(...way)
    scheduler.after(random.between(...FLAP_MS), 'flap', toggle)
  }
  toggle()
  return () => {
    isOver = true
    network.links.heal(...way)
  }
}

function cutStore(
  { random, hosts, service }: FaultContext,
  cut: Pick<StoreLink, 'requestsCut' | 'answersCut'>,
): End | undefined {
  const host = random.pick(hosts)
  if (host === undefined) return undefined
  const link = service.link(host.name)
  Object.assign(link, cut)
  return () => {
    link.requestsCut = false
    link.answersCut = false
  }
}

function loseInStore(
  { random, service }: FaultContext,
  which: readonly (keyof StoreFaultRates)[],
): End {
  for (const rate of which) service.rates[rate] = random.pick([0, 0.05, 0.5]) ?? 0
  return () => {
    for (const rate of which) service.rates[rate] = noStoreFaults[rate]
  }
}

function pickRunning({ random, hosts }: FaultContext): SimulatedHost | undefined {
  return random.pick(hosts.filter(({ process }) => process?.state === 'running'))
}

function pickWay({ random, hosts }: FaultContext): readonly [string, string] | undefined {
  const from = random.pick(hosts)
  const to = random.pick(hosts.filter((host) => host !== from))
  return from && to && [from.name, to.name]
}
