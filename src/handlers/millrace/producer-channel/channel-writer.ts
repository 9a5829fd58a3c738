// How a producer channel writes to one of its partitions, here or at another broker.
import { type Failure, fail } from '../../../base/errors.js'
import type { Identity } from '../../../protocol/millrace/messages.js'
import { type ChannelFailure, channelFailure } from '../channel.js'
import type { BatchFields } from './batch-fields.js'
import type { PackedRecord } from './packed-record.js'

export interface ChannelWriter {
  /**
   * How many of `count` records from `sequence` on are resends, to be skipped; those that are stored
   * already are reported so. A failure when records before them are missing.
   */
  admit(sequence: number, count: number): number | ChannelFailure
  /** Takes the next record; its key and value may be views that die with the call. */
  pack(record: PackedRecord): ChannelFailure | undefined
  /** Stores what was packed in this turn. */
  flush(): ChannelFailure | undefined
  /** Stores a whole batch of the client's; it may be a view that dies with the call. */
  appendBatch(batch: Uint8Array, header: BatchFields | undefined): ChannelFailure | undefined
}

/** What a channel does not let through to any log. */
export function problemWithBatch(
  batch: Uint8Array,
  header: BatchFields,
  { producerId, epoch }: Pick<Identity, 'producerId' | 'epoch'>,
): string | undefined {
  if (header.magic !== 2) return `the record batch has format ${header.magic}, not 2`
  if (header.sizeBytes !== batch.length) {
    return `the record batch says ${header.sizeBytes} bytes and has ${batch.length}`
  }
  if (header.lastOffsetDelta < 0) return 'the record batch has no records'
  if (header.producerId !== producerId || header.producerEpoch !== epoch) {
    return "the record batch does not carry the channel's producer id and epoch"
  }
  return header.baseSequence < 0 ? 'the record batch has no base sequence' : undefined
}

export function refusal(
  failure: Failure,
  partition: number,
  sequence: number | undefined,
): ChannelFailure {
  return channelFailure(failure, sequence === undefined ? { partition } : { partition, sequence })
}

export function outOfOrder(partition: number, sequence: number, expected: number): ChannelFailure {
  const message = `sequence ${sequence} came where ${expected} was expected`
  const place = { partition, sequence, expected }
  return channelFailure(fail('OUT_OF_ORDER_SEQUENCE', message).failure, place)
}
