// Many deadlines of a thread over one timer: due times are rounded up to a tick and shared by all
// that fall into it. A produce or fetch request sets one, and nearly all are cancelled.
import type { Clock, Timer } from './clock.js'

const TICK_MS = 8

/** A deadline that was set. */
export interface Deadline {
  /** After it fired, or a second time, it does nothing. */
  cancel(): void
}

export class Deadlines {
  private readonly buckets = new Map<number, Bucket>()
  /** Ticks that have a bucket, as a binary heap: the earliest is at index 0. */
  private readonly ticks: number[] = []
  private timer: Timer | undefined
  private timerTick = Number.POSITIVE_INFINITY

  constructor(private readonly clock: Clock) {}

  /** Calls `expired` once, at the earliest `delayMs` from now and at most a tick later. */
  after(delayMs: number, expired: () => void): Deadline {
    const dueMs = this.clock.monotonicMs() + Math.max(0, delayMs)
    const tick = Math.ceil(dueMs / TICK_MS)
    let bucket = this.buckets.get(tick)
    if (bucket === undefined) {
      bucket = new Bucket()
      this.buckets.set(tick, bucket)
      pushTick(this.ticks, tick)
      this.arm(tick)
    }
    return bucket.add(expired)
  }

  /** Forgets all of them. */
  close(): void {
    this.timer?.cancel()
    this.timer = undefined
    this.timerTick = Number.POSITIVE_INFINITY
    this.buckets.clear()
    this.ticks.length = 0
  }

  private arm(tick: number): void {
    if (tick >= this.timerTick) return
    this.timer?.cancel()
    this.timerTick = tick
    const delayMs = Math.max(1, Math.ceil(tick * TICK_MS - this.clock.monotonicMs()))
    this.timer = this.clock.after(delayMs, () => this.fire())
  }

  private fire(): void {
    this.timer = undefined
    this.timerTick = Number.POSITIVE_INFINITY
    const now = Math.floor(this.clock.monotonicMs() / TICK_MS)
    while ((this.ticks[0] ?? Number.POSITIVE_INFINITY) <= now) {
      const tick = popTick(this.ticks)
      const bucket = this.buckets.get(tick)
      this.buckets.delete(tick)
      bucket?.expire()
    }
    const next = this.ticks[0]
    if (next !== undefined) this.arm(next)
  }
}

class Bucket {
  private entries: Entry[] = []

  add(expired: () => void): Entry {
    const entry = new Entry(this, this.entries.length, expired)
    this.entries.push(entry)
    return entry
  }

  remove(entry: Entry): void {
    const last = this.entries.pop()
    if (last === undefined || last === entry) return
    this.entries[entry.index] = last
    last.index = entry.index
  }

  expire(): void {
    for (let entry = this.entries.pop(); entry !== undefined; entry = this.entries.pop()) {
      entry.expire()
    }
  }
}

class Entry implements Deadline {
  private expired: (() => void) | undefined

  constructor(
    private readonly bucket: Bucket,
    public index: number,
    expired: () => void,
  ) {
    this.expired = expired
  }

  cancel(): void {
    if (this.expired === undefined) return
    this.expired = undefined
    this.bucket.remove(this)
  }

  expire(): void {
    const expired = this.expired
    this.expired = undefined
    expired?.()
  }
}

function pushTick(heap: number[], tick: number): void {
  let at = heap.length
  heap.push(tick)
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent] ?? 0
    if (above <= tick) break
    heap[at] = above
    at = parent
  }
  heap[at] = tick
}

/** The heap must not be empty. */
function popTick(heap: number[]): number {
  const earliest = heap[0] ?? 0
  const moved = heap.pop() ?? 0
  if (heap.length === 0) return earliest
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if ((heap[child + 1] ?? Number.POSITIVE_INFINITY) < (heap[child] ?? 0)) child++
    const below = heap[child] ?? 0
    if (below >= moved) break
    heap[at] = below
    at = child
  }
  heap[at] = moved
  return earliest
}
