// Produce to consume at a fixed rate, single records, without coordinated omission.
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { medians, ratio, run } from '../rounds.js'
import { syncMilliseconds } from '../sync-floor.js'
import { kafkaTarget, millraceTarget, nullRelayTarget } from '../targets.js'

const PARTITIONS = 6
const RECORD_BYTES = 1024

export async function latency(
  { rounds, writeMode, scale }: Options,
  perSecond: number,
): Promise<Row[]> {
  const count = Math.ceil(perSecond * 15 * scale)
  const kafka = await kafkaTarget(false)
  const os = await millraceTarget('os', writeMode)
  const group = await millraceTarget('group', writeMode)
  const relay = await nullRelayTarget(PARTITIONS)
  const targets = [os, relay, group, kafka]
  const samples = await run({
    targets,
    rounds,
    partitions: PARTITIONS,
    volumeBytes: count * RECORD_BYTES,
    args: (topic) => [
      'latency',
      topic,
      `${count}`,
      `${RECORD_BYTES}`,
      'all',
      `${perSecond}`,
      'linger.ms=0',
    ],
  })
  for (const target of targets) await target.stop()
  const base = {
    scenario: `latency ${RECORD_BYTES} B at ${perSecond.toLocaleString('en')}/s`,
    unit: 'ms',
    volume: `${count.toLocaleString('en')} records, ${rounds} rounds`,
  }
  const p50 = medians(samples, 'p50Ms')
  const p99 = medians(samples, 'p99Ms')
  const p999 = medians(samples, 'p999Ms')
  const toKafka = ratio(samples, 'p99Ms', os.name, kafka.name)
  const oursAt99 = p99[os.name] ?? Number.NaN
  const sync = syncMilliseconds(perSecond)
  const busySync = syncMilliseconds(0)
  const allowed = (p50[os.name] ?? Number.NaN) + 1.6 * sync
  const groupP50 = p50[group.name] ?? Number.NaN
  return [
    {
      ...base,
      scenario: `${base.scenario}, p50`,
      flush: 'group',
      figures: {
        ...p50,
        'fdatasync p50 at that rate': sync,
        'fdatasync p50 back to back': busySync,
      },
      ...(perSecond === 1000
        ? {
            goal: {
              text: `flush=group p50 ≤ ${allowed.toFixed(2)} ms (flush=os + 1.6 fdatasync)`,
              reached: groupP50 <= allowed,
            },
          }
        : {}),
    },
    {
      ...base,
      scenario: `${base.scenario}, p99`,
      flush: 'os',
      figures: p99,
      ratio: { of: os.name, to: kafka.name, value: toKafka },
      goal:
        perSecond === 1000
          ? { text: 'p99 ≤ 0.2 of Kafka', reached: toKafka <= 0.2 }
          : { text: 'p99 < 20 ms', reached: oursAt99 < 20 },
    },
    { ...base, scenario: `${base.scenario}, p99.9`, flush: 'both', figures: p999 },
  ]
}
