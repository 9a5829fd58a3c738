// flush=group against the disk: a C program that writes the same bytes with as many fdatasyncs.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { temporaryDirectory } from '../../../test/support/broker.js'
import { BATCHING, load, median } from '../load.js'
import { settle } from '../memory.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { compiled, millraceTarget, type Target } from '../targets.js'

const COUNT = 1_000_000
const RECORD_BYTES = 1024
const PARTITIONS = 6
const LEAST = 0.75

export async function groupCommit({ rounds, writeMode, scale }: Options): Promise<Row[]> {
  const count = Math.ceil(COUNT * scale)
  const target = await millraceTarget('group', writeMode)
  const ours: number[] = []
  const floors: number[] = []
  const prepared: number[] = []
  const syncs: number[] = []
  for (let round = 0; round < rounds; round++) {
    const topic = `floor-${round}`
    await target.createTopic(topic, PARTITIONS)
    const args = ['produce', topic, `${count}`, `${RECORD_BYTES}`, 'all', ...BATCHING]
    await load(target, args)
    await settle(count * RECORD_BYTES)
    const before = await metric(target, 'millrace_log_flushes_total')
    const result = await load(target, args)
    const flushes = (await metric(target, 'millrace_log_flushes_total')) - before
    const bytes = count * RECORD_BYTES
    const file = join(temporaryDirectory(), 'floor')
    const every = Math.max(1, Math.floor(bytes / Math.max(1, flushes)))
    const floorArgs = [file, `${bytes}`, `${Math.min(262_144, every)}`, `${every}`]
    execFileSync(compiled('sync_floor'), floorArgs)
    await settle(count * RECORD_BYTES)
    const floor = JSON.parse(execFileSync(compiled('sync_floor'), floorArgs).toString()) as {
      megabytesPerSecond: number
      preparedMegabytesPerSecond: number
    }
    ours.push(result.megabytesPerSecond ?? Number.NaN)
    floors.push(floor.megabytesPerSecond)
    prepared.push(floor.preparedMegabytesPerSecond)
    syncs.push(flushes)
    await target.deleteTopic(topic)
  }
  await target.stop()
  const value = median(ours.map((rate, i) => rate / (floors[i] ?? Number.NaN)))
  return [
    {
      scenario: `produce ${RECORD_BYTES} B against as many fdatasyncs in C`,
      flush: 'group',
      figures: {
        'Millrace flush=group': median(ours),
        'C floor': median(floors),
        'C floor without its preparation': median(prepared),
      },
      unit: 'MB/s',
      ratio: { of: 'Millrace flush=group', to: 'C floor', value },
      goal: { text: `≥ ${LEAST} of the floor`, reached: value >= LEAST },
      volume: `${count.toLocaleString('en')} records, ${median(syncs).toLocaleString('en')} fdatasyncs, ${rounds} rounds`,
    },
  ]
}

/** The sum of a metric's series on the broker's /metrics. */
export async function metric(target: Target, name: string): Promise<number> {
  const text = await (await fetch(`${target.http}/metrics`)).text()
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(name) && /[ {]/.test(line.charAt(name.length)))
  if (lines.length === 0) throw new Error(`the broker has no metric ${name}`)
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
