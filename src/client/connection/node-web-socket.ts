// The only importer of ws: for a Node without a WebSocket of its own (20). Loaded on demand, and left out
// of what is bundled for browsers (`browser` in package.json).
import { WebSocket } from 'ws'
import type { WebSocketLike } from './web-socket.js'

export function openNodeWebSocket(url: string, protocol: string): WebSocketLike {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false })
  return socket as WebSocketLike
}
