// Builders of record batches, used again: a turn needs as many as partitions were written to in it.
import type { Crc32c } from '../../../protocol/records/batch-format.js'
import { RecordBatchBuilder } from '../../../protocol/records/record-batch-builder.js'

const MAX_IDLE = 64
/** A builder whose memory grew beyond it is not kept. */
const MAX_IDLE_BYTES = 1024 * 1024

export class BuilderPool {
  private readonly idle: RecordBatchBuilder[] = []

  constructor(private readonly crc32c: Crc32c) {}

  take(): RecordBatchBuilder {
    return this.idle.pop() ?? new RecordBatchBuilder({ crc32c: this.crc32c })
  }

  /** After its batch of `sizeBytes` was stored. */
  giveBack(builder: RecordBatchBuilder, sizeBytes: number): void {
    builder.reset()
    if (this.idle.length < MAX_IDLE && sizeBytes <= MAX_IDLE_BYTES) this.idle.push(builder)
  }
}
