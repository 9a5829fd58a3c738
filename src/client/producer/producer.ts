// A producer: batches records by partition, sends on credit, and brings everything through a lost
// connection once and in order.
import type { Timer } from '../../base/clock.js'
import { writeProduceBatch } from '../../protocol/millrace/binary.js'
import type {
  AckMessage,
  Durability,
  ErrorMessage,
  Identity,
  OpenedProducerMessage,
  ServerMessage,
} from '../../protocol/millrace/messages.js'
import { partitionForKey } from '../../protocol/records/murmur2.js'
import { Backoff } from '../connection/backoff.js'
import type { Link, LinkChannel } from '../connection/link.js'
import { BrokerError, ClosedError, type MillraceError, OutcomeUnknownError } from '../errors.js'
import type { Acknowledgement, OutgoingRecord, ProducerOptions } from '../options.js'
import { isRefusal, Waiters } from '../waiters.js'
import { toBytes, toHeaders } from './encode-record.js'
import type { OutgoingBatch, Waiter, WriterIdentity } from './outgoing-batch.js'
import { type EncodedRecord, PartitionQueue } from './partition-queue.js'
import { SendBuffer } from './send-buffer.js'

const DEFAULT_BATCH_BYTES = 256 * 1024
const DEFAULT_BUFFERED_BYTES = 32 * 1024 * 1024
/** With this many batches of a partition on their way, records wait to share the next one. */
const MAX_IN_FLIGHT = 5
const MAX_REOPENS_WITHOUT_PROGRESS = 20
const REOPEN_BACKOFF = { minMs: 20, maxMs: 2000 }

export class Producer implements LinkChannel, AsyncDisposable {
  private id: number
  private state: 'opening' | 'open' | 'closed' = 'opening'
  /** To resume with; undefined until the first answer, and after the broker forgot it. */
  private identity: Identity | undefined
  /** What batches carry; those that were not sent are stamped anew when it changes. */
  private writer: WriterIdentity = { producerId: -1, epoch: -1 }
  private credit = { bytes: 0, records: 0 }
  private outstanding = 0
  private partitionCount = 0
  private sticky = 0
  private readonly queues = new Map<number, PartitionQueue>()
  private isPumpQueued = false
  private linger: Timer | undefined
  private reopenTimer: Timer | undefined
  private reopens = 0
  private failure: MillraceError | undefined
  private closing: (() => void) | undefined
  private readonly flushes = new Waiters()
  private readonly opens = new Waiters()
  private readonly backoff: Backoff
  private readonly durability: Durability
  private readonly buffer: SendBuffer

  constructor(
    private readonly link: Link,
    readonly topic: string,
    private readonly options: ProducerOptions,
  ) {
    this.durability = options.durability ?? 'leader'
    this.buffer = new SendBuffer(options.maxBufferedBytes ?? DEFAULT_BUFFERED_BYTES)
    this.backoff = new Backoff(REOPEN_BACKOFF, link.random)
    this.id = link.add(this)
    options.signal?.addEventListener('abort', () => this.abandon(new ClosedError('producer')))
    if (link.isLive) this.attach()
  }

  /** Resolves when the broker opened the channel for the first time. */
  opened(): Promise<void> {
    return this.partitionCount === 0 ? this.opens.wait(this.failure) : Promise.resolve()
  }

  /** How many partitions the topic has. */
  get partitions(): number {
    return this.partitionCount
  }

  /** Resolves when the record is as durable as asked. Records of a partition keep their order. */
  send(record: OutgoingRecord): Promise<Acknowledgement> {
    return new Promise((resolve, reject) => this.enqueue(record, { resolve, reject }))
  }

  /** Resolves when there is room: what a fast sender awaits between records. */
  ready(): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure)
    return this.buffer.ready()
  }

  /** Resolves when everything that was sent before is acknowledged or has failed. */
  flush(): Promise<void> {
    if (this.isEmpty) return Promise.resolve()
    this.pump(true)
    return this.flushes.wait()
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return
    if (this.failure === undefined) await this.flush()
    if (this.state === 'open') {
      await new Promise<void>((resolve) => {
        this.closing = resolve
        this.link.send({ type: 'close', channel: this.id })
      })
    }
    this.abandon(new ClosedError('producer'))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  attach(): void {
    this.state = 'opening'
    const acknowledged: Record<string, number> = {}
    for (const queue of this.queues.values()) {
      if (queue.acknowledged !== undefined) acknowledged[queue.partition] = queue.acknowledged
    }
    const { topic, durability, identity } = this
    const resume = identity === undefined ? {} : { identity, acknowledged }
    const open = { type: 'open', channel: this.id, kind: 'producer', topic, durability } as const
    this.link.send({ ...open, ...resume })
  }

  detach(): void {
    this.reopenTimer?.cancel()
    if (this.state === 'closed') return
    this.state = 'opening'
    this.outstanding = 0
    for (const queue of this.queues.values()) queue.detach()
    this.closing?.()
  }

  abandon(error: MillraceError): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.failure = error
    this.link.remove(this.id)
    this.linger?.cancel()
    this.reopenTimer?.cancel()
    for (const queue of this.queues.values()) queue.abandon(error)
    this.opens.reject(error)
    this.buffer.abandon(error)
    this.flushes.resolve()
    this.closing?.()
  }

  message(message: ServerMessage): void {
    switch (message.type) {
      case 'ack':
        this.onAck(message)
        break
      case 'opened':
        if (message.kind === 'producer') this.onOpened(message)
        break
      case 'error':
        this.onError(message)
        break
      case 'closed':
        this.closing?.()
        break
      default:
        break
    }
  }

  delivery(): void {}

  private enqueue(record: OutgoingRecord, waiter: Waiter): void {
    if (this.failure !== undefined) {
      waiter.reject(this.failure)
      return
    }
    const encoded: EncodedRecord = {
      key: toBytes(record.key),
      value: toBytes(record.value),
      headers: toHeaders(record.headers),
      timestampMs: record.timestamp ?? this.link.clock.wallMs(),
    }
    const partition = this.choosePartition(record.partition, encoded.key)
    const problem = this.buffer.problemWith(encoded, partition, this.partitionCount)
    if (problem !== undefined) {
      waiter.reject(problem)
      return
    }
    const counted = this.buffer.count(encoded, waiter)
    const didClose = this.queueOf(partition).append(encoded, this.writer, counted)
    if (didClose && encoded.key === null && record.partition === undefined) this.moveSticky()
    this.queuePump()
  }

  private choosePartition(asked: number | undefined, key: Uint8Array | null): number {
    if (asked !== undefined) return asked
    return key === null ? this.sticky : partitionForKey(key, this.partitionCount)
  }

  private moveSticky(): void {
    this.sticky = Math.floor(this.link.random.next() * this.partitionCount)
  }

  private queueOf(partition: number): PartitionQueue {
    const known = this.queues.get(partition)
    if (known !== undefined) return known
    const queue = new PartitionQueue(partition, this.options.maxBatchBytes ?? DEFAULT_BATCH_BYTES)
    this.queues.set(partition, queue)
    return queue
  }

  private queuePump(): void {
    const { lingerMs = 0 } = this.options
    if (lingerMs > 0) {
      this.linger ??= this.link.clock.after(lingerMs, () => {
        this.linger = undefined
        this.pump(true)
      })
    }
    if (this.isPumpQueued) return
    this.isPumpQueued = true
    queueMicrotask(() => {
      this.isPumpQueued = false
      this.pump(lingerMs === 0)
    })
  }

  /** Sends closed batches, and closes open ones where the broker keeps up. */
  private pump(closesOpen: boolean): void {
    if (this.state !== 'open') return
    for (const queue of this.queues.values()) {
      if (!this.sendClosed(queue)) return
      if (!closesOpen || !queue.hasOpenRecords || queue.inFlight >= MAX_IN_FLIGHT) continue
      queue.close(this.writer)
      if (!this.sendClosed(queue)) return
    }
  }

  /** False when the credit is used up. */
  private sendClosed(queue: PartitionQueue): boolean {
    for (let batch = queue.unsent; batch !== undefined; batch = queue.unsent) {
      if (!this.sendBatch(queue, batch)) return false
    }
    return true
  }

  private sendBatch(queue: PartitionQueue, batch: OutgoingBatch): boolean {
    const { credit } = this
    const frame = writeProduceBatch({ channel: this.id, partition: queue.partition }, batch.bytes)
    const isAffordable = credit.bytes >= frame.length && credit.records >= batch.count
    // What is larger than all the credit there will ever be is tried when nothing else is on its way.
    if (!isAffordable && this.outstanding > 0) return false
    credit.bytes -= frame.length
    credit.records -= batch.count
    this.outstanding++
    queue.markSent(batch)
    this.link.sendBinary(frame)
    return true
  }

  private onOpened(message: OpenedProducerMessage): void {
    this.state = 'open'
    this.identity = message.identity
    this.writer = message.identity
    this.partitionCount = message.partitions
    this.credit = { ...message.credit }
    this.outstanding = 0
    if (this.sticky >= message.partitions || this.queues.size === 0) this.moveSticky()
    for (const queue of this.queues.values()) {
      queue.attach(message.identity, message.lastSequences[queue.partition])
    }
    this.opens.resolve()
    this.pump(true)
  }

  private onAck(message: AckMessage): void {
    this.reopens = 0
    this.backoff.reset()
    this.credit.bytes += message.credit.bytes
    this.credit.records += message.credit.records
    const queue = this.queues.get(message.partition)
    queue?.acknowledge(message)
    this.outstanding = 0
    for (const each of this.queues.values()) this.outstanding += each.inFlight
    this.settle()
    // A linger that is over has left its records to the next ack.
    this.pump(this.linger === undefined)
  }

  private settle(): void {
    this.buffer.settle()
    if (this.isEmpty) this.flushes.resolve()
  }

  private get isEmpty(): boolean {
    for (const queue of this.queues.values()) if (!queue.isEmpty) return false
    return true
  }

  private onError(message: ErrorMessage): void {
    const error = BrokerError.from(message)
    const { partition, sequence } = message
    const isFirstOpen = this.partitionCount === 0
    if (isFirstOpen) {
      this.abandon(error)
    } else if (message.code === 'identity-expired') {
      this.forgetIdentity(message.message)
    } else if (isRefusal(message.code) && partition !== undefined && sequence !== undefined) {
      this.queues.get(partition)?.refuse(sequence, error)
      this.settle()
      this.reopen(0)
    } else if (message.retryable || message.code === 'out-of-order-sequence') {
      if (++this.reopens > MAX_REOPENS_WITHOUT_PROGRESS) this.abandon(error)
      else this.reopen(this.backoff.next())
    } else {
      this.abandon(error)
    }
  }

  private forgetIdentity(reason: string): void {
    this.identity = undefined
    const error = new OutcomeUnknownError(`${reason}; it is unknown what was stored`)
    for (const queue of this.queues.values()) queue.forgetIdentity(error)
    this.settle()
    this.reopen(0)
  }

  private reopen(delayMs: number): void {
    this.detach()
    this.id = this.link.renumber(this.id)
    if (delayMs === 0) this.attach()
    else {
      this.reopenTimer = this.link.clock.after(delayMs, () => {
        if (this.link.isLive && this.state !== 'closed') this.attach()
      })
    }
  }
}
