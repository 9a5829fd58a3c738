// One WebSocket connection after its upgrade, of either subprotocol, as the listener drives it.
import { KafkaConnection } from './connection.js'
import type { TrackedConnection } from './connection-table.js'
import { deliverMessage, WebSocketMessages } from './message-session.js'
import type { ConnectionInfo, MessageHandler } from './types.js'
import { CloseCode, type OpenWebSocket } from './web-socket.js'
import { WebSocketHold } from './websocket-hold.js'
import type { WebSocketListenerOptions } from './websocket-options.js'
import { WebSocketTransport } from './websocket-transport.js'

export interface WebSocketSession extends TrackedConnection {
  onMessage(message: ArrayBuffer, isBinary: boolean): void
  onDrain(): void
  onClose(code: number): void
}

export function startKafkaSession(
  socket: OpenWebSocket,
  info: ConnectionInfo,
  options: WebSocketListenerOptions,
): WebSocketSession {
  const transport = new WebSocketTransport(socket)
  const handler = options.handlers.kafka(info)
  const logger = options.logger.child({ connection: info.id, remoteAddress: info.remoteAddress })
  const connection = new KafkaConnection({
    transport,
    handler,
    limits: options.limits,
    clock: options.clock,
    logger,
  })
  const hold = new WebSocketHold({
    handler,
    limitBytes: options.limits.maxUnansweredBytes,
    receive: (bytes) => connection.receive(bytes, true),
    exceeded(reason) {
      logger.warn('closed a connection', { reason })
      socket.end(CloseCode.policyViolation, reason)
    },
  })
  return {
    onMessage(message, isBinary) {
      if (isBinary) hold.take(new Uint8Array(message))
      else
        socket.end(
          CloseCode.unsupportedData,
          'the subprotocol kafka is a stream of binary messages',
        )
    },
    onDrain() {
      transport.drained()
      connection.drained()
    },
    onClose() {
      hold.close()
      connection.closed()
    },
    // What is held here is not the peer's delay.
    checkDeadlines(nowMs) {
      if (!hold.isHolding) connection.checkDeadlines(nowMs)
    },
    drainAndClose(reason) {
      hold.close()
      connection.drainAndClose(reason)
    },
    destroy: () => transport.destroy(),
  }
}

export function startMillraceSession(
  socket: OpenWebSocket,
  info: ConnectionInfo,
  options: WebSocketListenerOptions,
): WebSocketSession {
  const { maxMessageBytes } = options.limits
  const logger = options.logger.child({ connection: info.id, remoteAddress: info.remoteAddress })
  const handler: MessageHandler = options.handlers.millrace(info, new WebSocketMessages(socket))
  const close = (code: number, reason: string) => {
    logger.warn('closed a connection', { reason })
    socket.end(code, reason)
  }
  return {
    onMessage(message, isBinary) {
      if (message.byteLength > maxMessageBytes) {
        close(
          CloseCode.messageTooBig,
          `a message of ${message.byteLength} bytes, and at most ${maxMessageBytes} are accepted`,
        )
        return
      }
      const problem = deliverMessage(handler, message, isBinary)
      if (problem !== undefined) close(problem.code, problem.reason)
    },
    onDrain: () => handler.onDrain(),
    onClose: (code) => handler.onClose(code),
    // uWebSockets pings, and closes a peer that does not answer.
    checkDeadlines() {},
    drainAndClose: (reason) => socket.end(CloseCode.goingAway, reason),
    destroy: () => socket.destroy(),
  }
}
