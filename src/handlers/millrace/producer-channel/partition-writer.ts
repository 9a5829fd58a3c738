// One partition of a producer channel: puts what arrives in order of sequence into the log, and says
// what is stored. Records of one turn become one batch; whole batches go in as they are.
import { fail } from '../../../base/errors.js'
import type { Appended, AppendFailed } from '../../../log/types.js'
import type { Partition } from '../../../partition/partition.js'
import type { Identity } from '../../../protocol/millrace/messages.js'
import { sequenceAfter, sequenceDistance } from '../../../protocol/millrace/sequence.js'
import { readRecords } from '../../../protocol/records/read-records.js'
import type { ChannelFailure } from '../channel.js'
import type { BatchFields } from './batch-fields.js'
import type { BuilderPool } from './builder-pool.js'
import { type ChannelWriter, outOfOrder, problemWithBatch, refusal } from './channel-writer.js'
import type { PackedRecord } from './packed-record.js'
import { StoredRanges } from './stored-ranges.js'
import { TurnBatch } from './turn-batch.js'

const NO_OFFSET = -1

export interface StoredBatch {
  readonly partition: number
  readonly baseSequence: number
  readonly count: number
  /** -1: stored earlier, at an offset that is not known any more. */
  readonly baseOffset: number
  /** The ack waits for everything below this offset. */
  readonly awaitOffset: number
}

export interface PartitionWriterOptions {
  readonly partition: Partition
  readonly identity: Identity
  readonly nextSequence: number
  /** A batch is closed before the turn ends when it would get bigger. */
  readonly maxBatchBytes: number
  readonly builders: BuilderPool
  stored(batch: StoredBatch): void
}

export class PartitionWriter implements ChannelWriter {
  private next: number
  private readonly turn: TurnBatch
  private readonly ranges = new StoredRanges()

  constructor(private readonly options: PartitionWriterOptions) {
    this.next = options.nextSequence
    this.turn = new TurnBatch(options)
  }

  get partition(): Partition {
    return this.options.partition
  }

  admit(sequence: number, count: number): number | ChannelFailure {
    const ahead = sequenceDistance(sequence, this.next)
    if (ahead > 0) return outOfOrder(this.partition.index, sequence, this.next)
    const resent = Math.min(count, -ahead)
    if (resent > 0) {
      const failure = this.flush()
      if (failure !== undefined) return failure
      this.reportResend(sequence, resent)
    }
    return resent
  }

  pack(record: PackedRecord): ChannelFailure | undefined {
    const failure = this.turn.hasRoomFor(record) ? undefined : this.flush()
    if (failure !== undefined) return failure
    this.turn.add(record, this.next)
    this.next = sequenceAfter(this.next, 1)
    return undefined
  }

  flush(): ChannelFailure | undefined {
    return this.turn.take(({ bytes, baseSequence, count }) => {
      const outcome = this.partition.append(bytes)
      if (!outcome.ok) return this.appendMissing(bytes, baseSequence, outcome)
      this.report(baseSequence, count, outcome)
      return undefined
    })
  }

  appendBatch(batch: Uint8Array, header: BatchFields | undefined): ChannelFailure | undefined {
    const { identity } = this.options
    const problem =
      header === undefined
        ? 'shorter than a batch header'
        : problemWithBatch(batch, header, identity)
    if (header === undefined || problem !== undefined) {
      return this.refuse(fail('CORRUPT_BATCH', problem ?? '').failure, header?.baseSequence)
    }
    const count = header.lastOffsetDelta + 1
    const resent = this.admit(header.baseSequence, count)
    if (typeof resent !== 'number') return resent
    if (resent === count) return undefined
    if (resent > 0) return outOfOrder(this.partition.index, header.baseSequence, this.next)
    const flushFailure = this.flush()
    if (flushFailure !== undefined) return flushFailure
    const outcome = this.partition.append(batch)
    if (!outcome.ok) {
      const known = this.resentByAnother(header.baseSequence, count, outcome)
      return known === count ? undefined : this.refuseAppend(header.baseSequence, outcome)
    }
    this.next = sequenceAfter(header.baseSequence, count)
    this.report(header.baseSequence, count, outcome)
    return undefined
  }

  // The identity wrote on another connection meanwhile, one that was lost: the log knows more of it
  // than this channel. What it has is not written again.
  private appendMissing(
    batch: Uint8Array,
    baseSequence: number,
    outcome: AppendFailed,
  ): ChannelFailure | undefined {
    const records = [...readRecords(batch, { crc32c: 'unchecked' })]
    const count = records.length
    const known = this.resentByAnother(baseSequence, count, outcome)
    if (known === count) return undefined
    if (known === 0) return this.refuseAppend(baseSequence, outcome)
    const missingFrom = sequenceAfter(baseSequence, known)
    const builder = this.options.builders.take()
    for (const { key, value, headers, timestampMs } of records.slice(known)) {
      builder.append(key, value, headers, timestampMs)
    }
    const { sizeBytes } = builder
    const { producerId, epoch: producerEpoch } = this.options.identity
    const again = this.partition.append(
      builder.buildInPlace({ producerId, producerEpoch, baseSequence: missingFrom }),
    )
    this.options.builders.giveBack(builder, sizeBytes)
    if (!again.ok) return this.refuseAppend(missingFrom, again)
    this.report(missingFrom, count - known, again)
    return undefined
  }

  private resentByAnother(baseSequence: number, count: number, outcome: AppendFailed): number {
    const { code } = outcome.failure
    if (code !== 'OUT_OF_ORDER_SEQUENCE' && code !== 'DUPLICATE_SEQUENCE') return 0
    const last = lastSequenceOf(this.partition, this.options.identity.producerId)
    if (last === undefined) return 0
    const known = Math.min(count, sequenceDistance(last, baseSequence) + 1)
    if (known <= 0) return 0
    this.next = sequenceAfter(baseSequence, count)
    this.options.stored({
      partition: this.partition.index,
      baseSequence,
      count: known,
      baseOffset: NO_OFFSET,
      awaitOffset: this.partition.log.state().logEndOffset,
    })
    return known
  }

  private report(baseSequence: number, count: number, appended: Appended): void {
    const { baseOffset, lastOffset } = appended
    this.ranges.add(baseSequence, count, baseOffset)
    this.options.stored({
      partition: this.partition.index,
      baseSequence,
      count,
      baseOffset,
      awaitOffset: lastOffset + 1,
    })
  }

  private reportResend(baseSequence: number, count: number): void {
    const baseOffset = this.ranges.find(baseSequence, count)
    const awaitOffset =
      baseOffset === NO_OFFSET ? this.partition.log.state().logEndOffset : baseOffset + count
    const partition = this.partition.index
    this.options.stored({ partition, baseSequence, count, baseOffset, awaitOffset })
  }

  private refuseAppend(baseSequence: number, outcome: AppendFailed): ChannelFailure {
    if (outcome.failure.code === 'OUT_OF_ORDER_SEQUENCE') {
      const last = lastSequenceOf(this.partition, this.options.identity.producerId)
      this.next = last === undefined ? 0 : sequenceAfter(last, 1)
      return outOfOrder(this.partition.index, baseSequence, this.next)
    }
    return this.refuse(
      outcome.failure,
      sequenceAfter(baseSequence, Math.max(outcome.recordIndex, 0)),
    )
  }

  private refuse(failure: AppendFailed['failure'], sequence: number | undefined): ChannelFailure {
    return refusal(failure, this.partition.index, sequence)
  }
}

/** What the log remembers of a producer. */
export function lastSequenceOf(partition: Partition, producerId: number): number | undefined {
  const state = partition.log.producers().find((producer) => producer.producerId === producerId)
  return state === undefined || state.lastSequence < 0 ? undefined : state.lastSequence
}
