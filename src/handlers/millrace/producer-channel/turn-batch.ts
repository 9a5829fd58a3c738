// The records of one turn for one partition, on their way into one batch.
import type { Identity } from '../../../protocol/millrace/messages.js'
import type { RecordBatchBuilder } from '../../../protocol/records/record-batch-builder.js'
import type { BuilderPool } from './builder-pool.js'
import { largestSizeOf, type PackedRecord } from './packed-record.js'

export interface TurnBatchOptions {
  readonly identity: Pick<Identity, 'producerId' | 'epoch'>
  /** A batch is closed before the turn ends when it would get bigger. */
  readonly maxBatchBytes: number
  readonly builders: BuilderPool
}

export interface TakenBatch {
  /** A view that is written over when take() has returned. */
  readonly bytes: Uint8Array
  readonly baseSequence: number
  readonly count: number
}

export class TurnBatch {
  private builder: RecordBatchBuilder | undefined
  private baseSequence = 0

  constructor(private readonly options: TurnBatchOptions) {}

  /** False: take what there is first. */
  hasRoomFor(record: PackedRecord): boolean {
    if (this.builder === undefined) return true
    return this.builder.sizeBytes + largestSizeOf(record) <= this.options.maxBatchBytes
  }

  /** Its key and value may be views that die with the call. */
  add({ key, value, headers, timestampMs }: PackedRecord, sequence: number): void {
    if (this.builder === undefined) {
      this.builder = this.options.builders.take()
      this.baseSequence = sequence
    }
    this.builder.append(key, value, headers, timestampMs)
  }

  /** Hands it over, if there is anything, and begins anew. */
  take<T>(store: (batch: TakenBatch) => T): T | undefined {
    const { builder, baseSequence } = this
    if (builder === undefined) return undefined
    this.builder = undefined
    const { identity, builders } = this.options
    const { count, sizeBytes } = builder
    const { producerId, epoch: producerEpoch } = identity
    const bytes = builder.buildInPlace({ producerId, producerEpoch, baseSequence })
    const stored = store({ bytes, baseSequence, count })
    builders.giveBack(builder, sizeBytes)
    return stored
  }
}
