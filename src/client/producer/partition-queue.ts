// What waits for one partition: an open batch that takes records, then closed ones in order of their
// sequences until they are acknowledged.
import type { AckMessage } from '../../protocol/millrace/messages.js'
import { sequenceAfter, sequenceDistance } from '../../protocol/millrace/sequence.js'
import type { RecordHeader } from '../../protocol/records/batch-format.js'
import { RecordBatchBuilder } from '../../protocol/records/record-batch-builder.js'
import { type MillraceError, OutcomeUnknownError } from '../errors.js'
import { OutgoingBatch, type Waiter, type WriterIdentity } from './outgoing-batch.js'

/** A record's lengths and deltas take at most about this. */
const RECORD_OVERHEAD_BYTES = 40

export interface EncodedRecord {
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
  readonly timestampMs: number
}

export class PartitionQueue {
  /** The last one that was acknowledged. */
  acknowledged: number | undefined
  private readonly builder = new RecordBatchBuilder()
  private waiters: Waiter[] = []
  /** Closed, oldest first; the first `sent` of them are on the present connection. */
  private batches: OutgoingBatch[] = []
  private sent = 0
  private nextSequence = 0

  constructor(
    readonly partition: number,
    /** Shrinks when the broker's topic takes less. */
    private maxBatchBytes: number,
  ) {}

  get hasOpenRecords(): boolean {
    return this.waiters.length > 0
  }

  get isEmpty(): boolean {
    return this.waiters.length === 0 && this.batches.length === 0
  }

  get inFlight(): number {
    return this.sent
  }

  /** The next batch to send. */
  get unsent(): OutgoingBatch | undefined {
    return this.batches[this.sent]
  }

  /** True when a batch was closed because the record would not fit. */
  append(record: EncodedRecord, identity: WriterIdentity, waiter: Waiter): boolean {
    const { key, value, headers, timestampMs } = record
    const sizeBytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0)
    const isFull = this.builder.sizeBytes + sizeBytes > this.maxBatchBytes && this.hasOpenRecords
    if (isFull) this.close(identity)
    this.builder.append(key, value, headers, timestampMs)
    this.waiters.push(waiter)
    return isFull
  }

  /** Closes the open batch. */
  close(identity: WriterIdentity): void {
    if (!this.hasOpenRecords) return
    const { producerId, epoch: producerEpoch } = identity
    const baseSequence = this.nextSequence
    const bytes = this.builder.build({ producerId, producerEpoch, baseSequence })
    this.nextSequence = sequenceAfter(baseSequence, this.waiters.length)
    this.batches.push(new OutgoingBatch(bytes, baseSequence, this.waiters))
    this.waiters = []
  }

  markSent(batch: OutgoingBatch): void {
    batch.wasSent = true
    this.sent++
  }

  detach(): void {
    this.sent = 0
  }

  /** The channel is open again; `last` is what the log has. What is missing will be sent. */
  attach(identity: WriterIdentity, last: number | undefined): void {
    let index = 0
    if (last !== undefined) {
      for (; index < this.batches.length; index++) {
        const batch = this.batches[index]
        if (batch === undefined || !batch.wasSent) break
        // The broker stores a batch whole and acknowledges it whole.
        if (sequenceDistance(last, batch.lastSequence) < 0) break
        batch.isStored = true
      }
    }
    this.sent = index
    this.renumber(identity, last === undefined ? 0 : sequenceAfter(last, 1))
  }

  /** Resolves what an ack covers. */
  acknowledge(ack: AckMessage): void {
    const firstKnown = sequenceAfter(ack.sequence, 1 - ack.count)
    for (;;) {
      const batch = this.batches[0]
      if (batch === undefined || this.sent === 0) break
      if (sequenceDistance(ack.sequence, batch.lastSequence) < 0) break
      const { partition } = this
      const { durability } = ack
      batch.waiters.forEach((waiter, i) => {
        const into = sequenceDistance(sequenceAfter(batch.baseSequence, i), firstKnown)
        const offset = ack.baseOffset >= 0 && into >= 0 ? ack.baseOffset + into : undefined
        waiter.resolve({ partition, offset, durability })
      })
      this.batches.shift()
      this.sent--
    }
    if (this.acknowledged === undefined || sequenceDistance(ack.sequence, this.acknowledged) > 0) {
      this.acknowledged = ack.sequence
    }
  }

  /**
   * The batch with this sequence was refused; the others will be numbered anew. One that is too large
   * as a whole is sent again in halves: perhaps none of its records is.
   */
  refuse(sequence: number, error: MillraceError): void {
    const index = this.batches.findIndex((batch) => {
      const into = sequenceDistance(sequence, batch.baseSequence)
      return into >= 0 && into < batch.count
    })
    const [batch] = index < 0 ? [] : this.batches.splice(index, 1)
    if (batch !== undefined && batch.count > 1 && error.code === 'record-too-large') {
      this.maxBatchBytes = Math.min(this.maxBatchBytes, batch.bytes.length >>> 1)
      this.batches.splice(index, 0, ...batch.halves())
      return
    }
    for (const waiter of batch?.waiters ?? []) waiter.reject(error)
  }

  /** The identity is gone: nobody knows what became of what was sent. */
  forgetIdentity(error: OutcomeUnknownError): void {
    const unknown = this.batches.filter((batch) => batch.wasSent)
    this.batches = this.batches.filter((batch) => !batch.wasSent)
    this.sent = 0
    this.acknowledged = undefined
    for (const batch of unknown) for (const waiter of batch.waiters) waiter.reject(error)
  }

  /** Nothing will be sent any more. */
  abandon(error: MillraceError): void {
    const { batches, waiters } = this
    this.batches = []
    this.waiters = []
    this.builder.reset()
    const unknown = new OutcomeUnknownError(`${error.message}; it is unknown what was stored`)
    for (const batch of batches) {
      for (const waiter of batch.waiters) waiter.reject(batch.wasSent ? unknown : error)
    }
    for (const waiter of waiters) waiter.reject(error)
  }

  // The log's next sequence, from the first batch that it does not have. Nothing changes unless a batch
  // was refused or the identity is new.
  private renumber(identity: WriterIdentity, next: number): void {
    let expected = next
    for (const batch of this.batches) {
      if (batch.isStored) continue
      if (batch.baseSequence !== expected || !batch.wasSent) batch.stamp(identity, expected)
      expected = sequenceAfter(expected, batch.count)
    }
    this.nextSequence = expected
  }
}
