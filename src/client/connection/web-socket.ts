// The part of the browser's WebSocket that the client uses, and where one comes from.
import { SUBPROTOCOL } from '../../protocol/millrace/messages.js'

export interface WebSocketLike {
  binaryType: string
  readonly bufferedAmount: number
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string | Uint8Array): void
  close(code?: number, reason?: string): void
}

/** Opens a socket that asks for `protocol`. */
export type WebSocketFactory = (url: string, protocol: string) => WebSocketLike

export async function defaultFactory(): Promise<WebSocketFactory> {
  if (typeof globalThis.WebSocket === 'function') {
    return (url, protocol) => new globalThis.WebSocket(url, protocol) as WebSocketLike
  }
  const { openNodeWebSocket } = await import('./node-web-socket.js')
  return openNodeWebSocket
}

export function openSocket(factory: WebSocketFactory, url: string): WebSocketLike {
  const socket = factory(url, SUBPROTOCOL)
  socket.binaryType = 'arraybuffer'
  return socket
}
