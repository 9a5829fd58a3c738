// What syncing adds to an acknowledgement, beside a program in C that stores, syncs on a thread of its
// own and does nothing else.
import { median } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { medians, run } from '../rounds.js'
import { millraceTarget, storingSinkTarget } from '../targets.js'

const PARTITIONS = 6
const RECORD_BYTES = 1024
const PER_SECOND = 1000
const SECONDS = 15

export async function acknowledge({ rounds, writeMode, scale }: Options): Promise<Row[]> {
  const count = Math.ceil(PER_SECOND * SECONDS * scale)
  const targets = [
    await storingSinkTarget(PARTITIONS, 'os'),
    await millraceTarget('os', writeMode),
    await storingSinkTarget(PARTITIONS, 'group'),
    await millraceTarget('group', writeMode),
  ]
  const samples = await run({
    targets,
    rounds,
    partitions: PARTITIONS,
    volumeBytes: count * RECORD_BYTES,
    args: (topic) => [
      ...['acknowledge', topic, `${count}`, `${RECORD_BYTES}`, 'all', `${PER_SECOND}`],
      'linger.ms=0',
    ],
  })
  await Promise.all(targets.map((target) => target.stop()))
  const added = (name: string) => {
    const [os, group] = ['os', 'group'].map((flush) => samples.get(`${name} flush=${flush}`) ?? [])
    return median((group ?? []).map((one, i) => (one.p50Ms ?? 0) - (os?.[i]?.p50Ms ?? 0)))
  }
  const scenario = `acknowledgement ${RECORD_BYTES} B at ${PER_SECOND.toLocaleString('en')}/s, p50`
  const volume = `${count.toLocaleString('en')} records, ${rounds} rounds`
  return [
    { scenario, flush: 'both', figures: medians(samples, 'p50Ms'), unit: 'ms', volume },
    {
      scenario: `${scenario}: what flush=group adds`,
      flush: 'both',
      figures: { 'storing sink': added('storing sink'), Millrace: added('Millrace') },
      unit: 'ms',
      volume,
    },
  ]
}
