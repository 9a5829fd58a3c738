// Time that a test moves.
import type { Clock, Timer } from '../../src/base/clock.js'

export class ManualClock implements Clock {
  private nowMs = 1_000
  private readonly timers = new Set<{ dueMs: number; callback: () => void }>()
  timersSet = 0

  wallMs(): number {
    return this.nowMs
  }

  monotonicMs(): number {
    return this.nowMs
  }

  after(delayMs: number, callback: () => void): Timer {
    this.timersSet++
    const timer = { dueMs: this.nowMs + delayMs, callback }
    this.timers.add(timer)
    return { cancel: () => this.timers.delete(timer) }
  }

  every(periodMs: number, callback: () => void): Timer {
    const beat = (): void => {
      timer = this.after(periodMs, beat)
      callback()
    }
    let timer = this.after(periodMs, beat)
    return { cancel: () => timer.cancel() }
  }

  get timersPending(): number {
    return this.timers.size
  }

  advance(byMs: number): void {
    const until = this.nowMs + byMs
    for (;;) {
      const due = [...this.timers].sort((a, b) => a.dueMs - b.dueMs)[0]
      if (due === undefined || due.dueMs > until) break
      this.timers.delete(due)
      this.nowMs = Math.max(this.nowMs, due.dueMs)
      due.callback()
    }
    this.nowMs = until
  }
}
