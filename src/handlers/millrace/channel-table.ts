// The channels of a session by number: opened, refused, failed, closed.
import { fail } from '../../base/errors.js'
import {
  type SessionCode,
  sessionFailure,
  wireFailure,
} from '../../protocol/millrace/error-codes.js'
import { MAX_CHANNELS } from '../../protocol/millrace/limits.js'
import type { OpenProducerMessage, OpenReaderMessage } from '../../protocol/millrace/messages.js'
import type { ChannelFailure, ChannelHost } from './channel.js'
import { openProducer } from './producer-channel/open-producer.js'
import type { ProducerChannel } from './producer-channel/producer-channel.js'
import { openReader } from './reader-channel/open-reader.js'
import type { ReaderChannel } from './reader-channel/reader-channel.js'

export interface ChannelTableOptions extends Omit<ChannelHost, 'failChannel' | 'finishChannel'> {
  defect(error: unknown): void
}

type Channel = ProducerChannel | ReaderChannel

/** An `open` that was not answered yet. Compared by identity: the number may be reused meanwhile. */
interface Opening {
  readonly isOpening: true
  readonly abandon: AbortController
}

export class ChannelTable implements ChannelHost {
  readonly services: ChannelHost['services']
  readonly socket: ChannelHost['socket']
  readonly outbox: ChannelHost['outbox']
  private readonly channels = new Map<number, Channel | Opening>()
  /** Ended by an error while the client may still send to them: what comes is ignored. */
  private readonly failed = new Set<number>()

  constructor(private readonly options: ChannelTableOptions) {
    this.services = options.services
    this.socket = options.socket
    this.outbox = options.outbox
  }

  find(id: number): Channel | undefined {
    const channel = this.channels.get(id)
    return channel === undefined || 'isOpening' in channel ? undefined : channel
  }

  *open(): Iterable<Channel> {
    for (const channel of this.channels.values()) if (!('isOpening' in channel)) yield channel
  }

  begin(message: OpenProducerMessage | OpenReaderMessage): void {
    const { channel: id } = message
    if (this.channels.has(id)) {
      this.fail(id, sessionFailure('channel-in-use', `channel ${id} is open already`))
      return
    }
    if (this.channels.size >= MAX_CHANNELS) {
      const problem = `a socket may have ${MAX_CHANNELS} channels`
      this.fail(id, sessionFailure('too-many-channels', problem))
      return
    }
    this.failed.delete(id)
    const opening: Opening = { isOpening: true, abandon: new AbortController() }
    this.channels.set(id, opening)
    const open =
      message.kind === 'producer'
        ? openProducer(message, this, opening.abandon.signal)
        : openReader(message, this)
    open.then(
      (result) => {
        const isStillWanted = this.channels.get(id) === opening
        if (!isStillWanted) {
          if (result.ok) result.channel.dispose()
          return
        }
        if (!result.ok) return this.fail(id, result.failure)
        this.channels.set(id, result.channel)
        result.announce()
      },
      (error: unknown) => this.options.defect(error),
    )
  }

  finish(id: number): void {
    const channel = this.channels.get(id)
    if (channel === undefined) {
      this.refuseUnknown(id)
      return
    }
    if ('isOpening' in channel) this.finishChannel(id)
    else channel.finish()
  }

  /** A message for a channel that cannot take it. */
  refuseUnknown(id: number, wanted?: 'producer' | 'reader'): void {
    if (this.failed.has(id)) return
    const isOpen = this.channels.has(id)
    const problem = isOpen ? `channel ${id} is no open ${wanted}` : `channel ${id} is not open`
    const code: SessionCode = isOpen ? 'bad-message' : 'unknown-channel'
    this.fail(id, sessionFailure(code, problem))
  }

  fail(id: number, failure: ChannelFailure): void {
    this.failChannel(id, failure)
  }

  failChannel(id: number, failure: ChannelFailure): void {
    this.forget(id)
    this.rememberFailed(id)
    this.outbox.send({ type: 'error', channel: id, ...failure })
  }

  finishChannel(id: number): void {
    this.forget(id)
    this.outbox.send({ type: 'closed', channel: id })
  }

  atEndOfTurn(task: Parameters<ChannelHost['atEndOfTurn']>[0]): void {
    this.options.atEndOfTurn(task)
  }

  closeSocket(code: number, reason: string): void {
    const failure = wireFailure(fail('INVALID_REQUEST', reason).failure)
    this.outbox.send({ type: 'error', ...failure })
    this.options.closeSocket(code, reason)
  }

  dispose(): void {
    for (const id of [...this.channels.keys()]) this.forget(id)
  }

  private forget(id: number): void {
    const channel = this.channels.get(id)
    this.channels.delete(id)
    if (channel === undefined) return
    if ('isOpening' in channel) channel.abandon.abort()
    else channel.dispose()
  }

  // Bounded: a client that fails more channels than it may open is told of the older ones again.
  private rememberFailed(id: number): void {
    this.failed.add(id)
    if (this.failed.size <= MAX_CHANNELS) return
    const [oldest] = this.failed
    if (oldest !== undefined) this.failed.delete(oldest)
  }
}
