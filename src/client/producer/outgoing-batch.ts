// A record batch from when it is closed until its last record is acknowledged. It is built once and
// resent as it is; only when sequences shift is its header written anew.
import { sequenceAfter } from '../../protocol/millrace/sequence.js'
import { position } from '../../protocol/records/batch-format.js'
import { crc32c } from '../../protocol/records/crc32c.js'
import { readRecords } from '../../protocol/records/read-records.js'
import { RecordBatchBuilder } from '../../protocol/records/record-batch-builder.js'
import type { MillraceError } from '../errors.js'
import type { Acknowledgement } from '../options.js'

export interface Waiter {
  resolve(acknowledgement: Acknowledgement): void
  reject(error: MillraceError): void
}

export interface WriterIdentity {
  readonly producerId: number
  readonly epoch: number
}

export class OutgoingBatch {
  /** Sent on some connection: whether it is stored is unknown until an answer. */
  wasSent = false
  /** In the log already: only its ack is missing. */
  isStored = false

  constructor(
    public bytes: Uint8Array,
    public baseSequence: number,
    /** One for each record that is not acknowledged; the last record's last. */
    public waiters: Waiter[],
  ) {}

  get count(): number {
    return this.waiters.length
  }

  get lastSequence(): number {
    return sequenceAfter(this.baseSequence, this.count - 1)
  }

  /** Other numbers, and perhaps another writer. */
  stamp(identity: WriterIdentity, baseSequence: number): void {
    const view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length)
    view.setBigInt64(position.producerId, BigInt(identity.producerId))
    view.setInt16(position.producerEpoch, identity.epoch)
    view.setInt32(position.baseSequence, baseSequence)
    view.setUint32(position.crc, crc32c(this.bytes, position.attributes))
    this.baseSequence = baseSequence
  }

  /** Both halves of what was refused as too large, as batches that were never sent; they are stamped later. */
  halves(): readonly [OutgoingBatch, OutgoingBatch] {
    const half = Math.ceil(this.count / 2)
    const records = [...readRecords(this.bytes, { crc32c: 'unchecked' })]
    const part = (from: number, to: number) => {
      const builder = new RecordBatchBuilder()
      for (const { key, value, headers, timestampMs } of records.slice(from, to)) {
        builder.append(key, value, headers, timestampMs)
      }
      const baseSequence = sequenceAfter(this.baseSequence, from)
      return new OutgoingBatch(builder.build(), baseSequence, this.waiters.slice(from, to))
    }
    return [part(0, half), part(half, this.count)]
  }
}
