// One socket that speaks millrace.v1: reads frames, keeps the channels, decides what a mistake costs.
// Nothing that a client sends makes it throw.
import { fail } from '../../base/errors.js'
import type { MessageHandler, MessageSocket } from '../../network/types.js'
import {
  type BinaryHeader,
  binaryTypes,
  HEADER_BYTES,
  readBinaryFrame,
} from '../../protocol/millrace/binary.js'
import { closeCodes } from '../../protocol/millrace/close-codes.js'
import {
  type SessionCode,
  sessionFailure,
  wireFailure,
} from '../../protocol/millrace/error-codes.js'
import type { JsonObject } from '../../protocol/millrace/fields.js'
import { MAX_FRAME_BYTES, MAX_WAITING_REQUESTS } from '../../protocol/millrace/limits.js'
import type {
  ClientMessage,
  ProduceMessage,
  RequestMessage,
} from '../../protocol/millrace/messages.js'
import { parseMessage, readTextFrame } from '../../protocol/millrace/parse.js'
import { ChannelTable } from './channel-table.js'
import { Heartbeat } from './heartbeat.js'
import { Outbox } from './outbox.js'
import { ProducerChannel } from './producer-channel/producer-channel.js'
import { ReaderChannel } from './reader-channel/reader-channel.js'
import { answerRequest } from './requests/answer-request.js'
import type { MillraceServices } from './services.js'
import type { TurnTask } from './turn-queue.js'
import { welcome } from './welcome.js'

export interface SessionOptions {
  readonly id: string
  readonly socket: MessageSocket
  readonly services: MillraceServices
  /** The session is over: forget it. */
  closed(session: Session): void
}

export class Session implements MessageHandler, TurnTask {
  private readonly outbox: Outbox
  private readonly channels: ChannelTable
  private readonly services: MillraceServices
  private readonly socket: MessageSocket
  private isGreeted = false
  private isOver = false
  private isScheduled = false
  private waitingRequests = 0
  private readonly heartbeat: Heartbeat
  /** Channels that were charged for the text frame that is being read. */
  private readonly charged = new Set<number>()

  constructor(private readonly options: SessionOptions) {
    const { socket, services } = options
    this.services = services
    this.socket = socket
    this.heartbeat = new Heartbeat(services.clock.monotonicMs())
    this.outbox = new Outbox(socket, () => this.schedule())
    this.channels = new ChannelTable({
      services,
      socket,
      outbox: this.outbox,
      atEndOfTurn: (task) => this.atEndOfTurn(task),
      closeSocket: (code, reason) => this.close(code, reason),
      defect: (error) => this.defect(error),
    })
  }

  onText(text: string): void {
    this.guard(() => {
      this.heartbeat.heard(this.services.clock.monotonicMs())
      if (text.length > MAX_FRAME_BYTES) return this.badFrame('the frame is too large')
      const frame = readTextFrame(text)
      if (!frame.ok) return this.badFrame(frame.failure.message)
      this.charged.clear()
      for (const fields of frame.value) {
        if (this.isOver) return
        this.onFields(fields, text.length)
      }
    })
  }

  onBinary(data: Uint8Array): void {
    this.guard(() => {
      this.heartbeat.heard(this.services.clock.monotonicMs())
      if (!this.isGreeted) return this.expectHello()
      if (data.length > MAX_FRAME_BYTES) return this.badFrame('the frame is too large')
      const read = readBinaryFrame(data, (message) => {
        this.onBinaryMessage(message)
        return !this.isOver
      })
      if (!read.ok) this.badFrame(read.failure.message)
    })
  }

  onDrain(): void {
    this.guard(() => {
      for (const channel of this.channels.open()) channel.onDrain()
    })
  }

  onClose(): void {
    this.end()
  }

  endOfTurn(): void {
    this.isScheduled = false
    this.guard(() => this.outbox.flush())
  }

  /** Called about once a second: heartbeats and their absence. */
  beat(nowMs: number): void {
    if (this.isOver) return
    switch (this.heartbeat.judge(nowMs, this.isGreeted)) {
      case 'ask':
        this.outbox.send({ type: 'ping' })
        break
      case 'silent':
        this.close(closeCodes.heartbeatTimeout, 'silence')
        break
      case 'never-greeted':
        this.close(closeCodes.helloTimeout, 'no hello')
        break
      case 'alive':
        break
    }
  }

  /** The broker is about to stop. */
  announceDrain(reconnectAfterMs: number): void {
    this.outbox.send({ type: 'drain', reconnectAfterMs })
  }

  close(code: number, reason: string): void {
    if (this.isOver) return
    this.outbox.flush()
    this.end()
    this.socket.close(code, reason)
  }

  private onFields(fields: JsonObject, frameCharacters: number): void {
    const parsed = parseMessage(fields)
    if (parsed === undefined) {
      this.badFrame(`no message has type ${typeText(fields.type)}`)
      return
    }
    if (!this.isGreeted && fields.type !== 'hello') {
      this.expectHello()
      return
    }
    if (parsed.ok) {
      this.onMessage(parsed.message, frameCharacters)
      return
    }
    const { channel, requestId, problem } = parsed
    if (channel !== undefined) {
      this.channels.fail(channel, sessionFailure('bad-message', problem))
    } else if (requestId !== undefined) {
      const failure = fail('INVALID_REQUEST', problem).failure
      this.outbox.send({ type: 'response', id: requestId, ok: false, error: wireFailure(failure) })
    } else {
      this.badFrame(problem)
    }
  }

  private onMessage(message: ClientMessage, frameCharacters: number): void {
    switch (message.type) {
      case 'produce':
        this.onProduce(message, frameCharacters)
        return
      case 'credit': {
        const channel = this.channels.find(message.channel)
        if (channel instanceof ReaderChannel) {
          channel.grant(message.bytes)
          return
        }
        this.channels.refuseUnknown(message.channel, 'reader')
        return
      }
      case 'ping':
        this.outbox.send({ ...message, type: 'pong' })
        return
      case 'pong':
        return
      case 'open':
        this.channels.begin(message)
        return
      case 'close':
        this.channels.finish(message.channel)
        return
      case 'hello':
        this.onHello()
        return
      case 'request':
        this.onRequest(message)
        return
    }
  }

  private onHello(): void {
    if (this.isGreeted) {
      this.badFrame('hello was said already')
      return
    }
    this.isGreeted = true
    this.outbox.send(welcome(this.options.id, this.services))
  }

  private onProduce(message: ProduceMessage, frameCharacters: number): void {
    const channel = this.channels.find(message.channel)
    if (!(channel instanceof ProducerChannel)) {
      this.channels.refuseUnknown(message.channel, 'producer')
      return
    }
    const isCharged = this.charged.has(message.channel)
    if (!isCharged) this.charged.add(message.channel)
    channel.produceJson(message, isCharged ? 0 : frameCharacters)
  }

  private onBinaryMessage(message: BinaryHeader): void {
    const channel = this.channels.find(message.channel)
    const isProduce =
      message.type === binaryTypes.produceBatch || message.type === binaryTypes.produceRecord
    if (!isProduce) {
      this.badFrame(`no binary message of a client has type ${message.type}`)
      return
    }
    if (!(channel instanceof ProducerChannel)) {
      this.channels.refuseUnknown(message.channel, 'producer')
      return
    }
    const costBytes = HEADER_BYTES + message.content.length
    if (message.type === binaryTypes.produceBatch) channel.produceBatch(message, costBytes)
    else channel.produceRecord(message, costBytes)
  }

  private onRequest(message: RequestMessage): void {
    if (this.waitingRequests >= MAX_WAITING_REQUESTS) {
      const failure = fail('INVALID_REQUEST', 'too many requests wait for their answer').failure
      const error = { ...wireFailure(failure), retryable: true }
      this.outbox.send({ type: 'response', id: message.id, ok: false, error })
      return
    }
    this.waitingRequests++
    answerRequest(message, this.services).then(
      (response) => {
        this.waitingRequests--
        if (!this.isOver) this.outbox.send(response)
      },
      (error: unknown) => this.defect(error),
    )
  }

  private expectHello(): void {
    this.refuseSocket('hello-expected', 'the first message must be hello')
  }

  private badFrame(problem: string): void {
    this.refuseSocket('bad-frame', problem)
  }

  private refuseSocket(code: SessionCode, problem: string): void {
    if (this.isOver) return
    this.services.logger.info('closing a WebSocket session', { session: this.options.id, problem })
    this.outbox.send({ type: 'error', ...sessionFailure(code, problem) })
    this.close(closeCodes.badFrame, problem.slice(0, 100))
  }

  private guard(act: () => void): void {
    if (this.isOver) return
    try {
      act()
    } catch (error) {
      this.defect(error)
    }
  }

  /** A mistake of ours costs this socket and nothing else. */
  private defect(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.services.logger.error('defect in a WebSocket session', {
      session: this.options.id,
      error: text,
    })
    this.close(closeCodes.defect, 'defect of the broker')
  }

  private atEndOfTurn(task: TurnTask): void {
    this.services.turns.add({ endOfTurn: () => this.guard(() => task.endOfTurn()) })
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    this.services.turns.add(this)
  }

  private end(): void {
    if (this.isOver) return
    this.isOver = true
    this.channels.dispose()
    this.options.closed(this)
  }
}

function typeText(type: unknown): string {
  return typeof type === 'string' ? JSON.stringify(type.slice(0, 32)) : typeof type
}
