// One session with ZooKeeper over the connections that carry it one after the other. Only a server can
// say that it has expired; then it has ended, or, if it is one that may be renewed, another is opened.
import type { Clock } from '../../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../../base/errors.js'
import type { Logger } from '../../base/logger.js'
import type { Random } from '../../base/random.js'
import type { ServerAddress } from './address.js'
import { Connection, type Opened, type SeenState } from './connection.js'
import { startHeartbeat } from './heartbeat.js'
import { Lease } from './lease.js'
import { closeSession } from './messages.js'
import { Servers } from './servers.js'

export interface SessionOptions {
  readonly servers: readonly ServerAddress[]
  readonly timeoutMs: number
  /** Opens another one when it has expired: for a session nobody relies on. */
  readonly renewed: boolean
  /** The node whose existence a heartbeat lets a quorum confirm; without one it is a mere ping. */
  readonly leasedNode?: string
  readonly seen: SeenState
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly onConnected?: (connection: Connection) => void
  readonly onEvent?: (path: string) => void
}

const PASSWORD_BYTES = 16

export class Session {
  id = 0n
  readonly lease = new Lease()
  private password = new Uint8Array(PASSWORD_BYTES)
  private timeoutMs: number
  private readonly servers: Servers
  private current: Connection | undefined
  private ended: Failure | undefined
  private closing: Promise<void> | undefined
  private lastFailure: Failure = fail('TIMED_OUT', 'no ZooKeeper server was reached').failure
  private readonly waiting = new Set<() => void>()

  constructor(private readonly options: SessionOptions) {
    this.timeoutMs = options.timeoutMs
    this.servers = new Servers(options.servers, options.random)
    void this.keepConnected()
  }

  get hasEnded(): boolean {
    return this.ended !== undefined
  }

  /** A connection that carries the session now, waited for until the deadline. */
  async connected(deadlineMs: number): Promise<Outcome<Connection>> {
    for (;;) {
      if (this.ended !== undefined) return { ok: false, failure: this.ended }
      if (this.current?.isOpen) return succeed(this.current)
      const leftMs = deadlineMs - this.options.clock.monotonicMs()
      if (leftMs <= 0) return { ok: false, failure: this.lastFailure }
      await this.changed(leftMs)
    }
  }

  /** Ends the session on a server, and with it its nodes; out of reach it ends there by itself. */
  close(withinMs: number): Promise<void> {
    this.closing ??= this.closeOnce(withinMs)
    return this.closing
  }

  private async closeOnce(withinMs: number): Promise<void> {
    this.lease.end()
    const { clock, logger, leasedNode } = this.options
    const deadlineMs = clock.monotonicMs() + withinMs
    let confirmed = this.hasEnded
    while (!confirmed) {
      const link = await this.connected(deadlineMs)
      if (!link.ok) break
      const reply = await link.value.request(closeSession, deadlineMs - clock.monotonicMs())
      confirmed = reply.status === 'answered'
      if (clock.monotonicMs() >= deadlineMs) break
    }
    if (!confirmed && !this.hasEnded && leasedNode !== undefined) {
      const { timeoutMs } = this
      logger.warn('a ZooKeeper session could not be closed; it ends by itself', { timeoutMs })
    }
    this.end(fail('CLOSED', 'the ZooKeeper session was closed').failure)
  }

  private async keepConnected(): Promise<void> {
    while (!this.hasEnded) {
      const attempt = this.servers.attempt(this.timeoutMs)
      if (attempt === undefined) return
      if (attempt.pauseMs > 0) await this.changed(attempt.pauseMs)
      if (this.hasEnded) return
      const connection = new Connection({
        server: attempt.server,
        openWithinMs: attempt.openWithinMs,
        sessionId: this.id,
        password: this.password,
        sessionTimeoutMs: this.options.timeoutMs,
        seen: this.options.seen,
        clock: this.options.clock,
        onEvent: (path) => this.options.onEvent?.(path),
      })
      this.current = connection
      await this.serve(connection, await connection.opened)
    }
  }

  private async serve(connection: Connection, opened: Opened): Promise<void> {
    if (opened.status === 'failed') {
      this.lost(opened.failure)
      return
    }
    if (opened.status === 'expired') {
      this.expired()
      return
    }
    this.servers.succeeded()
    const { sessionId, password, timeoutMs } = opened.answer
    this.id = sessionId
    this.password = password.slice()
    this.timeoutMs = timeoutMs
    this.lease.connected(opened.sentMs, timeoutMs)
    const { clock, leasedNode, logger } = this.options
    const stopHeartbeat = startHeartbeat({
      connection,
      timeoutMs,
      clock,
      lease: this.lease,
      leasedNode,
    })
    logger.debug('connected to ZooKeeper', { session: sessionId.toString(16), timeoutMs })
    this.options.onConnected?.(connection)
    this.wake()
    this.lost(await connection.closed)
    stopHeartbeat()
  }

  private lost(failure: Failure): void {
    this.lastFailure = failure
    if (!this.hasEnded) this.options.logger.info(failure.message)
  }

  private expired(): void {
    const message = `the ZooKeeper session ${this.id.toString(16)} has expired`
    this.options.logger.warn(message)
    if (this.options.renewed) {
      this.id = 0n
      this.password = new Uint8Array(PASSWORD_BYTES)
    } else {
      this.end(fail('CLOSED', message).failure)
    }
  }

  private end(failure: Failure): void {
    this.lease.end()
    this.ended ??= failure
    this.current?.drop('is no longer needed')
    this.wake()
  }

  private wake(): void {
    for (const woken of this.waiting) woken()
  }

  /** Until the session is connected or has ended, and no longer than that. */
  private changed(withinMs: number): Promise<void> {
    return new Promise((done) => {
      const woken = () => {
        timer.cancel()
        this.waiting.delete(woken)
        done()
      }
      const timer = this.options.clock.after(withinMs, woken)
      this.waiting.add(woken)
    })
  }
}
