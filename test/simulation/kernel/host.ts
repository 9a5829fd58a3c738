// A machine: it has a name on the network and clocks of its own, and runs one process at a time.
import { type CrashKind, SimulatedProcess } from './process.js'
import type { Scheduler } from './scheduler.js'
import type { SeededRandom } from './seeded-random.js'

export interface HostOptions {
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  /** Of its monotonic clock to true time; real ones stray less than 0.0005 from 1. */
  readonly rate?: number
  readonly wallSkewMs?: number
}

const WALL_START_MS = Date.UTC(2026, 0, 1)

export class SimulatedHost {
  readonly name: string
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  readonly rate: number
  readonly wallStartMs = WALL_START_MS
  wallSkewMs: number
  /** Its network answers: with a refusal at least. */
  isUp = true
  process: SimulatedProcess | undefined
  private lives = 0
  private readonly bootListeners: (() => void)[] = []

  constructor(options: HostOptions) {
    this.name = options.name
    this.scheduler = options.scheduler
    this.random = options.random
    this.rate = options.rate ?? 1
    this.wallSkewMs = options.wallSkewMs ?? 0
  }

  boot(): SimulatedProcess {
    if (this.process !== undefined) throw new Error(`${this.name} runs a process already`)
    this.isUp = true
    this.process = new SimulatedProcess(this, ++this.lives)
    for (const listener of this.bootListeners) listener()
    return this.process
  }

  crash(kind: CrashKind): void {
    const { process } = this
    this.process = undefined
    if (kind === 'machine') this.isUp = false
    process?.end(kind)
  }

  /** SIGSTOP: what would reach the process waits. Its kernel goes on. */
  pause(): void {
    this.process?.pause(false)
  }

  /** A virtual machine that is frozen: as a pause, but the monotonic clock stands still, too. */
  suspend(): void {
    this.process?.pause(true)
  }

  resume(): void {
    this.process?.resume()
  }

  jumpWall(byMs: number): void {
    this.wallSkewMs += byMs
  }

  onBoot(listener: () => void): void {
    this.bootListeners.push(listener)
  }
}
