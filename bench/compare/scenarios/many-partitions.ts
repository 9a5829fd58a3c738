// A thousand partitions that each get a little: how long an acknowledgement takes, from the moment at
// which the record was due (an open loop; every sample is kept, so percentiles are exact).
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { medians, run } from '../rounds.js'
import { millraceTarget } from '../targets.js'

const PARTITIONS = 1000
const PER_PARTITION = 10
const RECORD_BYTES = 1024
const SECONDS = 15
const LIMIT_MS = 30

export async function manyPartitions({ rounds, writeMode, scale }: Options): Promise<Row[]> {
  const rate = PARTITIONS * PER_PARTITION
  const count = Math.ceil(rate * SECONDS * scale)
  const group = await millraceTarget('group', writeMode)
  const os = await millraceTarget('os', writeMode)
  const samples = await run({
    targets: [group, os],
    rounds,
    partitions: PARTITIONS,
    volumeBytes: count * RECORD_BYTES,
    args: (topic) => [
      'acknowledge',
      topic,
      `${count}`,
      `${RECORD_BYTES}`,
      'all',
      `${rate}`,
      'linger.ms=1',
    ],
  })
  await group.stop()
  await os.stop()
  const base = {
    unit: 'ms',
    volume: `${count.toLocaleString('en')} records of ${RECORD_BYTES} B, ${rounds} rounds`,
  }
  const scenario = `acknowledgement, ${PARTITIONS} partitions at ${PER_PARTITION}/s each`
  const p99 = medians(samples, 'p99Ms')
  const reached = (p99[group.name] ?? Number.NaN) < LIMIT_MS
  return [
    {
      ...base,
      scenario: `${scenario}, p50`,
      flush: 'both',
      figures: medians(samples, 'p50Ms'),
    },
    {
      ...base,
      scenario: `${scenario}, p99`,
      flush: 'group',
      figures: p99,
      goal: { text: `flush=group p99 < ${LIMIT_MS} ms`, reached },
    },
  ]
}
