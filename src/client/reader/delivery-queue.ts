// What arrived and was not yet taken: never more than the window, because only credit permits a push.
import type { DeliverMessage } from '../../protocol/millrace/messages.js'
import type { Gap, MillraceError } from '../errors.js'

interface Step {
  readonly partition: number
  readonly nextOffset: number
  /** Of the last record before nextOffset; -1: not known. */
  readonly leaderEpoch: number
}
export interface QueuedRecords extends Step {
  readonly kind: 'records'
  /** Records below it are left out. */
  readonly offset: number
  /** What it took from the credit. */
  readonly bytes: number
  /** Record batches, or what the broker sent as JSON. */
  readonly content: Uint8Array | DeliverMessage
}
/** Nothing to show up to nextOffset. */
export interface QueuedPosition extends Step {
  readonly kind: 'position'
}
export interface QueuedGap extends Step {
  readonly kind: 'gap'
  readonly gap: Gap
}
export type Queued = QueuedRecords | QueuedPosition | QueuedGap

export class DeliveryQueue {
  private items: Queued[] = []
  private waiting: ((item: Queued | undefined) => void) | undefined
  private end: { error: MillraceError | undefined } | undefined

  get isEmpty(): boolean {
    return this.items.length === 0
  }

  get hasGap(): boolean {
    return this.items.some(({ kind }) => kind === 'gap')
  }

  /** Of the credit, what waits here. */
  get bytes(): number {
    return this.items.reduce((sum, item) => sum + (item.kind === 'records' ? item.bytes : 0), 0)
  }

  push(item: Queued): void {
    const { waiting } = this
    this.waiting = undefined
    if (waiting !== undefined) waiting(item)
    else this.items.push(item)
  }

  /** What is queued is still given out, then the end or the error. */
  finish(error?: MillraceError): void {
    this.end ??= { error }
    const { waiting } = this
    this.waiting = undefined
    waiting?.(undefined)
  }

  /** undefined: there is nothing more. */
  async take(): Promise<Queued | undefined> {
    const item = this.items.shift() ?? (await this.wait())
    if (item === undefined && this.end?.error !== undefined) throw this.end.error
    return item
  }

  clear(): void {
    this.items = []
  }

  private wait(): Promise<Queued | undefined> {
    if (this.end !== undefined) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.waiting = resolve
    })
  }
}
