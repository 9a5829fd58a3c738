// shell: waits for files. How late the io workers' event loops come while much more is written than the
// kernel keeps dirty, at full speed.
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { temporaryDirectory } from '../../../test/support/broker.js'
import { kill, start } from '../../../test/support/processes.js'
import type { LoopDelay } from '../../load/loop-delay.js'
import { BATCHING, load } from '../load.js'
import { settle } from '../memory.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { millraceTarget, type Target } from '../targets.js'

const RECORD_BYTES = 1024
const PARTITIONS = 6
const LIMIT_MS = 20
const POLL_MS = 100
const IDLE = 'an idle process beside'

type ByThread = Map<string, number>

interface Observed {
  /** Over the whole run. */
  readonly p999Ms: ByThread
  readonly maxMs: ByThread
  /** Time in collections during the run, and the longest since the broker started. */
  readonly collectionMs: ByThread
  readonly longestCollectionMs: ByThread
}

export async function eventLoops({ rounds, writeMode, volumeGibibytes }: Options): Promise<Row[]> {
  const volumeBytes = volumeGibibytes * 2 ** 30
  const rows: Row[] = []
  for (const flush of ['os', 'group'] as const) {
    const folder = temporaryDirectory()
    const idle = idleProcess(folder)
    const target = await millraceTarget(flush, writeMode, watched(folder))
    const measured: Observed[] = []
    for (let round = 0; round < rounds; round++) {
      await write(target, `warm-${round}`, volumeBytes)
      await settle(volumeBytes)
      measured.push(
        await observe(target, folder, () => write(target, `loops-${round}`, volumeBytes)),
      )
    }
    await target.stop()
    await kill(idle, 'SIGKILL')
    rows.push(...rowsOf(measured, { flush, volumeGibibytes, rounds }))
  }
  return rows
}

/** What this machine does to the event loop of a process that has nothing to do. */
function idleProcess(folder: string): ChildProcess {
  const environment = { ...watched(folder), MILLRACE_BENCH_LOOP_NAME: IDLE }
  const script = 'setInterval(() => {}, 1000)'
  return start(process.execPath, ['-e', script], { env: { ...process.env, ...environment } })
}

function watched(folder: string): Record<string, string> {
  const preload = new URL('../../load/loop-delay.js', import.meta.url).href
  return { NODE_OPTIONS: `--import ${preload}`, MILLRACE_BENCH_LOOP_DELAYS: folder }
}

async function write(target: Target, topic: string, volumeBytes: number): Promise<void> {
  await target.createTopic(topic, PARTITIONS)
  const count = Math.ceil(volumeBytes / RECORD_BYTES)
  const result = await load(target, [
    ...['produce', topic, `${count}`, `${RECORD_BYTES}`, 'all'],
    ...BATCHING,
  ])
  process.stderr.write(`  ${target.name}: ${JSON.stringify(result)}\n`)
  await target.deleteTopic(topic)
}

async function observe(
  target: Target,
  folder: string,
  work: () => Promise<void>,
): Promise<Observed> {
  const collectedBefore = byThread(await scrape(target), 'millrace_gc_seconds_total')
  const delays = await delaysDuring(folder, [...collectedBefore.keys()], work)
  process.stderr.write(`  ${JSON.stringify(delays)}\n`)
  const text = await scrape(target)
  const collectionMs = byThread(text, 'millrace_gc_seconds_total')
  for (const [thread, ms] of collectionMs)
    collectionMs.set(thread, ms - (collectedBefore.get(thread) ?? 0))
  return {
    p999Ms: new Map(delays.map(({ thread, p999Ms }) => [thread, p999Ms])),
    maxMs: new Map(delays.map(({ thread, maxMs }) => [thread, maxMs])),
    collectionMs,
    longestCollectionMs: longest(text),
  }
}

/** What the threads of the broker leave in the folder; see load/loop-delay.ts. */
async function delaysDuring(
  folder: string,
  threads: readonly string[],
  work: () => Promise<void>,
): Promise<LoopDelay[]> {
  const paths = [...threads, IDLE].map((thread) => join(folder, `${thread}.json`))
  for (const name of ['begin', 'end']) rmSync(join(folder, name), { force: true })
  for (const path of paths) rmSync(path, { force: true })
  writeFileSync(join(folder, 'begin'), '')
  await work()
  writeFileSync(join(folder, 'end'), '')
  while (!paths.every((path) => existsSync(path))) await pause(POLL_MS)
  return paths.map((path) => JSON.parse(readFileSync(path, 'utf8')) as LoopDelay)
}

async function scrape(target: Target): Promise<string> {
  return (await fetch(`${target.http}/metrics`)).text()
}

function samplesOf(text: string, name: string): { labels: string; ms: number }[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`))
    .map((line) => ({
      labels: line.slice(0, line.lastIndexOf(' ')),
      ms: Number(line.slice(line.lastIndexOf(' ') + 1)) * 1000,
    }))
}

function threadOf(labels: string): string {
  return /thread="([^"]*)"/.exec(labels)?.[1] ?? '?'
}

/** Summed over the other labels. */
function byThread(text: string, name: string): ByThread {
  const sums = new Map<string, number>()
  for (const { labels, ms } of samplesOf(text, name)) {
    sums.set(threadOf(labels), (sums.get(threadOf(labels)) ?? 0) + ms)
  }
  if (sums.size === 0) throw new Error(`the broker has no metric ${name}`)
  return sums
}

function longest(text: string): ByThread {
  const found = new Map<string, number>()
  for (const { labels, ms } of samplesOf(text, 'millrace_gc_longest_seconds'))
    found.set(threadOf(labels), Math.max(ms, found.get(threadOf(labels)) ?? 0))
  return found
}

interface Run {
  readonly flush: string
  readonly volumeGibibytes: number
  readonly rounds: number
}

function rowsOf(measured: readonly Observed[], { flush, volumeGibibytes, rounds }: Run): Row[] {
  const worst = (pick: (observed: Observed) => ByThread) => {
    const figures: Record<string, number> = {}
    for (const observed of measured)
      for (const [thread, ms] of pick(observed))
        figures[thread] = Math.max(ms, figures[thread] ?? 0)
    return figures
  }
  const volume = `${volumeGibibytes} GiB in ${RECORD_BYTES} B records, ${rounds} rounds, the worst`
  const base = { flush, unit: 'ms', volume }
  const delays = worst((observed) => observed.p999Ms)
  const io = Object.entries(delays).filter(([thread]) => thread.startsWith('io'))
  const reached = io.length > 0 && io.every(([, ms]) => ms < LIMIT_MS)
  const dirtyBytes = Number(readFileSync('/proc/sys/vm/dirty_bytes', 'utf8'))
  const limit = dirtyBytes > 0 ? `, dirty limit ${dirtyBytes} B` : ''
  return [
    {
      ...base,
      scenario: `event-loop delay p99.9 at full speed${limit}`,
      figures: delays,
      goal: { text: `io workers < ${LIMIT_MS} ms`, reached },
    },
    { ...base, scenario: 'event-loop delay, the latest turn', figures: worst((o) => o.maxMs) },
    {
      ...base,
      scenario: 'garbage collection, the longest',
      figures: worst((o) => o.longestCollectionMs),
    },
    { ...base, scenario: 'garbage collection, in all', figures: worst((o) => o.collectionMs) },
  ]
}
