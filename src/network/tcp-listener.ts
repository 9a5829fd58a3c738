// Kafka over TCP: accepts on a descriptor that shares its port with the other io workers.
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { ListenerConfig } from '../config/types.js'
import { KafkaConnection } from './connection.js'
import type { ConnectionTable, TrackedConnection } from './connection-table.js'
import type { NetworkLimits } from './limits.js'
import type { NetworkObserver } from './observer.js'
import { ReceiveBuffer, type ReceiveBuffers } from './receive-buffers.js'
import { readInto } from './tcp-socket.js'
import { TcpTransport } from './tcp-transport.js'
import type { ConnectionInfo, FrameHandlerFactory } from './types.js'

export interface TcpListenerOptions {
  readonly listener: ListenerConfig
  /** A bound socket that nothing else closes; see log/sockets.ts. */
  readonly descriptor: number
  readonly handler: FrameHandlerFactory
  readonly table: ConnectionTable
  /** Of this thread. */
  readonly receiveBuffers: ReceiveBuffers
  readonly limits: NetworkLimits
  readonly clock: Clock
  readonly logger: Logger
  readonly observer: NetworkObserver
  /** Unique in the process. */
  nextConnectionId(): string
}

const BACKLOG = 1024

export class TcpListener {
  private constructor(
    private readonly server: Server,
    private readonly options: TcpListenerOptions,
  ) {}

  static start(options: TcpListenerOptions): Promise<TcpListener> {
    const server = createServer({ noDelay: true, pauseOnConnect: true })
    const listener = new TcpListener(server, options)
    server.on('connection', (socket) => listener.accept(socket))
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen({ fd: options.descriptor, backlog: BACKLOG }, () => {
        server.removeListener('error', reject)
        server.on('error', (error) =>
          options.logger.error('cannot accept', { reason: error.message }),
        )
        resolve(listener)
      })
    })
  }

  /** Accepts no more; connections live on in the table. */
  stopAccepting(): void {
    this.server.close()
  }

  private accept(socket: Socket): void {
    const { table, logger, observer } = this.options
    this.survive(socket)
    const address = socket.remoteAddress
    if (address === undefined) {
      socket.destroy()
      return
    }
    const refusal = table.admit(address)
    if (refusal !== undefined) {
      logger.warn('refused a connection', { remoteAddress: address, reason: refusal })
      observer.connectionRefused('tcp')
      socket.destroy()
      return
    }
    this.serve(socket, address)
  }

  // A socket without a listener for errors takes the process down.
  private survive(socket: Socket): void {
    const { logger } = this.options
    socket.on('error', (error) => logger.debug('a connection broke', { reason: error.message }))
  }

  private serve(accepted: Socket, address: string): void {
    const { options } = this
    const info: ConnectionInfo = {
      id: options.nextConnectionId(),
      listener: options.listener,
      transport: 'tcp',
      remoteAddress: `${address}:${accepted.remotePort ?? 0}`,
      requestedHost: undefined,
    }
    const buffer = new ReceiveBuffer(options.receiveBuffers)
    let reading: KafkaConnection | undefined
    const socket = readInto(accepted, {
      next: (bytes) => buffer.next(reading?.arrivingFrame, bytes),
      take(bytes, isOwned) {
        options.observer.bytesReceived('tcp', bytes.length)
        reading?.receive(bytes, !isOwned && buffer.isBorrowed)
        transport.wasRead(bytes.length)
      },
    })
    if (socket !== accepted) this.survive(socket)
    const transport = new TcpTransport(socket, (bytes) => options.observer.bytesSent('tcp', bytes))
    const connection = new KafkaConnection({
      transport,
      handler: options.handler(info),
      limits: options.limits,
      clock: options.clock,
      logger: options.logger.child({ connection: info.id, remoteAddress: info.remoteAddress }),
    })
    reading = connection
    const tracked: TrackedConnection = {
      checkDeadlines: (nowMs) => connection.checkDeadlines(nowMs),
      drainAndClose: (reason) => connection.drainAndClose(reason),
      destroy: () => socket.destroy(),
    }
    options.table.add(tracked, address)
    options.observer.connectionOpened('tcp')
    socket.on('drain', () => connection.drained())
    socket.on('close', () => {
      buffer.close()
      connection.closed()
      options.table.remove(tracked)
      options.observer.connectionClosed('tcp')
    })
  }
}
