// A reader channel: pushes what its partitions have, in turns, as long as the client's credit and the
// socket's buffer allow. It holds positions, never data.
import { type Failure, fail } from '../../../base/errors.js'
import type { Cursor } from '../../../protocol/millrace/cursor.js'
import type { GapReason } from '../../../protocol/millrace/messages.js'
import { type ChannelHost, channelFailure, type OpenChannel } from '../channel.js'
import type { TurnTask } from '../turn-queue.js'
import type { Delivery } from './delivery.js'
import { PartitionReader, type PartitionReaderOptions } from './partition-reader.js'
import type { ReadState } from './read-source.js'

const READ_BYTES = 256 * 1024
/** Nothing is pushed while more than this waits in the socket's buffer. */
const HOLD_ABOVE_BYTES = 256 * 1024
/** What one channel sends before others get their turn. */
const TURN_BYTES = 1024 * 1024

export interface ReaderChannelOptions {
  readonly id: number
  readonly topic: string
  readonly topicId: string
  readonly creditBytes: number
  readonly cursor: Cursor
}

export class ReaderChannel implements OpenChannel, TurnTask {
  readonly kind = 'reader'
  private credit: number
  private readonly readers: PartitionReader[] = []
  /** Those that may have data, each once, in the order of their turns. */
  private readonly ready = new Set<PartitionReader>()
  private isScheduled = false
  private isDisposed = false

  constructor(
    private readonly host: ChannelHost,
    private readonly options: ReaderChannelOptions,
    private readonly delivery: Delivery,
  ) {
    this.credit = options.creditBytes
  }

  get id(): number {
    return this.options.id
  }

  /** Begins to read a partition; the first push comes at the end of this turn. */
  add(options: Omit<PartitionReaderOptions, 'ready'>): void {
    const reader = new PartitionReader({ ...options, ready: (woken) => this.wake(woken) })
    this.readers.push(reader)
    this.ready.add(reader)
    this.schedule()
  }

  grant(bytes: number): void {
    this.credit = Math.min(this.credit + bytes, Number.MAX_SAFE_INTEGER)
    this.schedule()
  }

  onDrain(): void {
    this.schedule()
  }

  endOfTurn(): void {
    this.isScheduled = false
    this.push()
  }

  finish(): void {
    this.host.finishChannel(this.id)
  }

  dispose(): void {
    this.isDisposed = true
    for (const reader of this.readers) reader.dispose()
    this.ready.clear()
  }

  private push(): void {
    let left = TURN_BYTES
    while (!this.isDisposed && this.credit > 0) {
      if (this.host.socket.bufferedBytes > HOLD_ABOVE_BYTES) return
      if (left <= 0) {
        this.schedule()
        return
      }
      const [reader] = this.ready
      if (reader === undefined) return
      this.ready.delete(reader)
      const bytes = this.pushFrom(reader)
      this.credit -= bytes
      left -= bytes
    }
  }

  private pushFrom(reader: PartitionReader): number {
    const outcome = reader.read(Math.min(this.credit, READ_BYTES))
    if (outcome.kind === 'failed') this.recover(reader, outcome.failure, outcome.state)
    if (outcome.kind !== 'data') return 0
    const before = reader.position
    const bytes = this.delivery.deliver(reader, outcome.read, this.credit)
    if (this.isDisposed) return bytes
    if (reader.position === before) {
      const problem = `the log of partition ${reader.source.index} gave no whole batch at ${before}`
      this.fail(reader, fail('UNEXPECTED', problem).failure)
      return 0
    }
    this.ready.add(reader)
    return bytes
  }

  private wake(reader: PartitionReader): void {
    if (this.isDisposed) return
    const { topic, topicId } = this.options
    const { source } = reader
    const { index } = source
    if (!source.isServed()) {
      const isDeleted = this.host.services.metadata().topicById(topicId) === undefined
      const failure = isDeleted
        ? fail('UNKNOWN_TOPIC_OR_PARTITION', `topic ${topic} was deleted`).failure
        : fail('NOT_LEADER', `another broker leads ${topic}-${index} by now`).failure
      this.fail(reader, failure)
      return
    }
    this.ready.add(reader)
    this.schedule()
  }

  private recover(reader: PartitionReader, failure: Failure, state: ReadState | undefined): void {
    if (failure.code !== 'OFFSET_OUT_OF_RANGE' || state === undefined) {
      this.fail(reader, failure)
      return
    }
    const isBehind = reader.position < state.logStartOffset
    const offset = isBehind ? state.logStartOffset : reader.endOffset(state)
    if (offset === reader.position) {
      this.fail(reader, failure)
      return
    }
    this.announceGap(reader, isBehind ? 'retention' : 'truncation', offset)
    reader.position = offset
    this.options.cursor.move(reader.slot, offset, state.leaderEpoch)
    this.ready.add(reader)
  }

  private announceGap(reader: PartitionReader, reason: GapReason, offset: number): void {
    const partition = reader.source.index
    const requested = reader.position
    this.host.outbox.send({ type: 'gap', channel: this.id, partition, reason, requested, offset })
  }

  private fail(reader: PartitionReader, failure: Failure): void {
    if (this.isDisposed) return
    this.host.failChannel(this.id, channelFailure(failure, { partition: reader.source.index }))
  }

  private schedule(): void {
    if (this.isScheduled || this.isDisposed) return
    this.isScheduled = true
    this.host.atEndOfTurn(this)
  }
}
