import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderMetrics } from '../../src/metrics/registry.js'
import type { MetricSample } from '../../src/metrics/types.js'
import { WorkerMetrics, workerFamilies } from '../../src/metrics/worker-metrics.js'

const apiName = (apiKey: number) => `api-${apiKey}`

function twoWorkers() {
  const metrics = [new WorkerMetrics(), new WorkerMetrics()] as const
  const workers = metrics.map((each, i) => ({ name: `io-${i}`, metrics: each }))
  const samples = (family: string): readonly MetricSample[] => {
    const found = workerFamilies(workers, apiName).find(({ name }) => name === family)
    assert.ok(found !== undefined, family)
    return found.samples
  }
  /** The one sample with exactly these labels. */
  const value = (
    family: string,
    labels: Readonly<Record<string, string>>,
    suffix?: string,
  ): number | undefined => {
    const wanted = JSON.stringify(labels)
    const found = samples(family).filter(
      (sample) => JSON.stringify(sample.labels) === wanted && sample.suffix === suffix,
    )
    assert.ok(found.length <= 1, `${family}${wanted} stands there twice`)
    return found[0]?.value
  }
  return { metrics, workers, samples, value }
}

test('what one thread counts another sees, in the same memory', () => {
  const counting = new WorkerMetrics()
  const reading = new WorkerMetrics(counting.shared)
  counting.connectionOpened('tcp')
  counting.bytesReceived('websocket', 2 ** 40)
  counting.bytesReceived('websocket', 1)
  assert.equal(reading.network('tcp', 'opened'), 1)
  assert.equal(reading.network('websocket', 'opened'), 0)
  assert.equal(reading.network('websocket', 'bytesReceived'), 2 ** 40 + 1)
})

test('connections, bytes and requests are summed over the workers, by transport', () => {
  const { metrics, value } = twoWorkers()
  const [one, two] = metrics
  for (const worker of metrics) worker.connectionOpened('tcp')
  one.connectionOpened('tcp')
  one.connectionClosed('tcp')
  two.connectionRefused('websocket')
  one.bytesReceived('tcp', 10)
  two.bytesReceived('tcp', 5)
  two.bytesSent('websocket', 7)
  one.requestReceived(3, 'tcp')
  two.requestReceived(3, 'tcp')
  two.requestReceived(3, 'websocket')
  const tcp = { transport: 'tcp' }
  const websocket = { transport: 'websocket' }
  assert.equal(value('millrace_connections', tcp), 2)
  assert.equal(value('millrace_connections_opened_total', tcp), 3)
  assert.equal(value('millrace_connections_refused_total', websocket), 1)
  assert.equal(value('millrace_received_bytes_total', tcp), 15)
  assert.equal(value('millrace_sent_bytes_total', websocket), 7)
  assert.equal(value('millrace_requests_total', { api: 'api-3', ...tcp }), 2)
  assert.equal(value('millrace_requests_total', { api: 'api-3', ...websocket }), 1)
})

test('what a thread accepted stands by its name', () => {
  const { metrics, value } = twoWorkers()
  metrics[0].connectionOpened('tcp')
  metrics[1].connectionOpened('websocket')
  metrics[1].connectionOpened('websocket')
  const opened = (thread: string, transport: string) =>
    value('millrace_thread_connections_opened_total', { thread, transport })
  assert.deepEqual(
    [opened('io-0', 'tcp'), opened('io-0', 'websocket'), opened('io-1', 'tcp')],
    [1, 0, 0],
  )
  assert.equal(opened('io-1', 'websocket'), 2)
})

test('open connections are never below zero, whatever was read in between', () => {
  const { metrics, value } = twoWorkers()
  metrics[0].connectionClosed('tcp')
  assert.equal(value('millrace_connections', { transport: 'tcp' }), 0)
})

test('durations are a cumulative histogram in seconds, its bounds included', () => {
  const { metrics, value } = twoWorkers()
  const [one, two] = metrics
  for (const durationMs of [0, 0.1, 0.11]) one.requestAnswered(0, durationMs)
  for (const durationMs of [5000, 5000.5]) two.requestAnswered(0, durationMs)
  const bucket = (le: string) =>
    value('millrace_request_duration_seconds', { api: 'api-0', le }, '_bucket')
  assert.deepEqual(['0.0001', '0.00025', '1', '5', '+Inf'].map(bucket), [2, 3, 3, 4, 5])
  const api = { api: 'api-0' }
  assert.equal(value('millrace_request_duration_seconds', api, '_count'), 5)
  const sum = value('millrace_request_duration_seconds', api, '_sum') ?? 0
  assert.ok(Math.abs(sum - 10.00071) < 1e-9, String(sum))
})

test('an API that nobody asked for takes no line; unknown ones share the last', () => {
  const { metrics, samples } = twoWorkers()
  assert.equal(samples('millrace_requests_total').length, 0)
  assert.equal(samples('millrace_request_duration_seconds').length, 0)
  for (const apiKey of [-1, 95, 96, 32_767]) metrics[0].requestReceived(apiKey, 'tcp')
  metrics[0].requestReceived(94, 'tcp')
  assert.deepEqual(
    samples('millrace_requests_total').map(({ labels, value }) => [labels.api, value]),
    [
      ['api-94', 1],
      ['api-95', 4],
    ],
  )
})

test('loop delays and garbage collections are per thread, the longest one kept', () => {
  const { metrics, value } = twoWorkers()
  metrics[1].setLoopDelay('delayP999', 0.5)
  metrics[1].setLoopDelay('delayP999', 0.25)
  for (const seconds of [0.25, 0.5, 0.125]) metrics[1].garbageCollected('major', seconds)
  const delay = (thread: string) =>
    value('millrace_event_loop_delay_seconds', { thread, quantile: '0.999' })
  assert.deepEqual([delay('io-0'), delay('io-1')], [0, 0.25])
  const labels = { thread: 'io-1', kind: 'major' }
  assert.equal(value('millrace_gc_collections_total', labels), 3)
  assert.equal(value('millrace_gc_seconds_total', labels), 0.875)
  assert.equal(value('millrace_gc_longest_seconds', labels), 0.5)
  assert.equal(value('millrace_gc_collections_total', { thread: 'io-1', kind: 'minor' }), 0)
})

test('no counter touches the place of another', () => {
  const { metrics, workers } = twoWorkers()
  const [one] = metrics
  const total = () => new Float64Array(one.shared).reduce((sum, each) => sum + each, 0)
  for (const transport of ['tcp', 'websocket'] as const) {
    one.connectionOpened(transport)
    one.connectionClosed(transport)
    one.connectionRefused(transport)
    one.bytesReceived(transport, 1)
    one.bytesSent(transport, 1)
    for (let api = 0; api < 96; api++) one.requestReceived(api, transport)
  }
  assert.equal(total(), 2 * 5 + 2 * 96)
  assert.equal(new Float64Array(one.shared).filter((each) => each > 1).length, 0)
  for (let api = 0; api < 96; api++) one.requestAnswered(api, 0)
  assert.equal(new Float64Array(one.shared).filter((each) => each > 1).length, 0)
  for (const { labels, value } of workerFamilies(workers, apiName).flatMap((f) => f.samples)) {
    if (labels.thread !== undefined && labels.transport === undefined) assert.equal(value, 0)
  }
})

test("Prometheus' text of it has one type line a family and its samples below", async () => {
  const { metrics, workers } = twoWorkers()
  metrics[0].requestAnswered(18, 2)
  const text = await renderMetrics(workerFamilies(workers, apiName))
  for (const line of [
    '# TYPE millrace_request_duration_seconds histogram',
    'millrace_request_duration_seconds_bucket{api="api-18",le="0.0025"} 1',
    'millrace_request_duration_seconds_sum{api="api-18"} 0.002',
    'millrace_thread_connections_opened_total{thread="io-1",transport="tcp"} 0',
  ]) {
    assert.ok(text.split('\n').includes(line), line)
  }
})
