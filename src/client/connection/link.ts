// The connection as channels see it: it comes, it goes, it comes again. Numbers the channels and the
// requests, and brings each message to whom it concerns.
import type { Clock, Timer } from '../../base/clock.js'
import type { Random } from '../../base/random.js'
import type { BinaryHeader } from '../../protocol/millrace/binary.js'
import { mayReconnect } from '../../protocol/millrace/close-codes.js'
import type {
  ClientMessage,
  ServerMessage,
  TopicRequest,
  WelcomeMessage,
} from '../../protocol/millrace/messages.js'
import { BrokerError, ClosedError, ConnectionError, type MillraceError } from '../errors.js'
import { Backoff } from './backoff.js'
import { Connection } from './connection.js'
import { openSocket, type WebSocketFactory } from './web-socket.js'

/** A producer or a reader, on whichever connection there is. */
export interface LinkChannel {
  /** There is a connection: open the channel on it. */
  attach(): void
  /** The connection is gone; another may come. */
  detach(): void
  /** There will be no connection any more. */
  abandon(error: MillraceError): void
  message(message: ServerMessage): void
  delivery(header: BinaryHeader, body: Uint8Array | undefined): void
}

export interface LinkOptions {
  readonly url: string
  readonly factory: WebSocketFactory
  readonly name: string
  readonly connectTimeoutMs: number
  readonly reconnectMinMs: number
  readonly reconnectMaxMs: number
  readonly giveUpAfterMs: number
  readonly clock: Clock
  readonly random: Random
}

interface WaitingRequest {
  resolve(result: unknown): void
  reject(error: MillraceError): void
}

export class Link {
  readonly clock: Clock
  readonly random: Random
  private connection: Connection | undefined
  private welcome: WelcomeMessage | undefined
  private readonly channels = new Map<number, LinkChannel>()
  private readonly requests = new Map<number, WaitingRequest>()
  private readonly backoff: Backoff
  private nextChannel = 0
  private nextRequest = 0
  private lostSinceMs: number | undefined
  private retry: Timer | undefined
  private failure: MillraceError | undefined

  constructor(private readonly options: LinkOptions) {
    this.clock = options.clock
    this.random = options.random
    const { reconnectMinMs: minMs, reconnectMaxMs: maxMs } = options
    this.backoff = new Backoff({ minMs, maxMs }, options.random)
  }

  get isLive(): boolean {
    return this.welcome !== undefined
  }

  /** The first connection; a failure of it is final, because the address may be wrong. */
  start(): Promise<WelcomeMessage> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => this.dial(resolve, reject))
  }

  /** A number for a channel; attach() is called at once when there is a connection. */
  add(channel: LinkChannel): number {
    if (this.failure !== undefined) throw this.failure
    const id = this.nextChannel++
    this.channels.set(id, channel)
    return id
  }

  remove(id: number): void {
    this.channels.delete(id)
  }

  /** For a channel that opens anew: late messages for its old number find nobody. */
  renumber(id: number): number {
    const channel = this.channels.get(id)
    this.channels.delete(id)
    const fresh = this.nextChannel++
    if (channel !== undefined) this.channels.set(fresh, channel)
    return fresh
  }

  send(message: ClientMessage): void {
    if (this.isLive) this.connection?.send(message)
  }

  sendBinary(frame: Uint8Array): void {
    if (this.isLive) this.connection?.sendBinary(frame)
  }

  request(request: TopicRequest): Promise<unknown> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    if (!this.isLive) return Promise.reject(new ConnectionError('not connected'))
    const id = this.nextRequest++
    return new Promise((resolve, reject) => {
      this.requests.set(id, { resolve, reject })
      this.send({ type: 'request', id, ...request })
    })
  }

  close(): void {
    this.giveUp(new ClosedError('client'))
  }

  private dial(first?: (welcome: WelcomeMessage) => void, failed?: (error: Error) => void): void {
    const { url, factory, clock, name, connectTimeoutMs } = this.options
    const events = {
      welcomed: (welcome: WelcomeMessage) => {
        this.attachAll(welcome)
        first?.(welcome)
      },
      message: (message: ServerMessage) => this.dispatch(message),
      delivery: (header: BinaryHeader, body: Uint8Array | undefined) =>
        this.channels.get(header.channel)?.delivery(header, body),
      ended: (code: number, reason: string) => {
        const wasNeverLive = failed !== undefined && this.welcome === undefined
        if (!wasNeverLive) return this.lost(code, reason)
        const error = new ConnectionError(`cannot connect to ${url}${explain(code, reason)}`)
        this.giveUp(error)
        failed(error)
      },
    }
    try {
      this.connection = new Connection(openSocket(factory, url), events, {
        clock,
        name,
        connectTimeoutMs,
      })
    } catch (error) {
      events.ended(1006, error instanceof Error ? error.message : String(error))
    }
  }

  private attachAll(welcome: WelcomeMessage): void {
    this.welcome = welcome
    this.lostSinceMs = undefined
    this.backoff.reset()
    for (const channel of [...this.channels.values()]) channel.attach()
  }

  private dispatch(message: ServerMessage): void {
    if (message.type === 'response') {
      const waiting = this.requests.get(Number(message.id))
      this.requests.delete(Number(message.id))
      if (message.ok) waiting?.resolve(message.result)
      else waiting?.reject(BrokerError.from(message.error))
    } else if ('channel' in message && message.channel !== undefined) {
      this.channels.get(message.channel)?.message(message)
    }
  }

  private lost(code: number, reason: string): void {
    if (this.failure !== undefined) return
    const wasLive = this.isLive
    this.welcome = undefined
    this.connection = undefined
    this.failRequests(new ConnectionError('the connection was lost before the answer'))
    if (wasLive) for (const channel of [...this.channels.values()]) channel.detach()
    const nowMs = this.options.clock.monotonicMs()
    this.lostSinceMs ??= nowMs
    const hasGivenUp = nowMs - this.lostSinceMs >= this.options.giveUpAfterMs
    if (hasGivenUp || !mayReconnect(code)) {
      this.giveUp(new ConnectionError(`connection lost${explain(code, reason)}`))
      return
    }
    this.retry = this.options.clock.after(this.backoff.next(), () => this.dial())
  }

  private giveUp(error: MillraceError): void {
    if (this.failure !== undefined) return
    this.failure = error
    this.retry?.cancel()
    this.connection?.close()
    this.connection = undefined
    this.welcome = undefined
    this.failRequests(error)
    for (const channel of [...this.channels.values()]) channel.abandon(error)
    this.channels.clear()
  }

  private failRequests(error: MillraceError): void {
    const waiting = [...this.requests.values()]
    this.requests.clear()
    for (const request of waiting) request.reject(error)
  }
}

function explain(code: number, reason: string): string {
  return `: ${reason === '' ? 'closed' : reason} (${code})`
}
