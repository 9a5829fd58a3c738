// A producer channel: credit, the writers of its partitions, and its acknowledgements.
import { fail, succeed } from '../../../base/errors.js'
import type { Partition, WaitEnd } from '../../../partition/partition.js'
import { type BinaryHeader, readSingleRecord } from '../../../protocol/millrace/binary.js'
import { closeCodes } from '../../../protocol/millrace/close-codes.js'
import { sessionFailure } from '../../../protocol/millrace/error-codes.js'
import type { Durability, Identity, ProduceMessage } from '../../../protocol/millrace/messages.js'
import { sequenceAfter } from '../../../protocol/millrace/sequence.js'
import type { RecordHeader } from '../../../protocol/records/batch-format.js'
import type { RemotePartition } from '../../../relay/remote-partition.js'
import {
  type ChannelFailure,
  type ChannelHost,
  channelFailure,
  type OpenChannel,
} from '../channel.js'
import type { TurnTask } from '../turn-queue.js'
import { Acknowledgements } from './acknowledgements.js'
import { readBatchFields } from './batch-fields.js'
import type { ChannelWriter } from './channel-writer.js'
import { ChannelWriters } from './channel-writers.js'
import { readJsonRecord } from './json-record.js'
import type { StoredBatch } from './partition-writer.js'
import { ProducerCredit } from './producer-credit.js'
import type { SentBatch } from './remote-writer.js'

/** Longer than any flush or replication round; the client then asks again with its identity. */
const ACK_TIMEOUT_MS = 30_000
const NO_HEADERS: readonly RecordHeader[] = []
/** Acks wait while more than this is unread in the socket's buffer. */
const HOLD_ACKS_ABOVE_BYTES = 1024 * 1024

export interface ProducerChannelOptions {
  readonly id: number
  readonly topic: string
  readonly topicId: string
  readonly durability: Durability
  readonly identity: Identity
  /** By partition: what is stored of an identity that is taken up again. */
  readonly lastSequences: ReadonlyMap<number, number>
}

export class ProducerChannel implements OpenChannel, TurnTask {
  readonly kind = 'producer'
  private readonly credit = new ProducerCredit()
  private readonly writers: ChannelWriters
  private readonly acks: Acknowledgements
  /** Writers with records of this turn. */
  private readonly packing = new Set<ChannelWriter>()
  private isScheduled = false
  private isDisposed = false
  private isFinishing = false
  private awaitsBudget = false
  private waitingAcks = 0
  /** What arrived and was not yet given back with an ack. */
  private owedBytes = 0

  constructor(
    private readonly host: ChannelHost,
    private readonly options: ProducerChannelOptions,
  ) {
    this.acks = new Acknowledgements(options.id, options.durability)
    this.writers = new ChannelWriters({
      ...options,
      services: host.services,
      ackTimeoutMs: ACK_TIMEOUT_MS,
      stored: (partition, batch) => this.stored(partition, batch),
      sent: (batch) => this.sent(batch),
    })
  }

  get id(): number {
    return this.options.id
  }

  get grantedCredit(): { bytes: number; records: number } {
    return this.credit.granted
  }

  /** Promises what an earlier connection stored, once it is as durable as this channel asks. */
  acknowledgeStored(partition: Partition, sequence: number): void {
    this.stored(partition, {
      partition: partition.index,
      baseSequence: sequence,
      count: 0,
      baseOffset: -1,
      awaitOffset: partition.log.state().logEndOffset,
    })
  }

  /** The same of a partition that another broker leads. */
  acknowledgeRemote(remote: RemotePartition, sequence: number): void {
    const isAwaited = this.options.durability !== 'none'
    const settled = isAwaited ? remote.settled() : Promise.resolve(succeed(true))
    this.sent({
      partition: remote.place.index,
      baseSequence: sequence,
      count: 0,
      stored: settled.then((outcome) => (outcome.ok ? succeed(-1) : outcome)),
    })
  }

  /** `costBytes`: what the message takes from the credit; 0 when its frame was charged already. */
  produceJson(message: ProduceMessage, costBytes: number): void {
    const { records, partition, sequence } = message
    if (!this.charge(costBytes, records.length)) return
    const writer = this.writer(partition)
    if (writer === undefined) return
    const resent = writer.admit(sequence, records.length)
    if (typeof resent !== 'number') {
      this.fail(resent)
      return
    }
    const arrivalMs = this.host.services.clock.wallMs()
    for (let i = resent; i < records.length; i++) {
      const record = readJsonRecord(records[i], arrivalMs)
      const failure = record.ok
        ? writer.pack(record.value)
        : channelFailure(record.failure, { partition, sequence: sequenceAfter(sequence, i) })
      if (failure !== undefined) {
        this.fail(failure)
        return
      }
    }
    this.packing.add(writer)
    this.schedule()
  }

  produceRecord(message: BinaryHeader, costBytes: number): void {
    const record = readSingleRecord(message)
    if (record === undefined || record.sequence < 0) {
      const problem = 'produce-record: the lengths or the sequence do not fit'
      this.fail(sessionFailure('bad-message', problem))
      return
    }
    if (!this.charge(costBytes, 1)) return
    const writer = this.writer(message.partition)
    if (writer === undefined) return
    const resent = writer.admit(record.sequence, 1)
    if (typeof resent !== 'number') {
      this.fail(resent)
      return
    }
    if (resent === 1) return
    const { key, value } = record
    const timestampMs = record.timestamp < 0 ? this.host.services.clock.wallMs() : record.timestamp
    const failure = writer.pack({ timestampMs, key, value, headers: NO_HEADERS })
    if (failure !== undefined) {
      this.fail(failure)
      return
    }
    this.packing.add(writer)
    this.schedule()
  }

  produceBatch(message: BinaryHeader, costBytes: number): void {
    const header = readBatchFields(message.content)
    if (!this.charge(costBytes, (header?.lastOffsetDelta ?? 0) + 1)) return
    const failure = this.writer(message.partition)?.appendBatch(message.content, header)
    if (failure !== undefined) this.fail(failure)
  }

  endOfTurn(): void {
    this.isScheduled = false
    if (this.isDisposed) return
    for (const writer of this.packing) {
      const failure = writer.flush()
      if (failure !== undefined) {
        this.fail(failure)
        return
      }
    }
    this.packing.clear()
    this.sendAcks()
  }

  onDrain(): void {
    if (!this.acks.isEmpty || this.acks.owesCredit) this.schedule()
  }

  finish(): void {
    this.isFinishing = true
    this.schedule()
  }

  dispose(): void {
    this.isDisposed = true
    this.writers.clear()
    this.packing.clear()
  }

  private charge(bytes: number, records: number): boolean {
    this.owedBytes += bytes
    const verdict = this.credit.take(bytes, records)
    if (verdict === 'fine') return true
    if (verdict === 'socket-exceeded') {
      this.host.closeSocket(closeCodes.creditExceeded, 'sent far beyond the credit')
    } else {
      this.fail(sessionFailure('credit-exceeded', 'more was sent than the credit allows'))
    }
    return false
  }

  private writer(index: number): ChannelWriter | undefined {
    const writer = this.writers.find(index)
    if (!('code' in writer)) return writer
    this.fail(writer)
    return undefined
  }

  // By the partition that it was appended to: under another leadership its offsets may be others.
  private stored(partition: Partition, batch: StoredBatch): void {
    const bytes = this.beginWait()
    const done = (end: WaitEnd): void => this.acknowledged(batch, bytes, end)
    const { durability } = this.options
    if (durability === 'none') {
      done('reached')
      return
    }
    partition.whenAcknowledged(batch.awaitOffset, durability, ACK_TIMEOUT_MS, done)
  }

  private sent({ stored, ...batch }: SentBatch): void {
    const bytes = this.beginWait()
    void stored.then((outcome) => {
      if (outcome.ok) {
        const baseOffset = outcome.value
        const awaitOffset = baseOffset + batch.count
        return this.acknowledged({ ...batch, baseOffset, awaitOffset }, bytes, 'reached')
      }
      this.waitingAcks--
      const { partition, baseSequence: sequence } = batch
      this.fail(channelFailure(outcome.failure, { partition, sequence }))
    })
  }

  // The credit of all that came before is given back with the batch that is waited for.
  private beginWait(): number {
    const bytes = this.owedBytes
    this.owedBytes = 0
    this.waitingAcks++
    return bytes
  }

  private acknowledged(batch: StoredBatch, bytes: number, end: WaitEnd): void {
    this.waitingAcks--
    if (this.isDisposed) return
    const { partition, baseSequence, count, baseOffset } = batch
    if (end !== 'reached') {
      this.fail(channelFailure(waitFailure(end), { partition, sequence: baseSequence }))
      return
    }
    const sequence = count === 0 ? baseSequence : sequenceAfter(baseSequence, count - 1)
    this.acks.add({ partition, sequence, count, baseOffset, bytes, records: count })
    this.schedule()
  }

  private sendAcks(): void {
    if (this.host.socket.bufferedBytes <= HOLD_ACKS_ABOVE_BYTES) {
      this.drainAcks()
    }
    if (this.isFinishing && this.waitingAcks === 0 && this.acks.isEmpty) {
      this.host.finishChannel(this.id)
    }
  }

  private drainAcks(): void {
    if (this.acks.isEmpty && !this.acks.owesCredit) return
    const send = (json: string) => this.host.outbox.sendJson(json)
    const { writeBudget } = this.host.services
    if (!writeBudget.isExceeded) {
      this.acks.drain(send, (bytes, records) => this.credit.giveBack(bytes, records))
      return
    }
    this.acks.drainWithoutCredit(send)
    if (this.awaitsBudget) return
    this.awaitsBudget = true
    writeBudget.onKept(() => {
      this.awaitsBudget = false
      if (!this.isDisposed) this.schedule()
    })
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    this.host.atEndOfTurn(this)
  }

  // What was packed before the mistake is good: it is stored, and a resumed identity will know it.
  private fail(failure: ChannelFailure): void {
    if (this.isDisposed) return
    for (const writer of this.packing) writer.flush()
    this.host.failChannel(this.id, failure)
  }
}

function waitFailure(end: Exclude<WaitEnd, 'reached'>) {
  switch (end) {
    case 'timed-out':
      return fail('TIMED_OUT', `not acknowledged within ${ACK_TIMEOUT_MS} ms`).failure
    case 'offline':
      return fail('STORAGE_FAILED', "the partition's disk failed").failure
    case 'removed':
      return fail('NOT_LEADER', 'this broker no longer serves the partition').failure
    case 'unconfirmed':
      return fail('NOT_LEADER', 'another broker may lead the partition by now').failure
  }
}
