// What the dispatcher tells of answered requests, as numbers.
import type { RequestObserver } from '../handlers/dispatcher.js'
import type { WorkerMetrics } from '../metrics/worker-metrics.js'
import { apis } from '../protocol/messages/api-table.js'

export function requestObserver(metrics: WorkerMetrics): RequestObserver {
  const keyOf = new Map<string, number>(apis.map((api) => [api.name, api.key]))
  return {
    answered: (apiName, latencyMs) => metrics.requestAnswered(keyOf.get(apiName) ?? -1, latencyMs),
    failed: () => {},
  }
}
