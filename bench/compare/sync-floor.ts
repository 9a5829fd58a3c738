// What the disk itself takes.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { temporaryDirectory } from '../../test/support/broker.js'
import { compiled } from './targets.js'

/** What one fdatasync of a small write takes on this disk, at the median, now; rate 0: back to back. */
export function syncMilliseconds(perSecond: number): number {
  const file = join(temporaryDirectory(), 'floor')
  const floor = [file, `${4 << 20}`, '1024', '1024', `${perSecond}`]
  const printed = execFileSync(compiled('sync_floor'), floor)
  return (JSON.parse(printed.toString()) as { syncP50Ms: number }).syncP50Ms
}
