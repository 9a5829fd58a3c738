// The broker inside the application's process: how many records a second one thread appends.
import { fileURLToPath } from 'node:url'
import { runOrFail } from '../../../test/support/processes.js'
import { median } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'

const LEAST = 500_000
const SECONDS = 5
const program = fileURLToPath(new URL('../../load/embedded.js', import.meta.url))

interface Measured {
  readonly flush: 'os' | 'group'
  readonly recordsPerSecond: number
  readonly longestStallMs: number
}

export async function embedded({ rounds, writeMode, scale }: Options): Promise<Row[]> {
  const measured: Measured[] = []
  const seconds = SECONDS * scale
  for (let round = 0; round < rounds; round++) {
    const { stdout } = await runOrFail(process.execPath, [program, `${seconds}`, writeMode])
    const lines = stdout.toString().trim().split('\n')
    measured.push(...lines.map((line) => JSON.parse(line) as Measured))
  }
  const volume = `${seconds} s, ${rounds} rounds`
  return (['os', 'group'] as const).flatMap((flush) => {
    const runs = measured.filter((result) => result.flush === flush)
    const rate = median(runs.map((result) => result.recordsPerSecond))
    const stall = Math.max(...runs.map((result) => result.longestStallMs))
    const goal = { text: `≥ ${LEAST.toLocaleString('en')} records/s`, reached: rate >= LEAST }
    return [
      {
        scenario: 'embedded, 100 B in batches of 100',
        flush,
        figures: { Millrace: rate },
        unit: 'records/s',
        volume,
        ...(flush === 'os' ? { goal } : {}),
      },
      {
        scenario: "embedded, the event loop's longest stall",
        flush,
        figures: { Millrace: stall },
        unit: 'ms',
        volume,
      },
    ]
  })
}
