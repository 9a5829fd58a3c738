// The network between the hosts of a simulation: who listens where, and the opening of connections.
// A kernel answers for its processes: it accepts for a paused one, refuses for a dead one, and says
// goodbye on the connections of one that died. A machine that is gone does none of it.
import type { Counters } from '../kernel/counters.js'
import type { SimulatedHost } from '../kernel/host.js'
import type { CrashKind, SimulatedProcess } from '../kernel/process.js'
import type { Scheduler } from '../kernel/scheduler.js'
import type { SeededRandom } from '../kernel/seeded-random.js'
import { Endpoint } from './connection.js'
import { Links } from './links.js'
import type {
  ConnectionEvents,
  OutgoingEvents,
  PeerConnection,
  PeerListener,
  PeerTransport,
} from './transport.js'

export interface SimulatedNetworkOptions {
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  readonly counters: Counters
  /** How long bytes may stay without an acknowledgement, and a connection without an answer. */
  readonly connectionTimeoutMs?: number
}

interface Listening {
  readonly process: SimulatedProcess
  readonly accept: (connection: PeerConnection) => ConnectionEvents
}

const CONNECTION_TIMEOUT_MS = 15_000
const MOST_BACK_OFF_MS = 1000
const FIRST_RETRY_MS = 1000

export class SimulatedNetwork {
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  readonly counters: Counters
  readonly links: Links
  readonly connectionTimeoutMs: number
  readonly mostBackOffMs = MOST_BACK_OFF_MS
  /** Of sends: arrive in two pieces. */
  splitRate = 0
  private readonly hosts = new Map<string, SimulatedHost>()
  private readonly listening = new Map<string, Listening>()
  private readonly endpoints = new Set<Endpoint>()

  constructor(options: SimulatedNetworkOptions) {
    this.scheduler = options.scheduler
    this.random = options.random
    this.counters = options.counters
    this.connectionTimeoutMs = options.connectionTimeoutMs ?? CONNECTION_TIMEOUT_MS
    this.links = new Links(options.random, options.counters)
    this.links.changed = () => this.retryAll()
  }

  add(host: SimulatedHost): void {
    this.hosts.set(host.name, host)
    host.onBoot(() => this.retryAll())
  }

  /** For one process: its listeners and connections end with it. */
  transportOf(process: SimulatedProcess): PeerTransport {
    process.onEnd((kind) => this.endAllOf(process, kind))
    return {
      connect: (host, port, events) => this.connect(process, { host, port, events }),
      listen: (port, accept) => this.listen(port, { process, accept }),
    }
  }

  isUp(hostName: string): boolean {
    return this.hosts.get(hostName)?.isUp === true
  }

  /** Ends of connections of which something is still known or on its way. */
  get openEndpoints(): number {
    return this.endpoints.size
  }

  forget(endpoint: Endpoint): void {
    this.endpoints.delete(endpoint)
  }

  piecesOf(bytes: Uint8Array): readonly Uint8Array[] {
    if (bytes.length < 2 || !this.random.chance(this.splitRate)) return [bytes.slice()]
    const at = 1 + this.random.integer(bytes.length - 1)
    return [bytes.slice(0, at), bytes.slice(at)]
  }

  private listen(port: number, listening: Listening): PeerListener {
    const address = addressOf(listening.process.host.name, port)
    if (this.listening.has(address)) throw new Error(`${address} is in use`)
    if (listening.process.state !== 'dead') this.listening.set(address, listening)
    return {
      close: () => {
        if (this.listening.get(address) === listening) this.listening.delete(address)
      },
    }
  }

  private connect(process: SimulatedProcess, target: Target): PeerConnection {
    const endpoint = new Endpoint(this, process, target.host)
    if (process.state === 'dead') {
      endpoint.isConnected = false
      return endpoint
    }
    endpoint.events = target.events
    endpoint.opened = () => target.events.onOpen()
    this.endpoints.add(endpoint)
    this.knock(endpoint, target, FIRST_RETRY_MS)
    this.scheduler.after(this.connectionTimeoutMs, 'connect timeout', () => {
      if (endpoint.peer === undefined) endpoint.finish('timed out')
    })
    return endpoint
  }

  private knock(endpoint: Endpoint, target: Target, retryMs: number): void {
    const here = endpoint.process.host.name
    const delayMs = this.links.latencyMs(this.links.get(here, target.host))
    this.scheduler.after(delayMs, 'connect', () => {
      if (!endpoint.isConnected) return
      if (!this.links.isOpenBothWays(here, target.host) || !this.isUp(target.host)) {
        this.counters.count('network: connect unanswered')
        this.scheduler.after(retryMs, 'connect again', () =>
          this.knock(endpoint, target, retryMs * 2),
        )
        return
      }
      this.answer(endpoint, target)
    })
  }

  private answer(endpoint: Endpoint, target: Target): void {
    const here = endpoint.process.host.name
    const backMs = this.links.latencyMs(this.links.get(target.host, here))
    const address = addressOf(target.host, target.port)
    const listening = this.listening.get(address)
    if (listening === undefined) {
      this.scheduler.after(backMs, 'refusal', () => endpoint.finish('refused'))
      return
    }
    const accepted = new Endpoint(this, listening.process, here)
    this.endpoints.add(accepted)
    listening.process.enter('input', 'accept', () => {
      if (this.listening.get(address) === listening) accepted.events = listening.accept(accepted)
      else accepted.reset()
    })
    accepted.accept(endpoint)
  }

  private retryAll(): void {
    for (const endpoint of this.endpoints) endpoint.retry()
  }

  private endAllOf(process: SimulatedProcess, kind: CrashKind): void {
    for (const [address, listening] of this.listening) {
      if (listening.process === process) this.listening.delete(address)
    }
    for (const endpoint of this.endpoints) {
      if (endpoint.process !== process) continue
      if (kind === 'machine') endpoint.dropSent()
      // A kernel resets what was not read to the end, and finishes the rest.
      else if (this.random.chance(0.5)) endpoint.reset()
      else endpoint.close()
    }
  }
}

interface Target {
  readonly host: string
  readonly port: number
  readonly events: OutgoingEvents
}

function addressOf(host: string, port: number): string {
  return `${host}:${port}`
}
