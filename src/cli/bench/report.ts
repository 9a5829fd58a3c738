// The results for a terminal.
import { table } from '../table.js'
import type { BenchResult, LatencyResult } from './plan.js'

export function report(results: readonly BenchResult[], flush: string): string {
  const rows = results.map((result) => {
    if (result.kind === 'latency')
      return [result.kind, result.transport, flush, '', '', latencies(result)]
    const rate = Math.round(result.records / result.seconds).toLocaleString('en')
    const megabytes = (result.bytes / result.seconds / 1e6).toFixed(1)
    return [result.kind, result.transport, flush, rate, megabytes, '']
  })
  return table(['WHAT', 'OVER', 'FLUSH', 'RECORDS/S', 'MB/S', 'LATENCY'], rows)
}

function latencies(result: LatencyResult): string {
  const at = (percentile: number) => {
    const found = result.percentiles.find((p) => p.percentile === percentile)
    return `p${percentile} ${found === undefined ? '?' : found.valueMs.toFixed(2)}`
  }
  return `${[50, 99, 99.9].map(at).join('  ')} ms at ${result.rate.toLocaleString('en')}/s`
}
