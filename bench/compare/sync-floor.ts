// What the disk itself takes.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { temporaryDirectory } from '../../test/support/broker.js'
import { compiled } from './targets.js'

const LASTS_SECONDS = 15
const RECORD_BYTES = 1024
const BACK_TO_BACK = 4096

/** What one fdatasync of a small write takes on this disk, at the median, now; rate 0: back to back. */
export function syncMilliseconds(perSecond: number): number {
  const file = join(temporaryDirectory(), 'floor')
  const records = perSecond === 0 ? BACK_TO_BACK : Math.min(BACK_TO_BACK, LASTS_SECONDS * perSecond)
  const sizes = [records * RECORD_BYTES, RECORD_BYTES, RECORD_BYTES]
  const floor = [file, ...sizes.map(String), `${perSecond}`]
  const printed = execFileSync(compiled('sync_floor'), floor)
  return (JSON.parse(printed.toString()) as { syncP50Ms: number }).syncP50Ms
}
