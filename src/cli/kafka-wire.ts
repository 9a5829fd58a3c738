// shell: a socket and its timeout. The least of a Kafka client: one connection, requests in order,
// answers in order. For the benchmark, and for tests that ask two brokers the same.
import { connect, type Socket } from 'node:net'
import type { Codec } from '../protocol/codec-types.js'
import { decodeCorrelationId, encodeRequestFrame, skipResponseHeader } from '../protocol/headers.js'
import { FrameReader } from '../protocol/reader.js'
import type { Draft, Fields, Infer } from '../protocol/schema.js'

const PREFIX_BYTES = 4

interface Pending {
  readonly correlationId: number
  readonly resolve: (frame: Buffer) => void
  readonly reject: (error: Error) => void
}

export class KafkaWire {
  private readonly pending: Pending[] = []
  private received: Buffer[] = []
  private receivedBytes = 0
  private nextCorrelationId = 1
  private failure: Error | undefined

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true)
    socket.on('data', (chunk) => this.onData(chunk))
    socket.on('error', (error) => this.fail(error))
    socket.on('close', () => this.fail(new Error('the broker closed the connection')))
  }

  static open(address: string): Promise<KafkaWire> {
    const at = address.lastIndexOf(':')
    return new Promise((resolve, reject) => {
      const socket = connect(Number(address.slice(at + 1)), address.slice(0, at))
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new KafkaWire(socket))
      })
    })
  }

  /** Sends a request at once, and resolves with its answer. */
  async request<Q extends Fields, S extends Fields>(
    codec: Codec<Q, S>,
    draft: Draft<Q>,
  ): Promise<Infer<S>> {
    const correlationId = this.nextCorrelationId++
    const { chunks } = encodeRequestFrame(codec, { correlationId, clientId: 'millrace' }, draft)
    const frame = await this.exchange(chunks, correlationId)
    const reader = new FrameReader([frame])
    decodeCorrelationId(reader)
    skipResponseHeader(reader, codec.api, codec.version)
    return codec.decodeResponse(reader)
  }

  /** Sends bytes as they are, length prefix included; resolves with the answer's frame without its prefix. */
  exchange(chunks: readonly Uint8Array[], correlationId: number): Promise<Buffer> {
    if (this.failure) return Promise.reject(this.failure)
    return new Promise((resolve, reject) => {
      this.pending.push({ correlationId, resolve, reject })
      this.write(chunks)
    })
  }

  /** For a request without an answer, and for bytes that are no request. */
  write(chunks: readonly Uint8Array[]): void {
    this.socket.cork()
    for (const chunk of chunks) this.socket.write(chunk)
    this.socket.uncork()
  }

  close(): void {
    this.socket.destroy()
  }

  private onData(chunk: Buffer): void {
    this.received.push(chunk)
    this.receivedBytes += chunk.length
    while (this.receivedBytes >= PREFIX_BYTES) {
      if ((this.received[0]?.length ?? 0) < PREFIX_BYTES)
        this.received = [Buffer.concat(this.received)]
      const size = this.received[0]?.readInt32BE(0) ?? 0
      if (this.receivedBytes < PREFIX_BYTES + size) return
      const all =
        this.received.length === 1 && this.received[0]
          ? this.received[0]
          : Buffer.concat(this.received)
      const rest = all.subarray(PREFIX_BYTES + size)
      this.received = rest.length > 0 ? [rest] : []
      this.receivedBytes = rest.length
      this.pending.shift()?.resolve(all.subarray(PREFIX_BYTES, PREFIX_BYTES + size))
    }
  }

  private fail(error: Error): void {
    this.failure ??= error
    for (const { reject } of this.pending.splice(0)) reject(this.failure)
  }
}
