// How long to wait before the next attempt: doubling, with jitter over the upper half.
import type { Random } from '../../base/random.js'

export interface BackoffOptions {
  readonly minMs: number
  readonly maxMs: number
}

export class Backoff {
  private attempts = 0

  constructor(
    private readonly options: BackoffOptions,
    private readonly random: Random,
  ) {}

  next(): number {
    const { minMs, maxMs } = this.options
    const fullMs = Math.min(maxMs, minMs * 2 ** this.attempts)
    this.attempts = Math.min(this.attempts + 1, 30)
    return fullMs / 2 + (fullMs / 2) * this.random.next()
  }

  reset(): void {
    this.attempts = 0
  }
}
