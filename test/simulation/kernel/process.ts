// One life of a program on a host, from boot to death. Everything that reaches it (a timer, bytes, an
// answer of the store) comes through enter(), which is where a pause holds it and a crash drops it.
import type { Clock } from '../../../src/base/clock.js'
import type { ScheduledEvent } from './event-queue.js'
import type { SimulatedHost } from './host.js'
import { ProcessClock } from './process-clock.js'
import type { Scheduler } from './scheduler.js'
import type { SeededRandom } from './seeded-random.js'

export type Inlet = 'timer' | 'input'
/** 'machine': with its host, so that nobody is left to say goodbye on its connections. */
export type CrashKind = 'process' | 'machine'

interface Held {
  readonly inlet: Inlet
  readonly what: string
  readonly action: () => void
}

export class SimulatedProcess {
  readonly clock: Clock = new ProcessClock(this)
  readonly random: SeededRandom
  readonly scheduler: Scheduler
  state: 'running' | 'paused' | 'dead' = 'running'
  private held: Held[] = []
  private release: ScheduledEvent | undefined
  private readonly startedMs: number
  private suspendedSinceMs: number | undefined
  private suspendedMs = 0
  private readonly endListeners: ((kind: CrashKind) => void)[] = []

  constructor(
    readonly host: SimulatedHost,
    /** 1 for the first on its host. */
    readonly life: number,
  ) {
    this.scheduler = host.scheduler
    this.random = host.random.fork(`life ${life}`)
    this.startedMs = this.scheduler.nowMs - this.random.next()
  }

  /** Runs `action` as code under test: now, after the pause, or never. */
  enter(inlet: Inlet, what: string, action: () => void): void {
    if (this.state === 'dead') return
    if (this.state === 'running' && this.held.length === 0) {
      this.perform(what, action)
      return
    }
    this.held.push({ inlet, what, action })
  }

  /** How long its machine counted since it began. */
  ranMs(): number {
    const nowMs = this.suspendedSinceMs ?? this.scheduler.nowMs
    return nowMs - this.startedMs - this.suspendedMs
  }

  onEnd(listener: (kind: CrashKind) => void): void {
    this.endListeners.push(listener)
  }

  /** Only its host calls this and what follows. `isSuspended`: monotonic time stands still, too. */
  pause(isSuspended: boolean): void {
    if (this.state !== 'running') return
    this.state = 'paused'
    this.scheduler.cancel(this.release)
    if (isSuspended) this.suspendedSinceMs = this.scheduler.nowMs
  }

  resume(): void {
    if (this.state !== 'paused') return
    this.state = 'running'
    if (this.suspendedSinceMs !== undefined) {
      this.suspendedMs += this.scheduler.nowMs - this.suspendedSinceMs
      this.suspendedSinceMs = undefined
    }
    if (this.held.length === 0) return
    // Where in its event loop it stood decides which of the two it looks at first.
    const first: Inlet = this.random.chance(0.5) ? 'timer' : 'input'
    const isFirst = (held: Held) => held.inlet === first
    this.held = [...this.held.filter(isFirst), ...this.held.filter((held) => !isFirst(held))]
    this.releaseNext()
  }

  end(kind: CrashKind): void {
    if (this.state === 'dead') return
    this.state = 'dead'
    this.held = []
    this.scheduler.cancel(this.release)
    for (const listener of this.endListeners) listener(kind)
  }

  // One a turn; what arrives meanwhile goes behind, so that no connection is reordered.
  private releaseNext(): void {
    this.release = this.scheduler.after(0, 'release', () => {
      const next = this.held.shift()
      if (this.held.length > 0) this.releaseNext()
      if (next !== undefined) this.perform(next.what, next.action)
    })
  }

  private perform(what: string, action: () => void): void {
    this.scheduler.entered(this.host.name, what)
    action()
  }
}
