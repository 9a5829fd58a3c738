// A session: a lease, and until when its holder may believe in it.
import type { Clock, Timer } from '../../base/clock.js'
import type { Logger } from '../../base/logger.js'
import type { StoreSession } from '../metadata-store.js'
import type { History } from './history.js'
import type { Grant, LeaseRenewal } from './lease.js'

export interface SessionOptions {
  readonly grant: Grant
  readonly renewal: LeaseRenewal
  readonly revoke: () => Promise<void>
  readonly history: History
  readonly clock: Clock
  readonly logger: Logger
}

/** Of the time to live. Clocks of two machines differ by far less. */
const MARGIN = 1 / 20
const RENEW_EVERY = 1 / 3
const LONGEST_ANSWER = 1 / 6
const RETRY_AFTER = 1 / 20

export class EtcdSession implements StoreSession {
  readonly id: string
  private ended = false
  private isRenewed = true
  private validMs: number
  private timer: Timer | undefined
  private closing: Promise<void> | undefined

  constructor(private readonly options: SessionOptions) {
    const { grant } = options
    this.id = grant.id
    this.validMs = validUntil(grant)
    this.renewAfter(grant.ttlMs * RENEW_EVERY)
  }

  get hasEnded(): boolean {
    return this.ended || this.options.history.failure !== undefined
  }

  validUntilMs(): number {
    return this.hasEnded ? Number.NEGATIVE_INFINITY : this.validMs
  }

  close(): Promise<void> {
    // A lease of that number in a store that went back in time may be another's.
    const gone = this.hasEnded
    this.end()
    this.closing ??= gone ? Promise.resolve() : this.options.revoke()
    return this.closing
  }

  /** The lease is known to be gone, or nobody wants it any more. */
  end(): void {
    this.ended = true
    this.timer?.cancel()
  }

  private renewAfter(delayMs: number): void {
    this.timer = this.options.clock.after(Math.max(0, delayMs), () => void this.renew())
  }

  private async renew(): Promise<void> {
    const { renewal, clock, logger, grant } = this.options
    const result = await renewal.renew()
    if (this.hasEnded) return
    if (result.status === 'gone') {
      logger.warn('the session with etcd has ended', { session: this.id })
      this.end()
    } else if (result.status === 'failed') {
      const leftMs = this.validMs - clock.monotonicMs()
      const fields = {
        session: this.id,
        leftMs: Math.round(leftMs),
        problem: result.problem,
      }
      // Told once: it is tried again many times a second.
      if (this.isRenewed) logger.warn('the session with etcd was not renewed', fields)
      else logger.debug('the session with etcd was not renewed', fields)
      this.isRenewed = false
      this.renewAfter(grant.ttlMs * (leftMs > 0 ? RETRY_AFTER : RENEW_EVERY))
    } else {
      if (!this.isRenewed)
        logger.info('the session with etcd is renewed again', { session: this.id })
      this.isRenewed = true
      this.validMs = Math.max(this.validMs, validUntil(result))
      this.renewAfter(result.sentAtMs + result.ttlMs * RENEW_EVERY - clock.monotonicMs())
    }
  }
}

/** How long a renewal waits for an answer: short enough to ask other members, too. */
export function renewalTimeoutMs(ttlMs: number): number {
  return ttlMs * LONGEST_ANSWER
}

function validUntil({ sentAtMs, ttlMs }: { sentAtMs: number; ttlMs: number }): number {
  return sentAtMs + ttlMs * (1 - MARGIN)
}
