// What a metric is, whoever renders it.

export interface MetricSample {
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** Of a histogram: "_bucket", "_sum", "_count". */
  readonly suffix?: string
}

export interface MetricFamily {
  /** With unit and, for counters, "_total": Prometheus' naming conventions. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: readonly MetricSample[]
}
