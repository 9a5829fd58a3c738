// A connection that carries Kafka frames, whatever carries its bytes: requests in, answers out in the
// order of their requests, and no more memory than its limits say.
import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import { AnswerQueue } from './answer-queue.js'
import { FrameSplitter, type FrameVerdict } from './frame-splitter.js'
import type { NetworkLimits } from './limits.js'
import type { ArrivingFrame } from './receive-buffers.js'
import { joinSmallChunks } from './small-chunks.js'
import type { AnswerChunks, FrameHandler } from './types.js'

/** What a connection asks of the socket under it. */
export interface ByteTransport {
  /** False: whatever arrives must be taken (a WebSocket). */
  readonly canPause: boolean
  /** Bytes written here and not yet taken by the kernel. */
  readonly unsentBytes: number
  write(chunks: readonly Uint8Array[]): void
  pause(): void
  resume(): void
  /** Closes once what was written has left; `isFault`: the peer is to blame. */
  end(reason: string, isFault: boolean): void
  /** Closes now. */
  destroy(): void
}

export interface ConnectionOptions {
  readonly transport: ByteTransport
  readonly handler: FrameHandler
  readonly limits: NetworkLimits
  readonly clock: Clock
  readonly logger: Logger
}

/** What a request costs beside its bytes while it waits. */
const REQUEST_OVERHEAD_BYTES = 512
/** How long a closing connection may take to send its last answers. */
const CLOSE_DEADLINE_MS = 5_000

type State = 'open' | 'draining' | 'ending' | 'closed'

export class KafkaConnection {
  private readonly splitter: FrameSplitter
  private readonly answers = new AnswerQueue()
  private outgoing: Uint8Array[] = []
  private outgoingBytes = 0
  private flushScheduled = false
  private receiving = false
  private paused = false
  private awaitsRelease = false
  private state: State = 'open'
  private drainReason = ''
  private readonly openedMs: number
  private frameStartedMs: number
  private activeMs: number
  private endDeadlineMs = Number.POSITIVE_INFINITY
  private unsentAtCheck = 0

  constructor(private readonly options: ConnectionOptions) {
    this.openedMs = options.clock.monotonicMs()
    this.frameStartedMs = this.openedMs
    this.activeMs = this.openedMs
    this.splitter = new FrameSplitter({
      limits: options.limits,
      sink: (chunks, sizeBytes) => this.takeFrame(chunks, sizeBytes),
    })
  }

  /** Nothing waits here: no request for its answer, no answer for the peer. */
  get isQuiet(): boolean {
    return this.answers.length === 0 && this.unsentBytes === 0
  }

  /** The frame that has not arrived whole. */
  get arrivingFrame(): ArrivingFrame {
    return this.splitter
  }

  /** The socket's next bytes; they are `isBorrowed` where they die when this returns. */
  receive(chunk: Uint8Array, isBorrowed: boolean): void {
    if (this.state !== 'open') return
    this.activeMs = this.options.clock.monotonicMs()
    if (!this.splitter.isMidFrame) this.frameStartedMs = this.activeMs
    this.split(() => this.splitter.push(chunk, isBorrowed))
    this.proceed()
  }

  /** The kernel took some of what was written. */
  drained(): void {
    this.activeMs = this.options.clock.monotonicMs()
    this.proceed()
  }

  /** The socket is gone; whatever is left is dropped. */
  closed(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.answers.clear()
    this.outgoing = []
    this.outgoingBytes = 0
    this.options.handler.onClose()
  }

  /** Takes no more requests, answers those it has, then closes. */
  drainAndClose(reason: string): void {
    if (this.state !== 'open') return
    this.state = 'draining'
    this.drainReason = reason
    if (this.options.transport.canPause) this.options.transport.pause()
    this.options.logger.debug('closing a connection', { reason })
    this.endWhenAnswered()
  }

  /** Closes what takes too long; called every second or so. */
  checkDeadlines(nowMs: number): void {
    if (this.state === 'closed') return
    const { limits, transport } = this.options
    if (this.state === 'ending') {
      if (nowMs >= this.endDeadlineMs) transport.destroy()
      return
    }
    if (transport.unsentBytes !== this.unsentAtCheck) {
      this.unsentAtCheck = transport.unsentBytes
      this.activeMs = nowMs
    }
    const problem = this.overdue(nowMs, limits)
    if (problem !== undefined) this.refuse(problem)
  }

  private overdue(nowMs: number, limits: NetworkLimits): string | undefined {
    if (this.splitter.framesSeen === 0 && nowMs - this.openedMs > limits.firstRequestDeadlineMs) {
      return `no request within ${limits.firstRequestDeadlineMs} ms`
    }
    if (this.splitter.isMidFrame && !this.paused && this.state === 'open') {
      const allowanceMs = (this.splitter.frameSizeBytes / limits.minBytesPerSecond) * 1000
      if (nowMs - this.frameStartedMs > limits.requestDeadlineMs + allowanceMs) {
        return `a request that did not arrive whole within ${Math.round(limits.requestDeadlineMs + allowanceMs)} ms`
      }
    }
    const awaitsAnswer = this.answers.length > 0 && this.unsentBytes === 0
    if (!awaitsAnswer && nowMs - this.activeMs > limits.idleDeadlineMs) {
      return this.unsentBytes > 0
        ? `a peer that took no byte of its answers for ${limits.idleDeadlineMs} ms`
        : `idle for ${limits.idleDeadlineMs} ms`
    }
    return undefined
  }

  private split(next: () => string | undefined): void {
    this.receiving = true
    const problem = next()
    this.receiving = false
    if (problem !== undefined) this.refuse(problem)
    else this.flush()
  }

  private takeFrame(chunks: readonly Uint8Array[], sizeBytes: number): FrameVerdict {
    this.frameStartedMs = this.activeMs
    try {
      const answer = this.options.handler.onFrame(chunks, sizeBytes)
      if (answer instanceof Promise) this.await(answer, sizeBytes)
      else if (this.answers.length > 0) this.answers.add(answer, sizeBytes)
      else if (answer !== null) this.enqueue(answer)
    } catch (error) {
      this.refuse(messageOf(error))
    }
    return this.verdict()
  }

  private await(answer: Promise<AnswerChunks | null>, sizeBytes: number): void {
    const slot = this.answers.add(undefined, sizeBytes)
    answer.then(
      (chunks) => {
        slot.answer = chunks
        if (this.state === 'closed' || this.state === 'ending') return
        this.answers.release((ready) => this.enqueue(ready))
        this.scheduleFlush()
      },
      (error) => this.refuse(messageOf(error)),
    )
  }

  /** May the next frame be taken? */
  private verdict(): FrameVerdict {
    if (this.state !== 'open') return 'hold'
    const { limits, transport } = this.options
    if (!transport.canPause) {
      const unanswered =
        this.answers.requestBytes + this.answers.length * REQUEST_OVERHEAD_BYTES + this.unsentBytes
      if (unanswered <= limits.maxUnansweredBytes) return 'continue'
      this.refuse(
        `${unanswered} bytes of requests without an answer and of answers not taken, and at most ${limits.maxUnansweredBytes} may wait`,
      )
      return 'hold'
    }
    const isFull =
      this.answers.length >= limits.maxRequestsInFlight || this.unsentBytes > limits.maxUnsentBytes
    if (!isFull && !this.isHeldBack()) return 'continue'
    if (!this.paused) {
      this.paused = true
      transport.pause()
    }
    return 'hold'
  }

  private get unsentBytes(): number {
    return this.outgoingBytes + this.options.transport.unsentBytes
  }

  private enqueue(answer: AnswerChunks): void {
    for (const chunk of answer) {
      this.outgoing.push(chunk)
      this.outgoingBytes += chunk.length
    }
  }

  // One write for all answers that become ready in one turn of the event loop.
  private scheduleFlush(): void {
    if (this.flushScheduled || this.receiving) return
    this.flushScheduled = true
    process.nextTick(() => {
      this.flushScheduled = false
      this.flush()
      this.proceed()
    })
  }

  private flush(): void {
    if (this.outgoing.length === 0 || this.state === 'closed') return
    const chunks = joinSmallChunks(this.outgoing)
    this.outgoing = []
    this.outgoingBytes = 0
    this.options.transport.write(chunks)
  }

  /** Goes on reading where there is room again; ends where nothing is left to answer. */
  private proceed(): void {
    if (this.state === 'draining') this.endWhenAnswered()
    const wasPaused = this.paused
    while (this.paused && this.state === 'open' && this.hasRoom) {
      this.paused = false
      this.activeMs = this.options.clock.monotonicMs()
      this.frameStartedMs = this.activeMs
      this.split(() => this.splitter.resume())
    }
    if (wasPaused && !this.paused && this.state === 'open') this.options.transport.resume()
  }

  private get hasRoom(): boolean {
    const { maxRequestsInFlight, maxUnsentBytes } = this.options.limits
    return (
      this.answers.length <= maxRequestsInFlight / 2 &&
      this.unsentBytes <= maxUnsentBytes / 2 &&
      !this.isHeldBack()
    )
  }

  private isHeldBack(): boolean {
    const { handler } = this.options
    if (handler.isHeldBack !== true) return false
    if (!this.awaitsRelease) {
      this.awaitsRelease = true
      handler.onRelease?.(() => {
        this.awaitsRelease = false
        this.proceed()
      })
    }
    return true
  }

  private endWhenAnswered(): void {
    if (this.answers.length === 0) this.end(this.drainReason, false)
  }

  private refuse(reason: string): void {
    if (this.state === 'ending' || this.state === 'closed') return
    this.options.logger.warn('closed a connection', { reason })
    this.end(reason, true)
  }

  private end(reason: string, isFault: boolean): void {
    this.flush()
    this.state = 'ending'
    this.endDeadlineMs = this.options.clock.monotonicMs() + CLOSE_DEADLINE_MS
    this.options.transport.end(reason, isFault)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
