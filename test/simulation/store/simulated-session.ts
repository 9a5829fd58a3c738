// A session as its holder sees it: kept alive by its process's timer, judged by its process's clock.
import type { Timer } from '../../../src/base/clock.js'
import type { StoreSession } from '../../../src/store/metadata-store.js'
import type { StoreChannel } from './store-channel.js'

/**
 * Of the session's time: kept for clocks that stray. Enough when the holder's and the service's rates
 * are within 0.01 of true time together.
 */
const MARGIN_SHARE = 0.02
const KEEP_ALIVES_A_SESSION = 3

export interface SessionOptions {
  readonly id: string
  readonly ttlMs: number
  /** The holder's clock before it asked for the session. */
  readonly askedMs: number
}

export class SimulatedSession implements StoreSession {
  readonly id: string
  private validUntil = Number.NEGATIVE_INFINITY
  private hasEnded = false
  private readonly ttlMs: number
  private readonly keepAlive: Timer
  private closing: Promise<void> | undefined

  constructor(
    private readonly channel: StoreChannel,
    options: SessionOptions,
  ) {
    const { clock } = channel.process
    this.id = options.id
    this.ttlMs = options.ttlMs
    this.confirmed(options.askedMs)
    this.keepAlive = clock.every(this.ttlMs / KEEP_ALIVES_A_SESSION, () => this.renew())
  }

  validUntilMs(): number {
    return this.validUntil
  }

  close(): Promise<void> {
    this.closing ??= this.closeOnce()
    return this.closing
  }

  /** Says nothing to the service, which lets it expire. */
  abandon(): void {
    this.ended()
  }

  private async closeOnce(): Promise<void> {
    this.ended()
    const { service } = this.channel
    await this.channel.call({
      what: 'close of a session',
      execute: () => service.endSession(this.id, 'closed'),
    })
  }

  private async renew(): Promise<void> {
    const { process, service } = this.channel
    const askedMs = process.clock.monotonicMs()
    const delivery = await this.channel.call({
      what: 'keepalive',
      execute: () => service.keepAlive(this.id),
    })
    if (delivery.status !== 'answered') return
    if (delivery.value) this.confirmed(askedMs)
    else this.expired()
  }

  // The service began to count when it had the request, which was after it was sent.
  private confirmed(askedMs: number): void {
    if (this.hasEnded) return
    this.validUntil = Math.max(this.validUntil, askedMs + this.ttlMs * (1 - MARGIN_SHARE))
  }

  private expired(): void {
    if (this.hasEnded) return
    this.channel.service.counters.count('store: holder told that its session has ended')
    this.ended()
  }

  private ended(): void {
    this.hasEnded = true
    this.validUntil = Number.NEGATIVE_INFINITY
    this.keepAlive.cancel()
  }
}
