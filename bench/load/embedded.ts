// The embedded producer: appends on the application's own thread, 100 records of 100 B a batch. Prints
// records a second and the longest stall of the event loop, each policy after an equal unmeasured run.
// Usage: node dist/bench/load/embedded.js [seconds] [mmap|pwrite]
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createBroker } from '../../src/embed.js'

const RECORDS_PER_BATCH = 100
const VALUE = Buffer.alloc(100, 'x')
/** The application does other things as well: it yields this often. */
const TURN_MS = 5

interface Measured {
  readonly flush: 'os' | 'group'
  readonly recordsPerSecond: number
  readonly acknowledged: number
  readonly longestStallMs: number
  readonly stallP999Ms: number
}

async function run(flush: 'os' | 'group', seconds: number): Promise<Measured> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const broker = await createBroker({
    data,
    flush,
    settings: { 'log.write.mode': process.argv[3] ?? 'mmap' },
  })
  try {
    await broker.createTopic('bench', { partitions: 4 })
    const records = Array.from({ length: RECORDS_PER_BATCH }, () => ({ value: VALUE }))
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const begunMs = performance.now()
    const endMs = begunMs + seconds * 1000
    let batches = 0
    let acknowledged = 0
    const onAcknowledged = () => {
      acknowledged += RECORDS_PER_BATCH
    }
    while (performance.now() < endMs) {
      const turnEndMs = performance.now() + TURN_MS
      while (performance.now() < turnEndMs) {
        broker.append('bench', batches++ % 4, records, { onAcknowledged })
      }
      await new Promise(setImmediate)
    }
    const elapsedSeconds = (performance.now() - begunMs) / 1000
    delay.disable()
    return {
      flush,
      recordsPerSecond: Math.round((batches * RECORDS_PER_BATCH) / elapsedSeconds),
      acknowledged,
      longestStallMs: delay.max / 1e6,
      stallP999Ms: delay.percentile(99.9) / 1e6,
    }
  } finally {
    await broker.close()
    rmSync(data, { recursive: true, force: true })
  }
}

const seconds = Number(process.argv[2] ?? 5)
for (const flush of ['os', 'group'] as const) {
  await run(flush, seconds)
  process.stdout.write(`${JSON.stringify(await run(flush, seconds))}\n`)
}
