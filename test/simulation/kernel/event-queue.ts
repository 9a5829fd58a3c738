// What is to happen, as a binary heap: by time, then by a draw from the seed, then by age.
export class ScheduledEvent {
  /** undefined: cancelled, or over. */
  action: (() => void) | undefined

  constructor(
    readonly atMs: number,
    readonly tie: number,
    readonly sequence: number,
    readonly what: string,
    action: () => void,
  ) {
    this.action = action
  }
}

const COMPACT_ABOVE = 256

export class EventQueue {
  private heap: ScheduledEvent[] = []
  private cancelled = 0

  get size(): number {
    return this.heap.length - this.cancelled
  }

  push(event: ScheduledEvent): void {
    const { heap } = this
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parentAt = (at - 1) >> 1
      const parent = heap[parentAt]
      if (parent === undefined || !isBefore(event, parent)) break
      heap[at] = parent
      at = parentAt
    }
    heap[at] = event
  }

  /** The earliest that was not cancelled; it stays. */
  peek(): ScheduledEvent | undefined {
    let first = this.heap[0]
    while (first !== undefined && first.action === undefined) {
      this.cancelled--
      this.removeFirst()
      first = this.heap[0]
    }
    return first
  }

  /** Of what peek() gave. */
  removeFirst(): void {
    const last = this.heap.pop()
    if (last !== undefined && this.heap.length > 0) this.sink(last, 0)
  }

  cancel(event: ScheduledEvent): void {
    if (event.action === undefined) return
    event.action = undefined
    this.cancelled++
    if (this.cancelled > COMPACT_ABOVE && this.cancelled * 2 > this.heap.length) this.compact()
  }

  private compact(): void {
    const living = this.heap.filter((event) => event.action !== undefined)
    this.heap = []
    this.cancelled = 0
    for (const event of living) this.push(event)
  }

  private sink(event: ScheduledEvent, start: number): void {
    const { heap } = this
    let at = start
    for (;;) {
      const left = heap[2 * at + 1]
      if (left === undefined) break
      const right = heap[2 * at + 2]
      const isRight = right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (!isBefore(child, event)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = event
  }
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  if (left.atMs !== right.atMs) return left.atMs < right.atMs
  if (left.tie !== right.tie) return left.tie < right.tie
  return left.sequence < right.sequence
}
