// Watches this thread's event loop and garbage collector, and writes what it sees into its metrics.
import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks'
import type { Clock } from '../base/clock.js'
import type { GcKind, WorkerMetrics } from './worker-metrics.js'

const RESOLUTION_MS = 10
const PERIOD_MS = 10_000
const NANOSECONDS = 1e9

const kindOf: ReadonlyMap<number, GcKind> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** Returns how to stop. */
export function observeThread(metrics: WorkerMetrics, clock: Clock): () => void {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  // The histogram measures whole ticks: a loop that is never late shows the resolution itself.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds - RESOLUTION_MS * 1e6) / NANOSECONDS
  const timer = clock.every(PERIOD_MS, () => {
    metrics.setLoopDelay('delayP50', late(histogram.percentile(50)))
    metrics.setLoopDelay('delayP99', late(histogram.percentile(99)))
    metrics.setLoopDelay('delayP999', late(histogram.percentile(99.9)))
    metrics.setLoopDelay('delayMax', late(histogram.max))
    histogram.reset()
  })
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = kindOf.get(kindNumber(entry))
      if (kind !== undefined) metrics.garbageCollected(kind, entry.duration / 1000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => {
    timer.cancel()
    histogram.disable()
    observer.disconnect()
  }
}

function kindNumber(entry: PerformanceEntry): number {
  const { detail } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } }
  return detail?.kind ?? -1
}
