// Waiters for an offset, in order of offset: those of one partition and one kind of promise. Appends
// come in order, so adding is nearly always a push and releasing a shift from the front.
import type { WaitEnd } from './partition.js'

/** Removed entries stay in the array until there are this many and they are the majority. */
const COMPACT_AT = 64

export interface OffsetWaiter {
  readonly offset: number
  /** undefined once it was called or cancelled. */
  done: ((end: WaitEnd) => void) | undefined
}

export class OffsetQueue {
  private waiters: OffsetWaiter[] = []
  /** Index of the first one that was not released. */
  private head = 0
  private cancelled = 0

  get isEmpty(): boolean {
    return this.waiters.length - this.head === this.cancelled
  }

  /** `done` must not throw; it may add. */
  add(offset: number, done: (end: WaitEnd) => void): OffsetWaiter {
    const waiter: OffsetWaiter = { offset, done }
    const last = this.waiters[this.waiters.length - 1]
    if (last === undefined || last.offset <= offset || this.head === this.waiters.length) {
      this.waiters.push(waiter)
    } else {
      this.waiters.splice(this.indexAfter(offset), 0, waiter)
    }
    return waiter
  }

  cancel(waiter: OffsetWaiter): void {
    if (waiter.done === undefined) return
    waiter.done = undefined
    this.cancelled++
    if (this.cancelled >= COMPACT_AT && this.cancelled * 2 > this.waiters.length - this.head) {
      this.waiters = this.waiters.filter((w, at) => at >= this.head && w.done !== undefined)
      this.head = 0
      this.cancelled = 0
    }
  }

  /** Ends every wait for an offset of at most `reached`. */
  release(reached: number, end: WaitEnd): void {
    for (;;) {
      const waiter = this.waiters[this.head]
      if (waiter === undefined || waiter.offset > reached) break
      this.head++
      const done = waiter.done
      if (done === undefined) {
        this.cancelled--
        continue
      }
      waiter.done = undefined
      done(end)
    }
    this.dropReleased()
  }

  private dropReleased(): void {
    if (this.head === this.waiters.length) {
      this.waiters.length = 0
      this.head = 0
    } else if (this.head >= COMPACT_AT && this.head * 2 > this.waiters.length) {
      this.waiters.splice(0, this.head)
      this.head = 0
    }
  }

  private indexAfter(offset: number): number {
    let low = this.head
    let high = this.waiters.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.waiters[middle]?.offset ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
