// A WebSocket that speaks millrace.v1, as its handler sees it.

import type { MessageHandler, MessageSocket } from './types.js'
import { CloseCode, type OpenWebSocket } from './web-socket.js'

export class WebSocketMessages implements MessageSocket {
  constructor(private readonly socket: OpenWebSocket) {}

  get bufferedBytes(): number {
    return this.socket.bufferedBytes
  }

  sendText(text: string): void {
    this.socket.send(text, false)
  }

  sendBinary(bytes: Uint8Array): void {
    this.socket.send(bytes, true)
  }

  sendPair(header: Uint8Array | string, body: Uint8Array): void {
    this.socket.cork(() => {
      if (this.socket.send(header, typeof header !== 'string')) this.socket.send(body, true)
    })
  }

  cork(send: () => void): void {
    this.socket.cork(send)
  }

  close(code: number, reason: string): void {
    this.socket.end(code, reason)
  }
}

const decoder = new TextDecoder()

/** Gives a message to the handler; the answer is why the connection must close, if it must. */
export function deliverMessage(
  handler: MessageHandler,
  message: ArrayBuffer,
  isBinary: boolean,
): { code: number; reason: string } | undefined {
  try {
    if (isBinary) handler.onBinary(new Uint8Array(message))
    else handler.onText(decoder.decode(message))
    return undefined
  } catch (error) {
    return {
      code: CloseCode.unexpected,
      reason: error instanceof Error ? error.message : String(error),
    }
  }
}
