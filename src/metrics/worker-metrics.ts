// What one thread counts, in memory that all threads see: the thread that owns it adds, whoever
// renders reads. Counting is one addition to an array of numbers; no message, no allocation.
import type { MetricFamily, MetricSample } from './types.js'

export type Transport = 'tcp' | 'websocket'
const TRANSPORTS: readonly Transport[] = ['tcp', 'websocket']

/** Kafka's API keys end at 92 in 4.3; whatever is above shares the last slot. */
const API_SLOTS = 96
/** Upper bounds in milliseconds; a last one takes the rest. */
const BOUNDS_MS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 5000] as const

const PER_TRANSPORT = ['opened', 'closed', 'refused', 'bytesReceived', 'bytesSent'] as const
type TransportCounter = (typeof PER_TRANSPORT)[number]

const LOOP = ['delayP50', 'delayP99', 'delayP999', 'delayMax'] as const
export type LoopDelay = (typeof LOOP)[number]
export const GC_KINDS = ['minor', 'major', 'incremental', 'weakcb'] as const
export type GcKind = (typeof GC_KINDS)[number]
const PER_GC_KIND = 3 // count, seconds, longest

const NETWORK_AT = 0
const REQUESTS_AT = NETWORK_AT + TRANSPORTS.length * PER_TRANSPORT.length
const DURATIONS_AT = REQUESTS_AT + TRANSPORTS.length * API_SLOTS
const DURATION_WIDTH = BOUNDS_MS.length + 2 // buckets, the rest, the sum
const LOOP_AT = DURATIONS_AT + API_SLOTS * DURATION_WIDTH
const GC_AT = LOOP_AT + LOOP.length
const LENGTH = GC_AT + GC_KINDS.length * PER_GC_KIND

export class WorkerMetrics {
  private readonly values: Float64Array

  constructor(readonly shared: SharedArrayBuffer = WorkerMetrics.allocate()) {
    this.values = new Float64Array(shared)
  }

  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(LENGTH * Float64Array.BYTES_PER_ELEMENT)
  }

  connectionOpened(transport: Transport): void {
    this.add(networkPlace(transport, 0), 1)
  }
  connectionClosed(transport: Transport): void {
    this.add(networkPlace(transport, 1), 1)
  }
  connectionRefused(transport: Transport): void {
    this.add(networkPlace(transport, 2), 1)
  }
  bytesReceived(transport: Transport, bytes: number): void {
    this.add(networkPlace(transport, 3), bytes)
  }
  bytesSent(transport: Transport, bytes: number): void {
    this.add(networkPlace(transport, 4), bytes)
  }

  /** A request that came in whole. */
  requestReceived(apiKey: number, transport: Transport): void {
    this.add(REQUESTS_AT + transportIndex(transport) * API_SLOTS + slotOf(apiKey), 1)
  }

  /** Its answer is ready. */
  requestAnswered(apiKey: number, durationMs: number): void {
    const from = DURATIONS_AT + slotOf(apiKey) * DURATION_WIDTH
    let bucket = 0
    while (bucket < BOUNDS_MS.length && durationMs > (BOUNDS_MS[bucket] ?? 0)) bucket++
    this.add(from + bucket, 1)
    this.add(from + BOUNDS_MS.length + 1, durationMs)
  }

  setLoopDelay(quantile: LoopDelay, seconds: number): void {
    this.values[LOOP_AT + LOOP.indexOf(quantile)] = seconds
  }

  garbageCollected(kind: GcKind, seconds: number): void {
    const from = GC_AT + GC_KINDS.indexOf(kind) * PER_GC_KIND
    this.add(from, 1)
    this.add(from + 1, seconds)
    if (seconds > this.at(from + 2)) this.values[from + 2] = seconds
  }

  network(transport: Transport, counter: TransportCounter): number {
    return this.at(networkPlace(transport, PER_TRANSPORT.indexOf(counter)))
  }

  private add(index: number, amount: number): void {
    this.values[index] = (this.values[index] ?? 0) + amount
  }

  /** For the families below. */
  at(index: number): number {
    return this.values[index] ?? 0
  }
}

export interface NamedWorker {
  readonly name: string
  readonly metrics: WorkerMetrics
}

/**
 * All workers' numbers as metrics: requests and bytes summed; event loops, collections and accepted
 * connections, which the kernel spreads, per thread.
 */
export function workerFamilies(
  workers: readonly NamedWorker[],
  apiName: (apiKey: number) => string,
): MetricFamily[] {
  const all = workers.map((worker) => worker.metrics)
  const sum = (index: number) => all.reduce((total, metrics) => total + metrics.at(index), 0)
  return [
    ...networkFamilies(all),
    requestFamily(sum, apiName),
    durationFamily(sum, apiName),
    ...threadFamilies(workers),
  ]
}

function networkFamilies(all: readonly WorkerMetrics[]): MetricFamily[] {
  const total = (transport: Transport, counter: TransportCounter) =>
    all.reduce((sum, metrics) => sum + metrics.network(transport, counter), 0)
  const family = (
    name: string,
    help: string,
    type: MetricFamily['type'],
    read: (transport: Transport) => number,
  ): MetricFamily => ({
    name,
    help,
    type,
    samples: TRANSPORTS.map((transport) => ({ labels: { transport }, value: read(transport) })),
  })
  return [
    family('millrace_connections', 'Connections that are open.', 'gauge', (transport) =>
      Math.max(0, total(transport, 'opened') - total(transport, 'closed')),
    ),
    family('millrace_connections_opened_total', 'Connections accepted.', 'counter', (transport) =>
      total(transport, 'opened'),
    ),
    family('millrace_connections_refused_total', 'Connections refused.', 'counter', (transport) =>
      total(transport, 'refused'),
    ),
    family('millrace_received_bytes_total', 'Bytes that clients sent.', 'counter', (transport) =>
      total(transport, 'bytesReceived'),
    ),
    family('millrace_sent_bytes_total', 'Bytes sent to clients.', 'counter', (transport) =>
      total(transport, 'bytesSent'),
    ),
  ]
}

function requestFamily(
  sum: (index: number) => number,
  apiName: (apiKey: number) => string,
): MetricFamily {
  const samples: MetricSample[] = []
  for (const [index, transport] of TRANSPORTS.entries()) {
    for (let api = 0; api < API_SLOTS; api++) {
      const value = sum(REQUESTS_AT + index * API_SLOTS + api)
      if (value > 0) samples.push({ labels: { api: apiName(api), transport }, value })
    }
  }
  return { name: 'millrace_requests_total', help: 'Kafka requests.', type: 'counter', samples }
}

function durationFamily(
  sum: (index: number) => number,
  apiName: (apiKey: number) => string,
): MetricFamily {
  const samples: MetricSample[] = []
  for (let slot = 0; slot < API_SLOTS; slot++) {
    const from = DURATIONS_AT + slot * DURATION_WIDTH
    const api = apiName(slot)
    let count = 0
    const buckets: MetricSample[] = []
    for (const [bucket, boundMs] of [...BOUNDS_MS, Number.POSITIVE_INFINITY].entries()) {
      count += sum(from + bucket)
      const le = Number.isFinite(boundMs) ? String(boundMs / 1000) : '+Inf'
      buckets.push({ labels: { api, le }, value: count, suffix: '_bucket' })
    }
    if (count === 0) continue
    const totalSeconds = sum(from + BOUNDS_MS.length + 1) / 1000
    samples.push(
      ...buckets,
      { labels: { api }, value: totalSeconds, suffix: '_sum' },
      { labels: { api }, value: count, suffix: '_count' },
    )
  }
  return {
    name: 'millrace_request_duration_seconds',
    help: 'From a whole request to its answer, waiting for the disk or for data included.',
    type: 'histogram',
    samples,
  }
}

function threadFamilies(workers: readonly NamedWorker[]): MetricFamily[] {
  const accepted: MetricSample[] = []
  const delay: MetricSample[] = []
  const collections: MetricSample[] = []
  const seconds: MetricSample[] = []
  const longest: MetricSample[] = []
  for (const { name, metrics } of workers) {
    for (const transport of TRANSPORTS) {
      const labels = { thread: name, transport }
      accepted.push({ labels, value: metrics.network(transport, 'opened') })
    }
    for (const [index, quantile] of ['0.5', '0.99', '0.999', '1'].entries()) {
      delay.push({ labels: { thread: name, quantile }, value: metrics.at(LOOP_AT + index) })
    }
    for (const [index, kind] of GC_KINDS.entries()) {
      const from = GC_AT + index * PER_GC_KIND
      const labels = { thread: name, kind }
      collections.push({ labels, value: metrics.at(from) })
      seconds.push({ labels, value: metrics.at(from + 1) })
      longest.push({ labels, value: metrics.at(from + 2) })
    }
  }
  const family = (
    name: string,
    help: string,
    type: MetricFamily['type'],
    samples: readonly MetricSample[],
  ) => ({ name, help, type, samples })
  return [
    family(
      'millrace_thread_connections_opened_total',
      'Connections accepted by each thread.',
      'counter',
      accepted,
    ),
    family(
      'millrace_event_loop_delay_seconds',
      'How late event loops came, in the last ten seconds.',
      'gauge',
      delay,
    ),
    family('millrace_gc_collections_total', 'Garbage collections.', 'counter', collections),
    family('millrace_gc_seconds_total', 'Time in garbage collections.', 'counter', seconds),
    family('millrace_gc_longest_seconds', 'The longest garbage collection.', 'gauge', longest),
  ]
}

function transportIndex(transport: Transport): number {
  return transport === 'tcp' ? 0 : 1
}

function networkPlace(transport: Transport, counter: number): number {
  return NETWORK_AT + transportIndex(transport) * PER_TRANSPORT.length + counter
}

function slotOf(apiKey: number): number {
  return apiKey >= 0 && apiKey < API_SLOTS ? apiKey : API_SLOTS - 1
}
