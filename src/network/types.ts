// The border between bytes and requests. network/ moves bytes and knows none of what they mean; the
// runtime gives each listener a factory of handlers, so that network/ imports no handler.
import type { ListenerConfig } from '../config/types.js'

export interface ConnectionInfo {
  /** Unique in the process. */
  readonly id: string
  readonly listener: ListenerConfig
  readonly transport: 'tcp' | 'websocket'
  /** "address:port" of the peer. */
  readonly remoteAddress: string
  /** The Host header of a WebSocket upgrade: what the client believes this broker is called. */
  readonly requestedHost: string | undefined
}

/**
 * An answer as a list of chunks, its length prefix at the front. Chunks leave in order; large ones are
 * never joined or copied, and must not change until they have left.
 */
export type AnswerChunks = readonly Uint8Array[]

/**
 * What became of a request frame. The request's order is fixed when onFrame returns; its answer may
 * come later, and answers leave in the order of their requests. null: this request has no answer.
 */
export type Answer = AnswerChunks | null | Promise<AnswerChunks | null>

/** One per connection that carries Kafka frames, over TCP or over a WebSocket. */
export interface FrameHandler {
  /**
   * `chunks` is one frame without its length prefix, as the socket delivered it. The bytes are valid
   * only until onFrame returns: what is needed longer is copied. Throwing closes this connection,
   * with the error's message in the log.
   */
  onFrame(chunks: readonly Uint8Array[], sizeBytes: number): Answer
  /** Asked after each frame: true when the next one should not be read yet. */
  readonly isHeldBack?: boolean
  /** Calls back once when that may have changed. */
  onRelease?(callback: () => void): void
  onClose(): void
}
export type FrameHandlerFactory = (connection: ConnectionInfo) => FrameHandler

/** What a session that speaks millrace.v1 may do with its socket. */
export interface MessageSocket {
  /** Bytes accepted but not yet handed to the kernel. Sending never drops; senders keep to credit. */
  readonly bufferedBytes: number
  sendText(text: string): void
  sendBinary(bytes: Uint8Array): void
  /** A text or binary header frame, then a binary frame, corked together. */
  sendPair(header: Uint8Array | string, body: Uint8Array): void
  /** Runs `send` with everything it sends corked into one write. */
  cork(send: () => void): void
  close(code: number, reason: string): void
}

/** One per WebSocket connection that speaks millrace.v1. */
export interface MessageHandler {
  /** `data` is valid only until the call returns. */
  onText(text: string): void
  onBinary(data: Uint8Array): void
  /** The socket's buffer emptied below its mark. */
  onDrain(): void
  onClose(code: number): void
}
export type MessageHandlerFactory = (
  connection: ConnectionInfo,
  socket: MessageSocket,
) => MessageHandler

export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  header(name: string): string
}

export interface HttpResponse {
  readonly status: number
  readonly contentType: string
  readonly body: string
}
/** undefined: not a path of this handler. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpResponse> | undefined

export interface WebSocketHandlers {
  readonly kafka: FrameHandlerFactory
  readonly millrace: MessageHandlerFactory
  readonly http: HttpHandler
}
