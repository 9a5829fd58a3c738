// All listeners of one io thread, and how they end together.
import { systemClock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { BrokerConfig } from '../config/types.js'
import { openListeningSocket } from '../log/sockets.js'
import { ConnectionCounters } from '../network/connection-counters.js'
import { ConnectionTable } from '../network/connection-table.js'
import { networkLimits } from '../network/limits.js'
import type { NetworkObserver } from '../network/observer.js'
import { ReceiveBuffers } from '../network/receive-buffers.js'
import { TcpListener } from '../network/tcp-listener.js'
import type { WebSocketHandlers } from '../network/types.js'
import type { WebSocketListener } from '../network/websocket-listener.js'
import type { BoundListener } from './messages.js'

export interface IoListenersOptions {
  readonly name: string
  readonly config: BrokerConfig
  readonly logger: Logger
  readonly metrics: NetworkObserver
  /** Shared by the io threads. */
  readonly connections: SharedArrayBuffer
  readonly handlers: WebSocketHandlers
}

export class IoListeners {
  private readonly table: ConnectionTable
  private readonly receiveBuffers = new ReceiveBuffers()
  private readonly tcp: TcpListener[] = []
  private readonly webSockets: WebSocketListener[] = []
  private connectionCount = 0

  constructor(private readonly options: IoListenersOptions) {
    this.table = new ConnectionTable(
      this.limits,
      new ConnectionCounters(options.connections),
      systemClock,
    )
  }

  async listen(bound: readonly BoundListener[]): Promise<void> {
    for (const one of bound) {
      if (one.listener.protocol === 'kafka') await this.listenTcp(one)
      else await this.listenWebSocket(one)
    }
  }

  /** `closeSessions` runs when nothing new comes in, before connections are closed. */
  async drain(reason: string, deadlineMs: number, closeSessions: () => void): Promise<void> {
    for (const listener of [...this.tcp, ...this.webSockets]) listener.stopAccepting()
    closeSessions()
    await this.table.drain(
      reason,
      new Promise((resolve) => {
        systemClock.after(deadlineMs, resolve)
      }),
    )
    this.close()
  }

  close(): void {
    for (const listener of this.tcp.splice(0)) listener.stopAccepting()
    for (const listener of this.webSockets.splice(0)) listener.close()
  }

  private get limits() {
    const { maxRequestBytes, maxConnections } = this.options.config
    return networkLimits(maxRequestBytes, maxConnections)
  }

  private get common() {
    const { name, logger, metrics } = this.options
    return {
      table: this.table,
      limits: this.limits,
      clock: systemClock,
      logger,
      observer: metrics,
      nextConnectionId: () => `${name}-${++this.connectionCount}`,
    }
  }

  private async listenTcp({ listener, address }: BoundListener): Promise<void> {
    const { fd } = openListeningSocket(address.host, address.port)
    const { handlers } = this.options
    this.tcp.push(
      await TcpListener.start({
        ...this.common,
        receiveBuffers: this.receiveBuffers,
        listener,
        descriptor: fd,
        handler: handlers.kafka,
      }),
    )
  }

  // Loaded only where a WebSocket is served: the library is large.
  private async listenWebSocket({ listener, address }: BoundListener): Promise<void> {
    const { WebSocketListener } = await import('../network/websocket-listener.js')
    const { handlers, config } = this.options
    this.webSockets.push(
      await WebSocketListener.start({
        ...this.common,
        listener,
        address,
        brokerId: config.brokerId,
        handlers,
        allowedOrigins: config.allowedOrigins,
      }),
    )
  }
}
