// What waits to be sent or acknowledged, counted by record so that the count does not depend on how
// records are batched; and what is refused before it gets there.
import { MAX_RECORD_BYTES } from '../../protocol/millrace/limits.js'
import { BufferFullError, MillraceError } from '../errors.js'
import { Waiters } from '../waiters.js'
import type { Waiter } from './outgoing-batch.js'
import type { EncodedRecord } from './partition-queue.js'

/** For what a record takes beside its key and value. */
const RECORD_COST_BYTES = 64

export class SendBuffer {
  private bytes = 0
  private readonly readies = new Waiters()

  constructor(private readonly maxBytes: number) {}

  /** Resolves when there is room. */
  ready(): Promise<void> {
    return this.bytes < this.maxBytes ? Promise.resolve() : this.readies.wait()
  }

  problemWith(record: EncodedRecord, partition: number, partitions: number) {
    if (this.bytes > 2 * this.maxBytes) return new BufferFullError(this.maxBytes)
    if (!isIndex(partition, partitions)) {
      return new MillraceError(
        'invalid-partition',
        `there is no partition ${partition}: the topic has ${partitions}, counted from 0`,
      )
    }
    if (!isIndex(record.timestampMs, Number.MAX_SAFE_INTEGER)) {
      const problem = `timestamp ${record.timestampMs} is not allowed`
      return new MillraceError('invalid-timestamp', problem)
    }
    const sizeBytes = sizeOf(record)
    if (sizeBytes > MAX_RECORD_BYTES) {
      const problem = `the record has ${sizeBytes} bytes of at most ${MAX_RECORD_BYTES}`
      return new MillraceError('record-too-large', problem)
    }
    return undefined
  }

  /** Counts the record until the returned waiter is told what became of it. */
  count(record: EncodedRecord, waiter: Waiter): Waiter {
    const bytes = RECORD_COST_BYTES + sizeOf(record)
    this.bytes += bytes
    return {
      resolve: (acknowledgement) => {
        this.bytes -= bytes
        waiter.resolve(acknowledgement)
      },
      reject: (error) => {
        this.bytes -= bytes
        waiter.reject(error)
      },
    }
  }

  /** Tells those who wait for room. */
  settle(): void {
    if (this.bytes < this.maxBytes) this.readies.resolve()
  }

  abandon(error: MillraceError): void {
    this.readies.reject(error)
  }
}

function sizeOf({ key, value }: EncodedRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0)
}

function isIndex(value: number, count: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < count
}
