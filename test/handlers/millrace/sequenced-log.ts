// The in-memory stand-in for a log, with what a producer's sequences need: base offsets and epochs are
// written into the batches, and resends are told from gaps by the five last batches, as the native log
// does.
import type { Appended, AppendFailed, ProducerStateView } from '../../../src/log/types.js'
import { sequenceAfter } from '../../../src/protocol/millrace/sequence.js'
import { readBatchHeader } from '../../../src/protocol/records/batch-header.js'
import { type ReadRecord, readRecords } from '../../../src/protocol/records/read-records.js'
import { MemoryLog } from '../../partition/memory-log.js'

interface RememberedBatch {
  readonly baseSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
}

const REMEMBERED_BATCHES = 5

export class SequencedLog extends MemoryLog {
  private readonly remembered = new Map<number, RememberedBatch[]>()

  override append(given: Uint8Array | readonly Uint8Array[]): Appended | AppendFailed {
    const batch = given instanceof Uint8Array ? given.slice() : Buffer.concat(given)
    const { producerId, baseSequence, count } = readBatchHeader(batch)
    // The real one checks all of it too, before a byte is stored.
    for (const _ of readRecords(batch));
    if (producerId < 0) return this.store(batch)
    const known = this.remembered.get(producerId) ?? []
    const lastSequence = sequenceAfter(baseSequence, count - 1)
    const twin = known.find(
      (b) => b.baseSequence === baseSequence && b.lastSequence === lastSequence,
    )
    if (twin !== undefined) return { ...this.answer(twin), duplicate: true }
    const last = known.at(-1)
    const expected = last === undefined ? 0 : sequenceAfter(last.lastSequence, 1)
    if (last !== undefined && baseSequence !== expected) {
      const message = `sequence ${baseSequence} where ${expected} was expected`
      return {
        ok: false,
        failure: { code: 'OUT_OF_ORDER_SEQUENCE', message },
        recordIndex: -1,
      }
    }
    const outcome = this.store(batch)
    if (outcome.ok) {
      const { baseOffset, lastOffset } = outcome
      known.push({ baseSequence, lastSequence, baseOffset, lastOffset })
      this.remembered.set(producerId, known.slice(-REMEMBERED_BATCHES))
    }
    return outcome
  }

  override producers(): readonly ProducerStateView[] {
    return [...this.remembered].map(([producerId, batches]) => ({
      producerId,
      producerEpoch: 0,
      lastSequence: batches.at(-1)?.lastSequence ?? -1,
      lastTimestampMs: 0,
      coordinatorEpoch: -1,
      currentTxnFirstOffset: -1,
    }))
  }

  /** As if the producers had been silent for too long. */
  forgetProducers(): void {
    this.remembered.clear()
  }

  records(): ReadRecord[] {
    return this.batches.flatMap(({ bytes }) => [...readRecords(bytes)])
  }

  values(): string[] {
    return this.records().map(({ value }) => new TextDecoder().decode(value ?? new Uint8Array()))
  }

  private store(batch: Uint8Array): Appended | AppendFailed {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
    view.setBigInt64(0, BigInt(this.end))
    view.setInt32(12, this.epoch)
    return super.append(batch)
  }

  private answer(batch: RememberedBatch): Appended {
    const { baseOffset, lastOffset } = batch
    const logStartOffset = this.start
    return {
      ok: true,
      baseOffset,
      lastOffset,
      logAppendTimeMs: -1,
      logStartOffset,
      duplicate: true,
    }
  }
}
