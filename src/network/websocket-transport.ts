// The byte stream of Kafka frames over binary WebSocket messages. What the kernel does not take,
// uWebSockets copies, so large answers are handed over piece by piece as the peer takes them.
import type { ByteTransport } from './connection.js'
import { CloseCode, type OpenWebSocket } from './web-socket.js'

const PIECE_BYTES = 256 * 1024
/** Nothing more is handed over while the socket holds this much. */
const MAX_BUFFERED_BYTES = 1024 * 1024

export class WebSocketTransport implements ByteTransport {
  readonly canPause = false
  private queue: Uint8Array[] = []
  private queuedBytes = 0
  private ending: { readonly code: number; readonly reason: string } | undefined

  constructor(private readonly socket: OpenWebSocket) {}

  get unsentBytes(): number {
    return this.queuedBytes + this.socket.bufferedBytes
  }

  write(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.queue.push(chunk)
      this.queuedBytes += chunk.length
    }
    this.handOver()
  }

  /** The socket's buffer shrank. */
  drained(): void {
    this.handOver()
  }

  pause(): void {}
  resume(): void {}

  end(reason: string, isFault: boolean): void {
    this.ending = { code: isFault ? CloseCode.policyViolation : CloseCode.goingAway, reason }
    this.handOver()
  }

  destroy(): void {
    this.queue = []
    this.queuedBytes = 0
    this.socket.destroy()
  }

  private handOver(): void {
    if (this.queue.length > 0) this.socket.cork(() => this.sendQueued())
    if (this.ending === undefined || this.queue.length > 0) return
    if (this.socket.bufferedBytes === 0) this.socket.end(this.ending.code, this.ending.reason)
  }

  private sendQueued(): void {
    let sent = 0
    while (sent < this.queue.length && this.socket.bufferedBytes < MAX_BUFFERED_BYTES) {
      const chunk = this.queue[sent]
      if (chunk === undefined) break
      const piece = chunk.length > PIECE_BYTES ? chunk.subarray(0, PIECE_BYTES) : chunk
      if (!this.socket.send(piece, true)) break
      this.queuedBytes -= piece.length
      if (piece === chunk) sent++
      else this.queue[sent] = chunk.subarray(PIECE_BYTES)
    }
    if (sent > 0) this.queue.splice(0, sent)
    if (!this.socket.isOpen) {
      this.queue = []
      this.queuedBytes = 0
    }
  }
}
