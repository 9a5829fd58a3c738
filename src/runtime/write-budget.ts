// Bytes that were appended and not yet written back are held to a budget a directory; above it
// producers are not read, so that the kernel's own throttling, which would stall the event loop, is
// never reached.
import type { Clock, Timer } from '../base/clock.js'
import type { LogDirectory } from '../log/types.js'

const CHECK_PERIOD_MS = 5

export class WriteBudget {
  private timer: Timer | undefined
  private readonly waiting = new Set<() => void>()

  constructor(
    private readonly directories: readonly Pick<LogDirectory, 'overBudget'>[],
    private readonly clock: Clock,
  ) {}

  get isExceeded(): boolean {
    return this.directories.some((directory) => directory.overBudget())
  }

  /** As onKept, but calls at once if the budget is kept and nobody waits. */
  whenKept(callback: () => void): () => void {
    if (this.waiting.size > 0 || this.isExceeded) return this.onKept(callback)
    callback()
    return () => {}
  }

  /** Calls `callback` once, when the budget is kept again, in its turn. Returns how to stop waiting. */
  onKept(callback: () => void): () => void {
    this.waiting.add(callback)
    this.timer ??= this.clock.every(CHECK_PERIOD_MS, () => this.check())
    return () => this.waiting.delete(callback)
  }

  close(): void {
    this.timer?.cancel()
    this.timer = undefined
    this.waiting.clear()
  }

  /** Nobody waits any longer. */
  release(): void {
    this.timer?.cancel()
    this.timer = undefined
    const callbacks = [...this.waiting]
    this.waiting.clear()
    for (const callback of callbacks) callback()
  }

  private check(): void {
    if (!this.isExceeded) this.release()
  }
}
