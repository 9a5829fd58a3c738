// Real listeners over a handler that the test gives, and a client that counts bytes itself.
import { connect, type Socket } from 'node:net'
import { type Clock, systemClock } from '../../src/base/clock.js'
import type { LogFields, Logger } from '../../src/base/logger.js'
import { openListeningSocket } from '../../src/log/sockets.js'
import { WorkerMetrics } from '../../src/metrics/worker-metrics.js'
import { ConnectionCounters } from '../../src/network/connection-counters.js'
import { ConnectionTable } from '../../src/network/connection-table.js'
import { type NetworkLimits, networkLimits } from '../../src/network/limits.js'
import { ReceiveBuffers } from '../../src/network/receive-buffers.js'
import { TcpListener } from '../../src/network/tcp-listener.js'
import type { FrameHandler, WebSocketHandlers } from '../../src/network/types.js'
import { WebSocketListener } from '../../src/network/websocket-listener.js'

export const kafkaListener = {
  name: 'KAFKA',
  protocol: 'kafka',
  bind: { host: '127.0.0.1', port: 0 },
  advertised: undefined,
  role: 'client',
} as const

export interface LoggedLine {
  readonly level: string
  readonly message: string
  readonly fields: LogFields
}

export function recordingLogger(lines: LoggedLine[], own: LogFields = {}): Logger {
  const at = (level: string) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields: { ...own, ...fields } })
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => recordingLogger(lines, { ...own, ...fields }),
  }
}

export interface ServerOptions {
  readonly handler: () => FrameHandler
  readonly limits?: Partial<NetworkLimits>
  readonly clock?: Clock
}

function parts(options: Pick<ServerOptions, 'limits' | 'clock'>) {
  const limits = { ...networkLimits(1 << 20, 10_000), ...options.limits }
  const clock = options.clock ?? systemClock
  const lines: LoggedLine[] = []
  const metrics = new WorkerMetrics()
  const table = new ConnectionTable(
    limits,
    new ConnectionCounters(ConnectionCounters.allocate()),
    clock,
  )
  let connections = 0
  const common = {
    table,
    limits,
    clock,
    logger: recordingLogger(lines),
    observer: metrics,
    nextConnectionId: () => String(++connections),
  }
  return { common, lines, metrics, table }
}

export async function startTcp(options: ServerOptions) {
  const { common, lines, metrics, table } = parts(options)
  const { fd, port } = openListeningSocket('127.0.0.1', 0)
  const listener = await TcpListener.start({
    ...common,
    listener: kafkaListener,
    receiveBuffers: new ReceiveBuffers(),
    descriptor: fd,
    handler: options.handler,
  })
  return {
    port,
    lines,
    metrics,
    table,
    reasons: () => lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields.reason),
    async stop() {
      listener.stopAccepting()
      await table.drain('the test is over', Promise.resolve())
    },
  }
}

export async function startWebSocket(
  handlers: Partial<WebSocketHandlers>,
  options: Pick<ServerOptions, 'limits' | 'clock'> = {},
) {
  const { common, lines, metrics, table } = parts(options)
  const { fd, port } = openListeningSocket('127.0.0.1', 0)
  const { closeSync } = await import('node:fs')
  closeSync(fd)
  const listener = await WebSocketListener.start({
    ...common,
    listener: { ...kafkaListener, protocol: 'websocket' },
    address: { host: '127.0.0.1', port },
    brokerId: 7,
    allowedOrigins: [],
    handlers: {
      kafka: () => echoHandler(),
      millrace: () => ({ onText() {}, onBinary() {}, onDrain() {}, onClose() {} }),
      http: () => undefined,
      ...handlers,
    },
  })
  return {
    port,
    lines,
    metrics,
    table,
    reasons: () => lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields.reason),
    async stop() {
      listener.stopAccepting()
      await table.drain('the test is over', Promise.resolve())
      listener.close()
    },
  }
}

/** Answers each frame with itself. */
export function echoHandler(): FrameHandler {
  return { onFrame: (chunks) => [frameOf(Buffer.concat(chunks))], onClose() {} }
}

/** A body with its length before it. */
export function frameOf(body: Uint8Array | string): Buffer {
  const bytes = Buffer.from(body)
  const framed = Buffer.alloc(4 + bytes.length)
  framed.writeInt32BE(bytes.length)
  bytes.copy(framed, 4)
  return framed
}

/** The bodies of the whole frames in `bytes`. */
export function bodiesOf(bytes: Buffer): string[] {
  const bodies: string[] = []
  for (let at = 0; at + 4 <= bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at)
    if (end > bytes.length) break
    bodies.push(bytes.subarray(at + 4, end).toString())
    at = end
  }
  return bodies
}

export class TestClient {
  private received: Buffer[] = []
  private receivedBytes = 0
  private waiting: { bytes: number; resolve: () => void } | undefined
  readonly closed: Promise<void>

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => {
      this.received.push(chunk)
      this.receivedBytes += chunk.length
      if (this.waiting !== undefined && this.receivedBytes >= this.waiting.bytes) {
        this.waiting.resolve()
      }
    })
    socket.on('error', () => {})
    this.closed = new Promise((resolve) => {
      socket.on('close', () => resolve())
    })
  }

  static open(port: number): Promise<TestClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new TestClient(socket)))
    })
  }

  get bytes(): Buffer {
    return Buffer.concat(this.received)
  }

  /** Resolves when so many bytes have come in all. */
  async until(bytes: number): Promise<Buffer> {
    if (this.receivedBytes < bytes) {
      await new Promise<void>((resolve) => {
        this.waiting = { bytes, resolve }
      })
    }
    return this.bytes
  }

  /** Sends and waits until the kernel has it. */
  send(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.socket.write(bytes, () => resolve())
    })
  }
}
