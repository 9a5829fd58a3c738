// The sessions of the simulated coordination service, by the service's own clock.
import type { ScheduledEvent } from '../kernel/event-queue.js'
import type { Scheduler } from '../kernel/scheduler.js'
import type { SeededRandom } from '../kernel/seeded-random.js'

/** 'forced' and 'restored' break what validUntilMs() says: no lease can be a fence. */
export type SessionEnd = 'expired' | 'closed' | 'forced' | 'restored'

interface Session {
  readonly id: string
  readonly ttlMs: number
  expiresAtMs: number
  expiry: ScheduledEvent | undefined
}

export interface SessionSnapshot {
  readonly ttlsMs: ReadonlyMap<string, number>
}

export interface ServiceSessionsOptions {
  readonly scheduler: Scheduler
  readonly random: SeededRandom
  /** Of the service's clock to true time. */
  readonly rate: number
  /** A session ends up to this share of its time late: services look at them in rounds. */
  readonly lateShare: number
  readonly ended: (id: string, end: SessionEnd) => void
}

export class ServiceSessions {
  private readonly sessions = new Map<string, Session>()
  private opened = 0
  private isRunning = true

  constructor(private readonly options: ServiceSessionsOptions) {}

  open(ttlMs: number): string {
    const id = `session ${++this.opened}`
    this.add(id, ttlMs)
    return id
  }

  has(id: string): boolean {
    return this.sessions.has(id)
  }

  get ids(): readonly string[] {
    return [...this.sessions.keys()]
  }

  /** Whether it still lives. A request that was overtaken never shortens it. */
  keepAlive(id: string): boolean {
    const session = this.sessions.get(id)
    if (session === undefined) return false
    session.expiresAtMs = this.nowMs() + session.ttlMs
    return true
  }

  end(id: string, end: SessionEnd): void {
    const session = this.sessions.get(id)
    if (session === undefined) return
    this.options.scheduler.cancel(session.expiry)
    this.sessions.delete(id)
    this.options.ended(id, end)
  }

  /** While the service is down nothing expires. */
  stop(): void {
    this.isRunning = false
    for (const session of this.sessions.values()) this.options.scheduler.cancel(session.expiry)
  }

  /** Who could not keep a session alive meanwhile is given its whole time again. */
  start(): void {
    this.isRunning = true
    for (const session of this.sessions.values()) {
      session.expiresAtMs = this.nowMs() + session.ttlMs
      this.options.scheduler.cancel(session.expiry)
      this.watch(session)
    }
  }

  snapshot(): SessionSnapshot {
    return { ttlsMs: new Map([...this.sessions].map(([id, { ttlMs }]) => [id, ttlMs])) }
  }

  /** Sessions that had ended since live again, with their whole time; later ones are gone. */
  restore({ ttlsMs }: SessionSnapshot): void {
    for (const id of this.ids) {
      if (!ttlsMs.has(id)) this.end(id, 'restored')
    }
    for (const [id, ttlMs] of ttlsMs) {
      if (!this.sessions.has(id)) this.add(id, ttlMs)
    }
    if (this.isRunning) this.start()
  }

  private add(id: string, ttlMs: number): void {
    const expiresAtMs = this.nowMs() + ttlMs
    const session: Session = { id, ttlMs, expiresAtMs, expiry: undefined }
    this.sessions.set(id, session)
    if (this.isRunning) this.watch(session)
  }

  private watch(session: Session): void {
    const { scheduler, random, rate, lateShare } = this.options
    const leftMs = Math.max(0, session.expiresAtMs - this.nowMs()) / rate
    const lateMs = random.next() * session.ttlMs * lateShare
    session.expiry = scheduler.after(leftMs + lateMs, 'session expiry', () => {
      if (session.expiresAtMs > this.nowMs()) this.watch(session)
      else this.end(session.id, 'expired')
    })
  }

  private nowMs(): number {
    return this.options.scheduler.nowMs * this.options.rate
  }
}
