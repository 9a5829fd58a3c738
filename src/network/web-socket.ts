// What the two kinds of session use of a WebSocket of uWebSockets.js. Sending answers 2 when it dropped
// the message, which is never allowed to pass unnoticed.

export interface WebSocketHandle {
  send(message: string | Uint8Array, isBinary: boolean): number
  getBufferedAmount(): number
  cork(send: () => void): unknown
  /** Sends a close frame; the close handler runs before it returns. */
  end(code: number, reason: string): void
  close(): void
}

export const CloseCode = {
  goingAway: 1001,
  unsupportedData: 1003,
  policyViolation: 1008,
  messageTooBig: 1009,
  unexpected: 1011,
} as const

const DROPPED = 2

/** The socket until it closes: uWebSockets throws when a closed one is touched. */
export class OpenWebSocket {
  private handle: WebSocketHandle | undefined

  constructor(
    handle: WebSocketHandle,
    private readonly onSent: (bytes: number) => void,
  ) {
    this.handle = handle
  }

  get isOpen(): boolean {
    return this.handle !== undefined
  }

  get bufferedBytes(): number {
    return this.handle?.getBufferedAmount() ?? 0
  }

  /** False: the message was not taken and the socket is being closed, or is closed. */
  send(message: string | Uint8Array, isBinary: boolean): boolean {
    const { handle } = this
    if (handle === undefined) return false
    if (handle.send(message, isBinary) === DROPPED) {
      this.destroy()
      return false
    }
    this.onSent(message.length)
    return true
  }

  cork(send: () => void): void {
    if (this.handle === undefined) return
    this.handle.cork(send)
  }

  end(code: number, reason: string): void {
    // A close frame holds at most 123 bytes of reason (RFC 6455, section 5.5).
    this.handle?.end(code, reason.slice(0, 120))
  }

  destroy(): void {
    this.handle?.close()
  }

  /** The close handler ran: nothing may touch the socket any more. */
  closed(): void {
    this.handle = undefined
  }
}
