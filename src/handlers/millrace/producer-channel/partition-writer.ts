// One partition of a producer channel: puts what arrives in order of sequence into the log, and says
// what is stored. Records of one turn become one batch; whole batches go in as they are.
import { fail } from '../../../base/errors.js'
import type { Appended, AppendFailed } from '../../../log/types.js'
import type { Partition } from '../../../partition/partition.js'
import { sequenceAfter, sequenceDistance } from '../../../protocol/millrace/sequence.js'
import { readRecords } from '../../../protocol/records/read-records.js'
import type { RecordBatchBuilder } from '../../../protocol/records/record-batch-builder.js'
import { type ChannelFailure, channelFailure } from '../channel.js'
import type { BatchFields } from './batch-fields.js'
import type { BuilderPool } from './builder-pool.js'
import { largestSizeOf, type PackedRecord } from './packed-record.js'
import { StoredRanges } from './stored-ranges.js'

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
  readonly producerId: number
  readonly producerEpoch: number
  readonly nextSequence: number
  /** A batch is closed before the turn ends when it would get bigger. */
  readonly maxBatchBytes: number
  readonly builders: BuilderPool
  stored(batch: StoredBatch): void
}

export class PartitionWriter {
  private next: number
  private builder: RecordBatchBuilder | undefined
  private packedFrom = 0
  private readonly ranges = new StoredRanges()

  constructor(private readonly options: PartitionWriterOptions) {
    this.next = options.nextSequence
  }

  get partition(): Partition {
    return this.options.partition
  }

  /**
   * How many of `count` records from `sequence` on are resends, to be skipped; those that are in the
   * log already are reported as stored. A failure when records before them are missing.
   */
  admit(sequence: number, count: number): number | ChannelFailure {
    const ahead = sequenceDistance(sequence, this.next)
    if (ahead > 0) return this.outOfOrder(sequence)
    const resent = Math.min(count, -ahead)
    if (resent > 0) {
      const failure = this.flush()
      if (failure !== undefined) return failure
      this.reportResend(sequence, resent)
    }
    return resent
  }

  /** Takes the next record; its key and value may be views that die with the call. */
  pack(record: PackedRecord): ChannelFailure | undefined {
    if (this.builder !== undefined) {
      const sizeBytes = this.builder.sizeBytes + largestSizeOf(record)
      const failure = sizeBytes > this.options.maxBatchBytes ? this.flush() : undefined
      if (failure !== undefined) return failure
    }
    if (this.builder === undefined) {
      this.builder = this.options.builders.take()
      this.packedFrom = this.next
    }
    this.builder.append(record.key, record.value, record.headers, record.timestampMs)
    this.next = sequenceAfter(this.next, 1)
    return undefined
  }

  /** Appends what was packed in this turn. */
  flush(): ChannelFailure | undefined {
    const { builder } = this
    if (builder === undefined) return undefined
    this.builder = undefined
    const { count, sizeBytes } = builder
    const batch = this.build(builder, this.packedFrom)
    const outcome = this.partition.append(batch)
    let failure: ChannelFailure | undefined
    if (outcome.ok) this.report(this.packedFrom, count, outcome)
    else failure = this.appendMissing(batch, this.packedFrom, outcome)
    this.options.builders.giveBack(builder, sizeBytes)
    return failure
  }

  /** Appends a whole batch of the client's; it may be a view that dies with the call. */
  appendBatch(batch: Uint8Array, header: BatchFields | undefined): ChannelFailure | undefined {
    const problem = this.problemOf(batch, header)
    if (header === undefined || problem !== undefined) {
      return this.refuse(
        fail('CORRUPT_BATCH', problem ?? 'shorter than a batch header').failure,
        header?.baseSequence,
      )
    }
    const count = header.lastOffsetDelta + 1
    const resent = this.admit(header.baseSequence, count)
    if (typeof resent !== 'number') return resent
    if (resent === count) return undefined
    if (resent > 0) return this.outOfOrder(header.baseSequence)
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

  private problemOf(batch: Uint8Array, header: BatchFields | undefined): string | undefined {
    if (header === undefined) return undefined
    if (header.magic !== 2) return `the record batch has format ${header.magic}, not 2`
    if (header.sizeBytes !== batch.length) {
      return `the record batch says ${header.sizeBytes} bytes and has ${batch.length}`
    }
    if (header.lastOffsetDelta < 0) return 'the record batch has no records'
    const { producerId, producerEpoch } = this.options
    if (header.producerId !== producerId || header.producerEpoch !== producerEpoch) {
      return "the record batch does not carry the channel's producer id and epoch"
    }
    return header.baseSequence < 0 ? 'the record batch has no base sequence' : undefined
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
    const again = this.partition.append(this.build(builder, missingFrom))
    this.options.builders.giveBack(builder, sizeBytes)
    if (!again.ok) return this.refuseAppend(missingFrom, again)
    this.report(missingFrom, count - known, again)
    return undefined
  }

  private build(builder: RecordBatchBuilder, baseSequence: number): Uint8Array {
    const { producerId, producerEpoch } = this.options
    return builder.buildInPlace({ producerId, producerEpoch, baseSequence })
  }

  private resentByAnother(baseSequence: number, count: number, outcome: AppendFailed): number {
    const { code } = outcome.failure
    if (code !== 'OUT_OF_ORDER_SEQUENCE' && code !== 'DUPLICATE_SEQUENCE') return 0
    const last = lastSequenceOf(this.partition, this.options.producerId)
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

  private outOfOrder(sequence: number): ChannelFailure {
    const message = `sequence ${sequence} came where ${this.next} was expected`
    const place = { partition: this.partition.index, sequence, expected: this.next }
    return channelFailure(fail('OUT_OF_ORDER_SEQUENCE', message).failure, place)
  }

  private refuseAppend(baseSequence: number, outcome: AppendFailed): ChannelFailure {
    if (outcome.failure.code === 'OUT_OF_ORDER_SEQUENCE') {
      const last = lastSequenceOf(this.partition, this.options.producerId)
      this.next = last === undefined ? 0 : sequenceAfter(last, 1)
      return this.outOfOrder(baseSequence)
    }
    return this.refuse(
      outcome.failure,
      sequenceAfter(baseSequence, Math.max(outcome.recordIndex, 0)),
    )
  }

  private refuse(failure: AppendFailed['failure'], sequence: number | undefined): ChannelFailure {
    const partition = this.partition.index
    return channelFailure(failure, sequence === undefined ? { partition } : { partition, sequence })
  }
}

/** What the log remembers of a producer. */
export function lastSequenceOf(partition: Partition, producerId: number): number | undefined {
  const state = partition.log.producers().find((producer) => producer.producerId === producerId)
  return state === undefined || state.lastSequence < 0 ? undefined : state.lastSequence
}
