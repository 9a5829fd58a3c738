// The WebSocket and HTTP port. The only importer of uWebSockets.js, whose traps are kept in here: a
// message's memory is dead after its callback, send() drops above maxBackpressure, a closed socket
// throws when touched, and a worker that leaves with sockets open aborts the process.
import uWS from 'uWebSockets.js'
import { HttpExchange } from './http-exchange.js'
import { refusedOrigin } from './origin-policy.js'
import type { ConnectionInfo } from './types.js'
import { CloseCode, OpenWebSocket } from './web-socket.js'
import type { WebSocketListenerOptions } from './websocket-options.js'
import {
  startKafkaSession,
  startMillraceSession,
  type WebSocketSession,
} from './websocket-session.js'

const IDLE_TIMEOUT_SECONDS = 120
/** So far beyond its limit a message is still read, and refused with a close code that says so. */
const OVERSIZE_ALLOWANCE_BYTES = 16 * 1024 * 1024
const SUBPROTOCOLS = ['millrace.v1', 'kafka'] as const
type Subprotocol = (typeof SUBPROTOCOLS)[number]

interface Upgraded {
  readonly subprotocol: Subprotocol
  readonly requestedHost: string
  readonly address: string
  socket: OpenWebSocket | undefined
  session: WebSocketSession | undefined
}

export class WebSocketListener {
  private readonly app = uWS.App()
  private listenSocket: uWS.us_listen_socket | undefined
  private isClosed = false

  private constructor(private readonly options: WebSocketListenerOptions) {
    const { limits } = options
    this.app.ws<Upgraded>('/*', {
      compression: uWS.DISABLED,
      maxPayloadLength:
        Math.max(limits.maxRequestBytes, limits.maxMessageBytes) + OVERSIZE_ALLOWANCE_BYTES,
      // Nothing is ever dropped: senders keep to their own limits far below, and past this it closes.
      maxBackpressure: limits.maxUnansweredBytes,
      closeOnBackpressureLimit: 1,
      idleTimeout: IDLE_TIMEOUT_SECONDS,
      sendPingsAutomatically: true,
      upgrade: (response, request, context) => this.upgrade(response, request, context),
      open: (socket) => this.open(socket),
      message: (socket, message, isBinary) => {
        options.observer.bytesReceived('websocket', message.byteLength)
        socket.getUserData().session?.onMessage(message, isBinary)
      },
      drain: (socket) => socket.getUserData().session?.onDrain(),
      close: (socket, code, reason) => this.closed(socket.getUserData(), code, reason),
    })
    const http = new HttpExchange(options.handlers.http, options.logger)
    this.app.any('/*', (response, request) => http.serve(response, request))
  }

  static start(options: WebSocketListenerOptions): Promise<WebSocketListener> {
    const listener = new WebSocketListener(options)
    const { host, port } = options.address
    return new Promise((resolve, reject) => {
      listener.app.listen(host, port, (listenSocket) => {
        if (listenSocket === false) {
          reject(new Error(`cannot listen on ${host}:${port}`))
          return
        }
        listener.listenSocket = listenSocket
        resolve(listener)
      })
    })
  }

  stopAccepting(): void {
    if (this.listenSocket === undefined) return
    uWS.us_listen_socket_close(this.listenSocket)
    this.listenSocket = undefined
  }

  /** Must have run before this thread ends. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.listenSocket = undefined
    this.app.close()
  }

  private upgrade(
    response: uWS.HttpResponse,
    request: uWS.HttpRequest,
    context: uWS.us_socket_context_t,
  ): void {
    const address = Buffer.from(response.getRemoteAddressAsText()).toString()
    const requestedHost = request.getHeader('host')
    const verdict = this.admit(request, requestedHost, address)
    if ('reason' in verdict) {
      this.options.logger.warn('refused a WebSocket', {
        remoteAddress: address,
        reason: verdict.reason,
      })
      this.options.observer.connectionRefused('websocket')
      response.writeStatus(verdict.status).writeHeader('content-type', 'text/plain')
      response.end(`${verdict.reason}\n`, true)
      return
    }
    const upgraded: Upgraded = {
      subprotocol: verdict.subprotocol,
      requestedHost,
      address,
      socket: undefined,
      session: undefined,
    }
    response.upgrade(
      upgraded,
      request.getHeader('sec-websocket-key'),
      verdict.subprotocol,
      request.getHeader('sec-websocket-extensions'),
      context,
    )
  }

  /** On success a place in the connection table is reserved. */
  private admit(
    request: uWS.HttpRequest,
    requestedHost: string,
    address: string,
  ): { status: string; reason: string } | { subprotocol: Subprotocol } {
    const origin = refusedOrigin(request.getHeader('origin'), requestedHost, this.options)
    if (origin !== undefined) return { status: '403 Forbidden', reason: origin }
    const path = request.getUrl()
    const offered = request.getHeader('sec-websocket-protocol')
    const subprotocol = chooseSubprotocol(offered, path)
    if (subprotocol === undefined) {
      return { status: '400 Bad Request', reason: explainSubprotocols(offered) }
    }
    const wrongBroker = this.wrongBroker(subprotocol, path)
    if (wrongBroker !== undefined) return { status: '404 Not Found', reason: wrongBroker }
    const full = this.options.table.admit(address)
    if (full !== undefined) return { status: '503 Service Unavailable', reason: full }
    return { subprotocol }
  }

  private wrongBroker(subprotocol: Subprotocol, path: string): string | undefined {
    const wanted = /^\/kafka\/([^/]*)$/.exec(path)?.[1]
    if (subprotocol !== 'kafka' || wanted === undefined) return undefined
    if (wanted === String(this.options.brokerId)) return undefined
    return `there is no broker ${wanted} here; this one is ${this.options.brokerId}`
  }

  private open(handle: uWS.WebSocket<Upgraded>): void {
    const upgraded = handle.getUserData()
    const { options } = this
    const socket = new OpenWebSocket(handle, (bytes) =>
      options.observer.bytesSent('websocket', bytes),
    )
    const info: ConnectionInfo = {
      id: options.nextConnectionId(),
      listener: options.listener,
      transport: 'websocket',
      remoteAddress: upgraded.address,
      requestedHost: upgraded.requestedHost,
    }
    upgraded.socket = socket
    options.observer.connectionOpened('websocket')
    try {
      const start = upgraded.subprotocol === 'kafka' ? startKafkaSession : startMillraceSession
      const session = start(socket, info, options)
      upgraded.session = session
      options.table.add(session, upgraded.address)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      options.logger.error('cannot serve a WebSocket', { reason })
      socket.end(CloseCode.unexpected, 'the broker failed')
    }
  }

  private closed(upgraded: Upgraded, code: number, reason: ArrayBuffer): void {
    const { table, observer, logger } = this.options
    upgraded.socket?.closed()
    const { session } = upgraded
    if (session === undefined) table.release(upgraded.address)
    else {
      session.onClose(code)
      table.remove(session)
    }
    observer.connectionClosed('websocket')
    logger.debug('a WebSocket closed', { code, reason: Buffer.from(reason).toString() })
  }
}

/** The client's first choice among what it offers and this path serves. */
function chooseSubprotocol(offered: string, path: string): Subprotocol | undefined {
  const isKafkaPath = path === '/kafka' || path.startsWith('/kafka/')
  for (const name of offered.split(',').map((part) => part.trim())) {
    if (name === 'millrace.v1' || (name === 'kafka' && isKafkaPath)) return name
  }
  return undefined
}

function explainSubprotocols(offered: string): string {
  const asked = offered === '' ? 'no subprotocol' : `the subprotocol "${offered}"`
  return `the client offers ${asked}; served are millrace.v1 on any path and kafka on /kafka`
}
