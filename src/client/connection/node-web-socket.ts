// The only importer of ws: for a Node without a WebSocket of its own (20). Loaded on demand, never in a
// browser.
import { WebSocket } from 'ws'
import type { WebSocketLike } from './web-socket.js'

export function openNodeWebSocket(url: string, protocol: string): WebSocketLike {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false })
  return socket as WebSocketLike
}
