// The clock that a simulated process is given. Its monotonic time starts with the process, as
// performance.now() does, and runs at its host's rate; its wall time is its host's.
import type { Clock, Timer } from '../../../src/base/clock.js'
import type { ScheduledEvent } from './event-queue.js'
import type { SimulatedProcess } from './process.js'

/** What setTimeout can keep; beyond it, it fires at once. */
const MAX_DELAY_MS = 2 ** 31 - 1
/** A timer is never early, and this much late at most while its process runs. */
const LATE_MS = 1
const ROUNDING_MS = 1e-6

export class ProcessClock implements Clock {
  constructor(private readonly process: SimulatedProcess) {}

  wallMs(): number {
    const { host } = this.process
    return Math.floor(host.wallStartMs + host.wallSkewMs + this.process.scheduler.nowMs)
  }

  monotonicMs(): number {
    return this.process.ranMs() * this.process.host.rate
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = new ProcessTimer(this.process, this, callback)
    timer.set(checked(delayMs))
    return timer
  }

  every(periodMs: number, callback: () => void): Timer {
    const period = checked(periodMs)
    const timer: ProcessTimer = new ProcessTimer(this.process, this, () => {
      timer.set(period)
      callback()
    })
    timer.set(period)
    return timer
  }
}

class ProcessTimer implements Timer {
  private event: ScheduledEvent | undefined
  private dueMs = 0
  /** Counts set() and cancel(): a firing that waits in a paused process may have become void. */
  private setting = 0

  constructor(
    private readonly process: SimulatedProcess,
    private readonly clock: ProcessClock,
    private readonly callback: () => void,
  ) {}

  set(delayMs: number): void {
    this.setting++
    if (this.process.state === 'dead') return
    this.dueMs = this.clock.monotonicMs() + delayMs
    this.schedule(delayMs)
  }

  cancel(): void {
    this.setting++
    this.process.scheduler.cancel(this.event)
    this.event = undefined
  }

  private schedule(delayMs: number): void {
    const { scheduler, host, random } = this.process
    const { setting } = this
    const waitMs = delayMs / host.rate + random.next() * LATE_MS
    this.event = scheduler.after(waitMs, 'timer', () =>
      this.process.enter('timer', 'timer', () => {
        if (this.setting === setting) this.fire()
      }),
    )
  }

  // A suspended machine's monotonic time stood still meanwhile: the timer is not due yet.
  private fire(): void {
    const leftMs = this.dueMs - this.clock.monotonicMs()
    if (leftMs > ROUNDING_MS) this.schedule(leftMs)
    else this.callback()
  }
}

function checked(delayMs: number): number {
  if (!(delayMs <= MAX_DELAY_MS)) throw new Error(`no timer can be set to ${delayMs} ms`)
  return Math.max(1, delayMs)
}
