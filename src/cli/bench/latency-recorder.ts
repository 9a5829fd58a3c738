// shell: measures time and waits. An open loop: a record is due at its time whether or not those before
// it were answered, and its latency counts from then, so that a stall counts against every record that
// it delayed (no coordinated omission).
import { build, type Histogram } from 'hdr-histogram-js'
import type { LatencyResult, Transport } from './plan.js'

const MICROSECONDS = 1000
const HIGHEST_MICROSECONDS = 600_000_000
const PERCENTILES = [0, 10, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100]
const START_AFTER_MS = 200

export class LatencyRecorder {
  private readonly histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_MICROSECONDS,
    numberOfSignificantValueDigits: 3,
  })
  private count = 0

  /** A record that was due at `dueMs` (performance.now()) has arrived now. */
  record(dueMs: number): void {
    const microseconds = Math.round((performance.now() - dueMs) * MICROSECONDS)
    this.histogram.recordValue(Math.min(HIGHEST_MICROSECONDS, Math.max(1, microseconds)))
    this.count++
  }

  /** Calls `send` for each of `total` records when it is due; resolves when all are answered. */
  async atRate(rate: number, total: number, send: (dueMs: number) => Promise<void>): Promise<void> {
    const begin = performance.now() + START_AFTER_MS
    const unanswered: Promise<void>[] = []
    for (let next = 0; next < total; ) {
      const due = Math.min(total, Math.floor(((performance.now() - begin) * rate) / 1000) + 1)
      for (; next < due; next++) unanswered.push(send(begin + (next * 1000) / rate))
      await new Promise((resolve) => setImmediate(resolve))
    }
    await Promise.all(unanswered)
  }

  result(transport: Transport, rate: number): LatencyResult {
    return {
      kind: 'latency',
      transport,
      rate,
      records: this.count,
      percentiles: PERCENTILES.map((percentile) => ({
        percentile,
        valueMs: this.histogram.getValueAtPercentile(percentile) / MICROSECONDS,
      })),
    }
  }
}
