// The whole process as Prometheus' text.
import type { MetricFamily } from '../metrics/types.js'
import { WorkerMetrics, workerFamilies } from '../metrics/worker-metrics.js'
import { apiByKey } from '../protocol/messages/api-table.js'

/** `extra` is asked at each rendering. The renderer's library is loaded by the first one. */
export function metricsRenderer(
  shared: ReadonlyMap<string, SharedArrayBuffer>,
  extra: () => MetricFamily[],
): () => Promise<string> {
  const workers = Array.from(shared, ([name, buffer]) => ({
    name,
    metrics: new WorkerMetrics(buffer),
  }))
  return async () => {
    const { renderMetrics } = await import('../metrics/registry.js')
    return renderMetrics([...workerFamilies(workers, apiName), ...extra(), residentMemory()])
  }
}

function apiName(apiKey: number): string {
  return apiByKey(apiKey)?.name ?? 'unknown'
}

function residentMemory(): MetricFamily {
  return {
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the process, mapped log pages among it.',
    type: 'gauge',
    samples: [{ labels: {}, value: process.memoryUsage.rss() }],
  }
}
