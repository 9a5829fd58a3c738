// shell: one TCP connection to one server, from the connect request to its end. Answers come in the
// order of the requests. Whatever is wrong with what the server sends ends the connection and no more.
import { connect, type Socket } from 'node:net'
import type { Clock, Timer } from '../../base/clock.js'
import { type Failure, fail } from '../../base/errors.js'
import type { ServerAddress } from './address.js'
import { SESSION_EXPIRED, SESSION_MOVED } from './error-codes.js'
import { FrameSplitter, frameOf } from './frames.js'
import { JuteReader } from './jute.js'
import {
  type ConnectAnswer,
  decodeConnect,
  decodeEvent,
  decodeReplyHeader,
  encodeConnect,
  encodeRequest,
  PING,
  type ReplyHeader,
  type Request,
  XID_EVENT,
  XID_PING,
} from './messages.js'

export type Reply<T> =
  | { readonly status: 'answered'; readonly value: T }
  /** The server's own refusal. */
  | { readonly status: 'error'; readonly code: number }
  | { readonly status: 'unsent'; readonly failure: Failure }
  /** Carried out or not. */
  | { readonly status: 'lost'; readonly failure: Failure }

export type Opened =
  | { readonly status: 'open'; readonly answer: ConnectAnswer; readonly sentMs: number }
  | { readonly status: 'expired' }
  | { readonly status: 'failed'; readonly failure: Failure }

/** The newest state that was seen on any connection: a server behind it refuses to serve. */
export interface SeenState {
  zxid: bigint
}

export interface ConnectionOptions {
  readonly server: ServerAddress
  readonly sessionId: bigint
  readonly password: Uint8Array
  readonly sessionTimeoutMs: number
  readonly openWithinMs: number
  readonly seen: SeenState
  readonly clock: Clock
  readonly onEvent: (path: string) => void
}

interface Pending {
  readonly xid: number
  /** False: the answer cannot be read. */
  answer(header: ReplyHeader, body: JuteReader): boolean
  lose(failure: Failure): void
}

const LAST_XID = 0x7fff_ffff

export class Connection {
  readonly opened: Promise<Opened>
  readonly closed: Promise<Failure>
  /** When anything last came from the server. */
  heardMs: number
  private readonly socket: Socket
  private readonly splitter = new FrameSplitter()
  private readonly opening: Timer
  private pending: Pending[] = []
  private state: 'opening' | 'open' | 'closed' = 'opening'
  private xid = 0
  private connectSentMs = 0
  private settleOpened: (opened: Opened) => void = () => {}
  private settleClosed: (failure: Failure) => void = () => {}
  private failure: Failure | undefined

  constructor(private readonly options: ConnectionOptions) {
    this.opened = new Promise((settle) => {
      this.settleOpened = settle
    })
    this.closed = new Promise((settle) => {
      this.settleClosed = settle
    })
    const { server, clock, openWithinMs } = options
    this.heardMs = clock.monotonicMs()
    this.opening = clock.after(openWithinMs, () =>
      this.drop(`gave no answer in ${openWithinMs} ms`),
    )
    this.socket = connect({ host: server.host, port: server.port, noDelay: true })
    this.socket.on('connect', () => this.sendConnect())
    this.socket.on('data', (piece) => this.receive(piece))
    this.socket.on('error', (error) => this.drop(error.message))
    this.socket.on('close', () => this.drop(this.closedBy()))
  }

  get isOpen(): boolean {
    return this.state === 'open'
  }

  request<T>(request: Request<T>, withinMs: number): Promise<Reply<T>> {
    if (this.state !== 'open') {
      const failure = this.failure ?? this.failureBecause('is not open')
      return Promise.resolve({ status: 'unsent', failure })
    }
    this.xid = this.xid === LAST_XID ? 1 : this.xid + 1
    const { xid } = this
    return new Promise((done) => {
      const deadline = this.options.clock.after(withinMs, () => {
        done({ status: 'lost', failure: this.failureBecause(`gave no answer in ${withinMs} ms`) })
      })
      const settle = (reply: Reply<T>) => {
        deadline.cancel()
        done(reply)
      }
      this.pending.push({
        xid,
        answer: (header, body) => settleAnswer({ request, header, body, settle }),
        lose: (failure) => settle({ status: 'lost', failure }),
      })
      this.socket.write(frameOf(encodeRequest(xid, request.type, request.body)))
    })
  }

  /** Its answer is only heard: see heardMs. */
  ping(): void {
    if (this.state === 'open') {
      this.socket.write(frameOf(encodeRequest(XID_PING, PING.type, PING.body)))
    }
  }

  /** Ends it; what was sent and not answered is lost. */
  drop(reason: string): void {
    if (this.state === 'closed') return
    const wasOpening = this.state === 'opening'
    this.state = 'closed'
    this.opening.cancel()
    this.socket.destroy()
    const failure = this.failureBecause(reason)
    this.failure = failure
    if (wasOpening) this.settleOpened({ status: 'failed', failure })
    for (const pending of this.pending.splice(0)) pending.lose(failure)
    this.settleClosed(failure)
  }

  private sendConnect(): void {
    const { seen, sessionTimeoutMs, sessionId, password } = this.options
    this.connectSentMs = this.options.clock.monotonicMs()
    const request = { lastZxid: seen.zxid, timeoutMs: sessionTimeoutMs, sessionId, password }
    this.socket.write(frameOf(encodeConnect(request)))
  }

  private receive(piece: Uint8Array): void {
    const frames = this.splitter.push(piece)
    if (frames === undefined) {
      this.drop('sent a frame of an impossible length')
      return
    }
    if (frames.length > 0) this.heardMs = this.options.clock.monotonicMs()
    for (const frame of frames) {
      if (this.state === 'opening') this.acceptConnect(frame)
      else if (this.state === 'open') this.acceptReply(frame)
    }
  }

  private acceptConnect(frame: Uint8Array): void {
    const answer = decodeConnect(frame)
    if (answer === undefined) {
      this.drop('sent a damaged answer to the connect request')
    } else if (answer.timeoutMs <= 0) {
      this.settleOpened({ status: 'expired' })
      this.drop('says that the session has expired')
    } else {
      this.opening.cancel()
      this.state = 'open'
      this.settleOpened({ status: 'open', answer, sentMs: this.connectSentMs })
    }
  }

  private acceptReply(frame: Uint8Array): void {
    const reader = new JuteReader(frame)
    const header = decodeReplyHeader(reader)
    if (header === undefined || !this.dispatch(header, reader)) {
      this.drop('sent a damaged answer')
      return
    }
    const { seen } = this.options
    if (header.zxid > seen.zxid) seen.zxid = header.zxid
    if (header.error === SESSION_EXPIRED || header.error === SESSION_MOVED) {
      this.drop(`no longer serves the session (${header.error})`)
    }
  }

  private dispatch(header: ReplyHeader, reader: JuteReader): boolean {
    if (header.xid === XID_PING) return true
    if (header.xid === XID_EVENT) {
      const path = decodeEvent(reader)
      if (path !== undefined) this.options.onEvent(path)
      return path !== undefined
    }
    const [next] = this.pending
    if (next === undefined || next.xid !== header.xid) return false
    if (!next.answer(header, reader)) return false
    this.pending.shift()
    return true
  }

  private closedBy(): string {
    if (this.state !== 'opening') return 'closed the connection'
    const zxid = this.options.seen.zxid.toString(16)
    return `refused the session: it serves nobody now, or its data is older than state 0x${zxid}, which was seen`
  }

  private failureBecause(reason: string): Failure {
    const { host, port } = this.options.server
    return fail('UNEXPECTED', `the ZooKeeper server ${host}:${port} ${reason}`).failure
  }
}

function settleAnswer<T>(answer: {
  readonly request: Request<T>
  readonly header: ReplyHeader
  readonly body: JuteReader
  readonly settle: (reply: Reply<T>) => void
}): boolean {
  const { request, header, body, settle } = answer
  if (header.error !== 0) {
    settle({ status: 'error', code: header.error })
    return true
  }
  const value = request.decode(body)
  if (value === undefined) return false
  settle({ status: 'answered', value })
  return true
}
