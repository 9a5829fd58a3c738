// What a run of the benchmark measures.

export type Transport = 'kafka' | 'websocket'

export interface BenchOptions {
  /** "host:port" of the Kafka listener. */
  readonly kafka: string
  /** "ws://host:port" */
  readonly websocket: string
  readonly transports: readonly Transport[]
  readonly seconds: number
  readonly recordBytes: number
  readonly batchRecords: number
  readonly connections: number
  readonly partitions: number
  /** Records a second of the latency runs. */
  readonly rate: number
}

export interface ThroughputResult {
  readonly kind: 'produce' | 'consume'
  readonly transport: Transport
  readonly records: number
  readonly bytes: number
  readonly seconds: number
}

export interface LatencyResult {
  readonly kind: 'latency'
  readonly transport: Transport
  readonly rate: number
  readonly records: number
  /** Milliseconds from the moment a record was due to the moment a consumer had it, by percentile. */
  readonly percentiles: readonly { readonly percentile: number; readonly valueMs: number }[]
}

export type BenchResult = ThroughputResult | LatencyResult
