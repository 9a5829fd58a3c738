// One connection to another broker: requests in flight, each with its deadline, answers by their number.
// It is opened once and ends once; whoever holds it decides whether to open another.
import type { Clock } from '../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { HostPort } from '../metadata/image.js'
import { FrameSplitter } from '../network/frame-splitter.js'
import type { Codec } from '../protocol/codec-types.js'
import { decodeCorrelationId, encodeRequestFrame, skipResponseHeader } from '../protocol/headers.js'
import { ProtocolError } from '../protocol/protocol-error.js'
import { FrameReader } from '../protocol/reader.js'
import type { Draft, Fields, Infer } from '../protocol/schema.js'
import type { EndReason, PeerSocket, PeerTransport } from './transport.js'

export interface PeerConnectionOptions {
  readonly address: HostPort
  readonly transport: PeerTransport
  readonly clock: Clock
  /** Of this broker: other brokers' logs show it. */
  readonly clientId: string
  readonly openWithinMs: number
  readonly maxAnswerBytes: number
}

export interface PeerEnd {
  readonly reason: EndReason
  readonly failure: Failure
}

interface Pending {
  answered(reader: FrameReader): void
  failed(failure: Failure): void
}

export class PeerConnection {
  /** Resolves once it is open, or with why it never will be. */
  readonly opened: Promise<Outcome<void>>
  readonly ended: Promise<PeerEnd>
  private socket: PeerSocket | undefined
  private readonly splitter: FrameSplitter
  private readonly pending = new Map<number, Pending>()
  private nextCorrelationId = 1
  private isOpen = false
  private end: PeerEnd | undefined
  private settleOpened: (opened: Outcome<void>) => void = () => {}
  private settleEnded: (end: PeerEnd) => void = () => {}

  constructor(private readonly options: PeerConnectionOptions) {
    this.opened = new Promise((settle) => {
      this.settleOpened = settle
    })
    this.ended = new Promise((settle) => {
      this.settleEnded = settle
    })
    const { address, transport, clock, openWithinMs, maxAnswerBytes } = options
    this.splitter = new FrameSplitter({
      limits: { maxRequestBytes: maxAnswerBytes, maxFirstRequestBytes: maxAnswerBytes },
      sink: (chunks) => {
        this.take(chunks)
        return 'continue'
      },
    })
    const opening = clock.after(openWithinMs, () => {
      if (!this.isOpen) this.finish('silent', `did not answer in ${openWithinMs} ms`)
    })
    this.socket = transport.connect(address, {
      opened: () => {
        opening.cancel()
        if (this.end !== undefined) return
        this.isOpen = true
        this.settleOpened(succeed(undefined))
      },
      received: (bytes) => {
        const problem = this.end === undefined ? this.splitter.push(bytes, false) : undefined
        if (problem !== undefined) this.finish('damaged', `sent ${problem}`)
      },
      ended: (reason, problem) => {
        opening.cancel()
        this.finish(reason, problem)
      },
    })
  }

  get hasEnded(): boolean {
    return this.end !== undefined
  }

  /** One that is not answered in time ends the connection: what comes later is nobody's. */
  async request<Q extends Fields, S extends Fields>(
    codec: Codec<Q, S>,
    draft: Draft<Q>,
    withinMs: number,
  ): Promise<Outcome<Infer<S>>> {
    const opened = await this.opened
    if (!opened.ok) return opened
    if (this.end !== undefined) return { ok: false, failure: this.end.failure }
    const correlationId = this.nextCorrelationId++
    return new Promise((settle) => {
      const deadline = this.options.clock.after(withinMs, () => {
        this.finish('silent', `did not answer ${codec.api.name} in ${withinMs} ms`)
      })
      this.pending.set(correlationId, {
        answered: (reader) => {
          deadline.cancel()
          skipResponseHeader(reader, codec.api, codec.version)
          settle(succeed(codec.decodeResponse(reader)))
        },
        failed: (failure) => {
          deadline.cancel()
          settle({ ok: false, failure })
        },
      })
      this.write(codec, correlationId, draft)
    })
  }

  /** What has no answer. False: the connection is not open. */
  send<Q extends Fields, S extends Fields>(codec: Codec<Q, S>, draft: Draft<Q>): boolean {
    if (!this.isOpen || this.end !== undefined) return false
    this.write(codec, this.nextCorrelationId++, draft)
    return true
  }

  close(): void {
    this.finish('closed', 'was closed')
  }

  private write<Q extends Fields, S extends Fields>(
    codec: Codec<Q, S>,
    correlationId: number,
    draft: Draft<Q>,
  ): void {
    const { clientId } = this.options
    this.socket?.write(encodeRequestFrame(codec, { correlationId, clientId }, draft).chunks)
  }

  private take(chunks: readonly Uint8Array[]): void {
    if (this.end !== undefined) return
    try {
      const reader = new FrameReader(chunks)
      const correlationId = decodeCorrelationId(reader)
      const pending = this.pending.get(correlationId)
      if (pending === undefined) {
        this.finish('damaged', `answered ${correlationId}, which was not asked`)
        return
      }
      pending.answered(reader)
      this.pending.delete(correlationId)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      this.finish('damaged', `sent an answer that cannot be read: ${error.message}`)
    }
  }

  private finish(reason: EndReason, problem: string): void {
    if (this.end !== undefined) return
    const { host, port } = this.options.address
    const { failure } = fail('TIMED_OUT', `the broker at ${host}:${port}: ${problem}`)
    this.end = { reason, failure }
    this.socket?.destroy()
    this.settleOpened({ ok: false, failure })
    for (const pending of [...this.pending.values()]) pending.failed(failure)
    this.pending.clear()
    this.settleEnded(this.end)
  }
}
