// Every measured run starts from the same state of memory and disk. What the run before it left
// unwritten is written first. And a run that writes gigabytes takes that much memory for the page cache:
// where a hypervisor has taken free memory back, each first touch of a page waits for the host, which
// says nothing about the target.
import { execFileSync } from 'node:child_process'
import { freemem } from 'node:os'
import { runOrFail } from '../../test/support/processes.js'
import { compiled } from './targets.js'

/** Beside the volume: what client and broker hold in flight. */
const BESIDE_MIB = 1536
const MIB = 2 ** 20

let toucher: string | undefined

/** Writes out what is dirty, and sees that the memory is there that a run of `volumeBytes` takes. */
export async function settle(volumeBytes: number): Promise<void> {
  execFileSync('sync')
  toucher ??= compiled('touch_memory')
  const wantedMib = Math.ceil((1.25 * volumeBytes) / MIB) + BESIDE_MIB
  const mib = Math.min(wantedMib, Math.floor((0.8 * freemem()) / MIB))
  await runOrFail(toucher, [String(mib)])
}
