// A reader's channel: opens it, opens it again where it was after a lost connection, and queues what
// arrives. It knows nothing of records.
import type { Timer } from '../../base/clock.js'
import { type BinaryHeader, readDelivery } from '../../protocol/millrace/binary.js'
import { Cursor } from '../../protocol/millrace/cursor.js'
import type {
  DeliverMessage,
  ErrorMessage,
  GapMessage,
  OpenedReaderMessage,
  PositionMessage,
  PositionState,
  ServerMessage,
  StartPosition,
} from '../../protocol/millrace/messages.js'
import { Backoff } from '../connection/backoff.js'
import type { Link, LinkChannel } from '../connection/link.js'
import { BrokerError, ClosedError, describeGap, type MillraceError } from '../errors.js'
import type { ReaderOptions } from '../options.js'
import { Waiters } from '../waiters.js'
import { DeliveryQueue } from './delivery-queue.js'
import { Positions } from './positions.js'

const DEFAULT_WINDOW_BYTES = 4 * 1024 * 1024
const MAX_REOPENS_WITHOUT_PROGRESS = 20
const REOPEN_BACKOFF = { minMs: 20, maxMs: 2000 }
const NO_EPOCH = -1

export class ReaderChannel implements LinkChannel {
  readonly queue = new DeliveryQueue()
  /** Where the broker goes on: behind everything that arrived. */
  readonly arrived = new Positions()
  /** What `opened` said first; undefined before. */
  starts: readonly PositionState[] | undefined
  private id: number
  private isOpen = false
  private isOver = false
  private format: 'binary' | 'json' = 'binary'
  private failure: MillraceError | undefined
  private owedBytes = 0
  private reopens = 0
  private reopenTimer: Timer | undefined
  private readonly opens = new Waiters()
  private readonly backoff: Backoff
  private readonly windowBytes: number

  constructor(
    private readonly link: Link,
    readonly topic: string,
    private readonly options: ReaderOptions,
  ) {
    this.windowBytes = options.windowBytes ?? DEFAULT_WINDOW_BYTES
    this.backoff = new Backoff(REOPEN_BACKOFF, link.random)
    this.id = link.add(this)
    if (link.isLive) this.attach()
  }

  opened(): Promise<void> {
    return this.starts === undefined ? this.opens.wait(this.failure) : Promise.resolve()
  }

  /** The application took what had taken this much of the credit. */
  giveBack(bytes: number): void {
    this.owedBytes += bytes
    if (!this.isOpen || (this.owedBytes < this.windowBytes / 4 && !this.queue.isEmpty)) return
    this.link.send({ type: 'credit', channel: this.id, bytes: this.owedBytes })
    this.owedBytes = 0
  }

  /** Goes on from `positions`, with records that the broker unpacks. */
  readAsJson(positions: Positions): void {
    this.format = 'json'
    this.queue.clear()
    this.arrived.copyFrom(positions)
    if (!this.isOpen) return
    this.link.send({ type: 'close', channel: this.id })
    this.reopen(0)
  }

  close(): void {
    if (this.isOpen) this.link.send({ type: 'close', channel: this.id })
    this.abandon(undefined)
  }

  attach(): void {
    const { topic, options, format } = this
    const { partitions, isolation = 'uncommitted' } = options
    const from: StartPosition =
      this.starts === undefined ? (options.from ?? 'earliest') : { cursor: this.arrived.toCursor() }
    // What waits in the queue is given back later.
    const credit = { bytes: Math.max(0, this.windowBytes - this.queue.bytes) }
    this.owedBytes = 0
    const base = { type: 'open', channel: this.id, kind: 'reader', topic, from } as const
    const message = { ...base, isolation, format, values: 'base64', credit } as const
    this.link.send(partitions === undefined ? message : { ...message, partitions })
  }

  detach(): void {
    this.isOpen = false
    this.reopenTimer?.cancel()
  }

  abandon(error: MillraceError | undefined): void {
    if (this.isOver) return
    this.isOver = true
    this.detach()
    this.failure = error ?? new ClosedError('reader')
    this.link.remove(this.id)
    this.opens.reject(this.failure)
    this.queue.finish(error)
  }

  message(message: ServerMessage): void {
    switch (message.type) {
      case 'opened':
        if (message.kind === 'reader') this.onOpened(message)
        break
      case 'deliver':
        this.onJson(message)
        break
      case 'position':
        this.onPosition(message)
        break
      case 'gap':
        this.onGap(message)
        break
      case 'error':
        this.onError(message)
        break
      default:
        break
    }
  }

  delivery(header: BinaryHeader, body: Uint8Array | undefined): void {
    const delivery = readDelivery(header)
    const content = body ?? delivery?.batches
    if (delivery === undefined || content === undefined || !this.isOpen) return
    const { partition, offset, nextOffset, sizeBytes: bytes } = delivery
    const cursor = Cursor.read(delivery.cursor)
    const leaderEpoch = cursor.ok ? epochIn(cursor.value, partition) : NO_EPOCH
    this.reopens = 0
    this.arrived.move(partition, nextOffset, leaderEpoch)
    this.queue.push({ kind: 'records', partition, offset, nextOffset, leaderEpoch, bytes, content })
  }

  private onOpened(message: OpenedReaderMessage): void {
    this.isOpen = true
    const isFirst = this.starts === undefined
    this.starts ??= message.positions
    this.arrived.topicId = message.topicId
    const cursor = Cursor.parse(message.cursor)
    for (const position of message.positions) {
      const { partition, offset, reason, requested = 0 } = position
      const leaderEpoch = cursor.ok ? epochIn(cursor.value, partition) : NO_EPOCH
      this.arrived.move(partition, offset, leaderEpoch)
      const step = { partition, nextOffset: offset, leaderEpoch }
      if (reason !== undefined) {
        const gap = describeGap({ partition, reason, requested, offset })
        this.queue.push({ kind: 'gap', ...step, gap })
      } else if (isFirst) {
        this.queue.push({ kind: 'position', ...step })
      }
    }
    this.opens.resolve()
  }

  private onJson(message: DeliverMessage): void {
    if (!this.isOpen) return
    const { partition, bytes, nextOffset } = message
    const cursor = Cursor.parse(message.cursor)
    const leaderEpoch = cursor.ok ? epochIn(cursor.value, partition) : NO_EPOCH
    const offset = this.arrived.offset(partition)
    this.reopens = 0
    this.arrived.move(partition, nextOffset, leaderEpoch)
    const step = { partition, offset, nextOffset, leaderEpoch }
    this.queue.push({ kind: 'records', ...step, bytes, content: message })
  }

  private onPosition({ partition, nextOffset, cursor: text }: PositionMessage): void {
    const cursor = Cursor.parse(text)
    const leaderEpoch = cursor.ok ? epochIn(cursor.value, partition) : NO_EPOCH
    this.arrived.move(partition, nextOffset, leaderEpoch)
    this.queue.push({ kind: 'position', partition, nextOffset, leaderEpoch })
  }

  private onGap({ partition, reason, requested, offset }: GapMessage): void {
    this.arrived.move(partition, offset, NO_EPOCH)
    const gap = describeGap({ partition, reason, requested, offset })
    this.queue.push({ kind: 'gap', partition, nextOffset: offset, leaderEpoch: NO_EPOCH, gap })
  }

  private onError(message: ErrorMessage): void {
    const mayRetry = message.retryable && this.starts !== undefined
    if (!mayRetry || ++this.reopens > MAX_REOPENS_WITHOUT_PROGRESS) {
      this.abandon(BrokerError.from(message))
    } else {
      this.reopen(this.backoff.next())
    }
  }

  private reopen(delayMs: number): void {
    this.detach()
    this.id = this.link.renumber(this.id)
    if (delayMs === 0) {
      this.attach()
      return
    }
    this.reopenTimer = this.link.clock.after(delayMs, () => {
      if (this.link.isLive && !this.isOver) this.attach()
    })
  }
}

function epochIn(cursor: Cursor, partition: number): number {
  const position = cursor.positions().find((p) => p.partition === partition)
  return position?.leaderEpoch ?? NO_EPOCH
}
