// shell: polls for files. Preloaded into the threads of a broker under measurement, and into a process
// that does nothing: how late the event loop comes from the file `begin` to the file `end` in the folder
// of MILLRACE_BENCH_LOOP_DELAYS, where each thread then leaves its figures. At the 10 ms of the
// broker's own metric the p99.9 of ten seconds would be the single latest turn.
import { existsSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { workerData } from 'node:worker_threads'

export interface LoopDelay {
  readonly thread: string
  readonly p999Ms: number
  readonly maxMs: number
  readonly turns: number
}

const RESOLUTION_MS = 1
const POLL_MS = 100

const folder = process.env.MILLRACE_BENCH_LOOP_DELAYS
const name =
  (workerData as { setup?: { name?: string } } | null)?.setup?.name ??
  process.env.MILLRACE_BENCH_LOOP_NAME
if (folder !== undefined && name !== undefined) watch(folder, name)

function watch(folder: string, thread: string): void {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  let running = false
  const poll = () => {
    if (!running && existsSync(join(folder, 'begin'))) {
      running = histogram.enable()
    } else if (running && existsSync(join(folder, 'end'))) {
      running = false
      histogram.disable()
      leave(folder, {
        thread,
        p999Ms: late(histogram.percentile(99.9)),
        maxMs: late(histogram.max),
        turns: histogram.count,
      })
      histogram.reset()
    }
  }
  setInterval(poll, POLL_MS).unref()
}

/** The histogram measures whole ticks: a loop that is never late shows the resolution itself. */
function late(nanoseconds: number): number {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
}

function leave(folder: string, figures: LoopDelay): void {
  const path = join(folder, `${figures.thread}.json`)
  writeFileSync(`${path}.part`, JSON.stringify(figures))
  renameSync(`${path}.part`, path)
}
