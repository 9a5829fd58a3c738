// Produce and consume through librdkafka: Millrace beside the null sink and the real Kafka.
import { BATCHING, load } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { medians, type Plan, ratio, run } from '../rounds.js'
import {
  kafkaTarget,
  millraceTarget,
  nullRelayTarget,
  nullSinkTarget,
  storingSinkTarget,
  type Target,
} from '../targets.js'

const PARTITIONS = 6

interface Size {
  readonly bytes: number
  readonly count: number
  readonly ofNullSink: number
  readonly ofKafka: number | undefined
}
const SIZES: readonly Size[] = [
  { bytes: 1024, count: 1_000_000, ofNullSink: 0.6, ofKafka: 1.5 },
  { bytes: 100, count: 6_000_000, ofNullSink: 0.7, ofKafka: undefined },
]

function scaled(scale: number): Size[] {
  return SIZES.map((size) => ({ ...size, count: Math.ceil(size.count * scale) }))
}

async function stopAll(targets: readonly Target[]): Promise<void> {
  await Promise.all(targets.map((target) => target.stop()))
}

export async function produce(
  { rounds, writeMode, scale }: Options,
  flush: 'os' | 'group',
): Promise<Row[]> {
  const rows: Row[] = []
  const ours = `Millrace flush=${flush}`
  for (const size of scaled(scale)) {
    const kafka = await kafkaTarget(flush === 'group')
    const targets = [
      await nullSinkTarget(PARTITIONS),
      await storingSinkTarget(PARTITIONS, flush),
      await millraceTarget(flush, writeMode),
      kafka,
    ]
    const plan: Plan = {
      targets,
      rounds,
      partitions: PARTITIONS,
      volumeBytes: size.count * size.bytes,
      args: (topic) => ['produce', topic, `${size.count}`, `${size.bytes}`, 'all', ...BATCHING],
    }
    const samples = await run(plan)
    await stopAll(targets)
    const volume = `${size.count.toLocaleString('en')} records, ${rounds} rounds`
    const base = { scenario: `produce ${size.bytes} B`, flush, volume }
    const rates = { ...base, figures: medians(samples, 'recordsPerSecond'), unit: 'records/s' }
    const toSink = ratio(samples, 'recordsPerSecond', ours, 'null sink')
    rows.push({
      ...rates,
      ratio: { of: ours, to: 'null sink', value: toSink },
      ...(flush === 'os'
        ? {
            goal: {
              text: `≥ ${size.ofNullSink} of the null sink`,
              reached: toSink >= size.ofNullSink,
            },
          }
        : {}),
    })
    const toKafka = ratio(samples, 'recordsPerSecond', ours, kafka.name)
    rows.push({
      ...rates,
      ratio: { of: ours, to: kafka.name, value: toKafka },
      ...(size.ofKafka !== undefined && flush === 'os'
        ? { goal: { text: `≥ ${size.ofKafka} × Kafka`, reached: toKafka >= size.ofKafka } }
        : {}),
    })
    const gigabytes = (size.bytes * size.count) / 1e9
    const cpu = Object.fromEntries(
      Object.entries(medians(samples, 'brokerCpuSeconds')).map(([k, v]) => [k, v / gigabytes]),
    )
    const ourCpu = cpu[ours] ?? Number.NaN
    rows.push({
      ...base,
      scenario: `broker CPU, produce ${size.bytes} B`,
      figures: cpu,
      unit: 's/GB',
      ...(size.bytes === 1024 ? { goal: { text: '≤ 1.5 s per GB', reached: ourCpu <= 1.5 } } : {}),
    })
  }
  return rows
}

export async function consume(
  { rounds, writeMode, scale }: Options,
  flush: 'os' | 'group',
): Promise<Row[]> {
  const rows: Row[] = []
  const ours = `Millrace flush=${flush}`
  for (const size of scaled(scale)) {
    const kafka = await kafkaTarget(false)
    const targets = [
      await nullRelayTarget(PARTITIONS),
      await millraceTarget(flush, writeMode),
      kafka,
    ]
    const fill = async (target: Target, topic: string) => {
      await load(target, ['produce', topic, `${size.count}`, `${size.bytes}`, 'all', ...BATCHING])
    }
    const samples = await run({
      targets,
      rounds,
      partitions: PARTITIONS,
      volumeBytes: 0,
      prepare: fill,
      args: (topic) => ['consume', topic, `${size.count}`],
    })
    await stopAll(targets)
    const value = ratio(samples, 'recordsPerSecond', ours, kafka.name)
    rows.push({
      scenario: `consume ${size.bytes} B`,
      flush,
      figures: medians(samples, 'recordsPerSecond'),
      unit: 'records/s',
      ratio: { of: ours, to: kafka.name, value },
      goal: { text: '≥ Kafka', reached: value >= 1 },
      volume: `${size.count.toLocaleString('en')} records, ${rounds} rounds`,
    })
  }
  return rows
}
