// One socket from its opening to its end: hello and welcome, heartbeat, frames to messages.
import type { Clock, Timer } from '../../base/clock.js'
import { type BinaryHeader, readBinaryFrame } from '../../protocol/millrace/binary.js'
import { MISSED_HEARTBEATS } from '../../protocol/millrace/limits.js'
import type {
  ClientMessage,
  ServerMessage,
  WelcomeMessage,
} from '../../protocol/millrace/messages.js'
import type { WebSocketLike } from './web-socket.js'

export interface ConnectionEvents {
  welcomed(welcome: WelcomeMessage): void
  message(message: ServerMessage): void
  /** `body`: the record batches of a delivery. Both are views of a frame of their own. */
  delivery(header: BinaryHeader, body: Uint8Array | undefined): void
  /** Called once, also when the socket never opened. */
  ended(code: number, reason: string): void
}

const BODY_IN_NEXT_FRAME = 0x01
/** For an end that the transport does not report. */
const ABNORMAL_CLOSURE = 1006

export class Connection {
  private hasEnded = false
  private lastHeardMs: number
  private heart: Timer | undefined
  /** A delivery whose record batches are the next frame. */
  private announced: BinaryHeader | undefined

  constructor(
    private readonly socket: WebSocketLike,
    private readonly events: ConnectionEvents,
    private readonly options: { clock: Clock; name: string; connectTimeoutMs: number },
  ) {
    const { clock, connectTimeoutMs } = options
    this.lastHeardMs = clock.monotonicMs()
    this.heart = clock.after(connectTimeoutMs, () =>
      this.end(ABNORMAL_CLOSURE, 'no answer in time'),
    )
    socket.onopen = () => this.send({ type: 'hello', client: { name: options.name } })
    socket.onmessage = ({ data }) => this.onFrame(data)
    socket.onclose = ({ code, reason }) => this.end(code, reason)
    // An error is always followed by a close; with ws it is only that which must not be unhandled.
    socket.onerror = () => {}
  }

  send(message: ClientMessage): void {
    if (!this.hasEnded) this.socket.send(JSON.stringify(message))
  }

  sendBinary(frame: Uint8Array): void {
    if (!this.hasEnded) this.socket.send(frame)
  }

  close(): void {
    this.end(1000, 'closed')
  }

  private onFrame(data: unknown): void {
    if (this.hasEnded) return
    this.lastHeardMs = this.options.clock.monotonicMs()
    if (typeof data === 'string') {
      const content = JSON.parse(data) as ServerMessage | ServerMessage[]
      for (const message of Array.isArray(content) ? content : [content]) this.onMessage(message)
    } else if (data instanceof ArrayBuffer) {
      this.onBinary(new Uint8Array(data))
    }
  }

  private onMessage(message: ServerMessage): void {
    if (this.hasEnded) return
    switch (message.type) {
      case 'welcome':
        this.startHeart(message.heartbeatMs)
        this.events.welcomed(message)
        return
      case 'ping':
        this.send({ ...message, type: 'pong' })
        return
      case 'pong':
        return
      default:
        this.events.message(message)
        return
    }
  }

  private onBinary(frame: Uint8Array): void {
    const announced = this.announced
    if (announced !== undefined) {
      this.announced = undefined
      this.events.delivery(announced, frame)
      return
    }
    readBinaryFrame(frame, (header) => {
      if ((header.flags & BODY_IN_NEXT_FRAME) !== 0) this.announced = header
      else this.events.delivery(header, undefined)
      return !this.hasEnded
    })
  }

  private startHeart(heartbeatMs: number): void {
    const { clock } = this.options
    this.heart?.cancel()
    this.heart = clock.every(heartbeatMs, () => {
      const silentMs = clock.monotonicMs() - this.lastHeardMs
      if (silentMs >= heartbeatMs * MISSED_HEARTBEATS) return this.end(ABNORMAL_CLOSURE, 'silence')
      this.send({ type: 'ping' })
    })
  }

  private end(code: number, reason: string): void {
    if (this.hasEnded) return
    this.hasEnded = true
    this.heart?.cancel()
    try {
      this.socket.close()
    } catch {
      // A socket that never opened may refuse to be closed.
    }
    this.events.ended(code, reason)
  }
}
