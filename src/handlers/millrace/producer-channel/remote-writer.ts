// One partition of a producer channel that another broker leads: batches go to the leader one hop away, in order
// and with the channel's own identity, so that the leader knows what is resent. What the leader says of them is
// what the client is told.
import { fail, type Outcome } from '../../../base/errors.js'
import type { Durability, Identity } from '../../../protocol/millrace/messages.js'
import { sequenceAfter, sequenceDistance } from '../../../protocol/millrace/sequence.js'
import type { RemotePartition } from '../../../relay/remote-partition.js'
import type { ChannelFailure } from '../channel.js'
import type { BatchFields } from './batch-fields.js'
import type { BuilderPool } from './builder-pool.js'
import { type ChannelWriter, outOfOrder, problemWithBatch, refusal } from './channel-writer.js'
import type { PackedRecord } from './packed-record.js'
import { StoredRanges } from './stored-ranges.js'
import { type TakenBatch, TurnBatch } from './turn-batch.js'

/** Handed to the leader. */
export interface SentBatch {
  readonly partition: number
  readonly baseSequence: number
  readonly count: number
  /** Its offset, once it is as durable as the channel asks; -1: not known any more. */
  readonly stored: Promise<Outcome<number>>
}

export interface RemoteWriterOptions {
  readonly remote: Pick<RemotePartition, 'place' | 'produce'>
  readonly identity: Identity
  readonly durability: Durability
  readonly ackTimeoutMs: number
  readonly nextSequence: number
  readonly maxBatchBytes: number
  readonly builders: BuilderPool
  sent(batch: SentBatch): void
}

export class RemoteWriter implements ChannelWriter {
  private next: number
  /** Everything before it was acknowledged by the leader. */
  private acknowledged: number
  private readonly turn: TurnBatch
  private readonly ranges = new StoredRanges()

  constructor(private readonly options: RemoteWriterOptions) {
    this.next = options.nextSequence
    this.acknowledged = options.nextSequence
    this.turn = new TurnBatch(options)
  }

  private get index(): number {
    return this.options.remote.place.index
  }

  admit(sequence: number, count: number): number | ChannelFailure {
    const ahead = sequenceDistance(sequence, this.next)
    if (ahead > 0) return outOfOrder(this.index, sequence, this.next)
    const resent = Math.min(count, -ahead)
    if (resent > 0) this.reportResend(sequence, resent)
    return resent
  }

  pack(record: PackedRecord): undefined {
    if (!this.turn.hasRoomFor(record)) this.flush()
    this.turn.add(record, this.next)
    this.next = sequenceAfter(this.next, 1)
  }

  flush(): undefined {
    this.turn.take((batch) => this.send(batch))
  }

  appendBatch(batch: Uint8Array, header: BatchFields | undefined): ChannelFailure | undefined {
    const { identity } = this.options
    const problem =
      header === undefined
        ? 'shorter than a batch header'
        : problemWithBatch(batch, header, identity)
    if (header === undefined || problem !== undefined) {
      const { failure } = fail('CORRUPT_BATCH', problem ?? '')
      return refusal(failure, this.index, header?.baseSequence)
    }
    const { baseSequence } = header
    const count = header.lastOffsetDelta + 1
    const resent = this.admit(baseSequence, count)
    if (typeof resent !== 'number') return resent
    if (resent === count) return undefined
    if (resent > 0) return outOfOrder(this.index, baseSequence, this.next)
    this.flush()
    this.next = sequenceAfter(baseSequence, count)
    this.send({ bytes: batch, baseSequence, count })
    return undefined
  }

  private send({ bytes, baseSequence, count }: TakenBatch): void {
    const { remote, durability, ackTimeoutMs: timeoutMs, sent } = this.options
    const acks = durability === 'all' ? 'all' : 'leader'
    const produced = remote.produce(bytes, { acks, timeoutMs })
    const stored = produced.then((outcome) => this.settled(outcome, baseSequence, count))
    sent({ partition: this.index, baseSequence, count, stored })
  }

  // The leader knows other sequences than this channel: the identity wrote by another way meanwhile. Whoever takes
  // it up again is told what is stored.
  private settled(outcome: Outcome<number>, baseSequence: number, count: number): Outcome<number> {
    if (outcome.ok) {
      this.ranges.add(baseSequence, count, outcome.value)
      this.acknowledged = sequenceAfter(baseSequence, count)
      return outcome
    }
    const { code, message } = outcome.failure
    const isOvertaken = code === 'OUT_OF_ORDER_SEQUENCE' || code === 'DUPLICATE_SEQUENCE'
    return isOvertaken ? fail('NOT_LEADER', `begin again: ${message}`) : outcome
  }

  // What is on its way is acknowledged when it has arrived, whoever sent it twice.
  private reportResend(baseSequence: number, count: number): void {
    const known = Math.min(count, sequenceDistance(this.acknowledged, baseSequence))
    if (known <= 0) return
    const value = this.ranges.find(baseSequence, known)
    const stored = Promise.resolve({ ok: true, value } as const)
    this.options.sent({ partition: this.index, baseSequence, count: known, stored })
  }
}
