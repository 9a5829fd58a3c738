// Record batches as clients send them, and as they should not.
import { systemClock } from '../../../src/base/clock.js'
import { crc32c } from '../../../src/log/log.js'
import { type BatchOptions, makeBatch, type TestRecord } from '../../log/batches.js'

/** Both brokers get the same; young enough for every retention. */
export const NOW_MS = systemClock.wallMs() - 60_000

export function batchOf(values: readonly string[], options: BatchOptions = {}): Uint8Array {
  const records: TestRecord[] = values.map((value, at) => ({ key: `k${at}`, value }))
  return makeBatch(records, { timestampMs: NOW_MS, ...options })
}

/** The batch with some bytes changed and its CRC made right again. */
export function altered(batch: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = batch.slice()
  const view = new DataView(copy.buffer)
  change(view)
  view.setUint32(17, crc32c(copy.subarray(21)))
  return copy
}

/** The same with a wrong CRC. */
export function broken(batch: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = batch.slice()
  change(new DataView(copy.buffer))
  return copy
}
