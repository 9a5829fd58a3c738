// Renders metrics as Prometheus' text. The only importer of prom-client; loaded on the first scrape.
import { AggregatorRegistry } from 'prom-client'
import type { MetricFamily } from './types.js'

export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

export function renderMetrics(families: readonly MetricFamily[]): Promise<string> {
  const objects = families.map((family) => ({
    name: family.name,
    help: family.help,
    type: family.type,
    aggregator: 'sum',
    values: family.samples.map(({ labels, value, suffix }) => ({
      labels,
      value,
      metricName: family.name + (suffix ?? ''),
    })),
  }))
  return AggregatorRegistry.aggregate([objects]).metrics()
}
