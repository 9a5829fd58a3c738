// Those who wait for the same thing; and which of the broker's answers refuse records for good.
import type { MillraceError } from './errors.js'

export class Waiters {
  private waiting: { resolve(): void; reject(error: MillraceError): void }[] = []

  wait(failure?: MillraceError): Promise<void> {
    if (failure !== undefined) return Promise.reject(failure)
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }))
  }

  resolve(): void {
    for (const waiter of this.take()) waiter.resolve()
  }

  reject(error: MillraceError): void {
    for (const waiter of this.take()) waiter.reject(error)
  }

  private take() {
    const { waiting } = this
    this.waiting = []
    return waiting
  }
}

const refusals: ReadonlySet<string> = new Set([
  'invalid-record',
  'corrupt-batch',
  'invalid-timestamp',
  'unsupported-compression',
  'record-too-large',
])

export function isRefusal(code: string): boolean {
  return refusals.has(code)
}
