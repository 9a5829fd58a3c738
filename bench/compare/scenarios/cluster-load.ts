// Three brokers, factor 3, acks=all: at full speed, and at fixed rates. One cluster at a time, so that the idle ones
// take nothing from the one that is measured.
import type { ClusterTarget } from '../cluster-targets.js'
import { kafkaCluster, millraceCluster } from '../cluster-targets.js'
import { BATCHING } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { medians, ratio, run, type Samples } from '../rounds.js'
import { syncMilliseconds } from '../sync-floor.js'

const PARTITIONS = 6
const SIZES = [
  { bytes: 1024, count: 500_000 },
  { bytes: 100, count: 3_000_000 },
]

interface Measured {
  readonly samples: Samples
  readonly os: string
  readonly group: string
  readonly kafka: string
}

const CLUSTERS = [() => millraceCluster('os'), () => millraceCluster('group'), kafkaCluster]

async function measured(
  rounds: number,
  volumeBytes: number,
  args: (topic: string) => readonly string[],
): Promise<Measured> {
  const samples: Samples = new Map()
  for (let round = 0; round < rounds; round++) {
    for (const start of CLUSTERS) {
      const target: ClusterTarget = await start()
      const plan = { targets: [target], rounds: 1, partitions: PARTITIONS, volumeBytes, args }
      for (const [name, results] of await run(plan)) {
        samples.set(name, [...(samples.get(name) ?? []), ...results])
      }
      await target.stop()
    }
  }
  const [os = '', group = '', kafka = ''] = [...samples.keys()]
  return { samples, os, group, kafka }
}

export async function clusterProduce({ rounds, scale }: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const size of SIZES) {
    const count = Math.ceil(size.count * scale)
    const args = (topic: string) => [
      ...['produce', topic, `${count}`, `${size.bytes}`, 'all', ...BATCHING],
    ]
    const { samples, os, group, kafka } = await measured(rounds, 3 * count * size.bytes, args)
    for (const [ours, flush] of [
      [os, 'os'],
      [group, 'group'],
    ] as const) {
      const value = ratio(samples, 'recordsPerSecond', ours, kafka)
      rows.push({
        scenario: `cluster: produce ${size.bytes} B`,
        flush,
        figures: medians(samples, 'recordsPerSecond'),
        unit: 'records/s',
        ratio: { of: ours, to: kafka, value },
        // Kafka does not sync: its promise is that of flush=os.
        ...(flush === 'os' ? { goal: { text: '≥ 1.5 × Kafka', reached: value >= 1.5 } } : {}),
        volume: `${count.toLocaleString('en')} records, ${rounds} rounds`,
      })
    }
  }
  return rows
}

/** As in a quiet system: what the disk takes twice, the leader's and a follower's, and what we add. */
export async function clusterQuiet({ rounds, scale }: Options): Promise<Row[]> {
  const count = Math.ceil(100 * scale)
  const args = (topic: string) => [
    ...['acknowledge', topic, `${count}`, '1024', 'all', '10', 'linger.ms=0'],
  ]
  const { samples, group } = await measured(rounds, count * 1024, args)
  const figures = medians(samples, 'p50Ms')
  const sync = syncMilliseconds(10)
  const allowed = 2 * sync + 2
  const p50 = figures[group] ?? Number.NaN
  return [
    {
      scenario: 'cluster: acknowledged, 10 records/s, p50',
      flush: 'group',
      figures: { ...figures, 'fdatasync p50 at that rate': sync },
      unit: 'ms',
      goal: {
        text: `flush=group ≤ ${allowed.toFixed(2)} ms (2 fdatasync + 2)`,
        reached: p50 <= allowed,
      },
      volume: `${count} records, ${rounds} rounds`,
    },
  ]
}

export async function clusterLatency({ rounds, scale }: Options): Promise<Row[]> {
  const count = Math.ceil(15_000 * scale)
  const args = (topic: string) => [
    ...['latency', topic, `${count}`, '1024', 'all', '1000', 'linger.ms=0'],
  ]
  const { samples, os, kafka } = await measured(rounds, 3 * count * 1024, args)
  const toKafka = ratio(samples, 'p99Ms', os, kafka)
  const base = { unit: 'ms', volume: `${count.toLocaleString('en')} records, ${rounds} rounds` }
  const name = 'cluster: due to consumed, 1,000 single records/s'
  return [
    { ...base, scenario: `${name}, p50`, flush: 'both', figures: medians(samples, 'p50Ms') },
    {
      ...base,
      scenario: `${name}, p99`,
      flush: 'os',
      figures: medians(samples, 'p99Ms'),
      ratio: { of: os, to: kafka, value: toKafka },
      goal: { text: 'p99 ≤ a third of Kafka', reached: toKafka <= 1 / 3 },
    },
  ]
}
