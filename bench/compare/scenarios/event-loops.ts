// shell: asks for the metrics every second. How late the io workers' event loops come while much more
// is written than the kernel keeps dirty, at full speed.
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { load } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { millraceTarget, type Target } from '../targets.js'

const RECORD_BYTES = 1024
const PARTITIONS = 6
const LIMIT_MS = 20
const POLL_MS = 1000
/** The broker's quantiles are those of ten seconds; the last window of a run ends so much later. */
const WINDOW_MS = 11_000

interface Observed {
  /** By thread: the worst of the run's ten-second windows, each a p99.9. */
  readonly delayMs: Map<string, number>
  /** By thread: time in collections during the run, and the longest since the broker started. */
  readonly collectionMs: Map<string, number>
  readonly longestCollectionMs: Map<string, number>
}

export async function eventLoops({ rounds, writeMode, volumeGibibytes }: Options): Promise<Row[]> {
  const count = Math.ceil((volumeGibibytes * 2 ** 30) / RECORD_BYTES)
  const rows: Row[] = []
  for (const flush of ['os', 'group'] as const) {
    const target = await millraceTarget(flush, writeMode)
    const measured: Observed[] = []
    for (let round = 0; round < rounds; round++) {
      await write(target, `warm-${round}`, count)
      measured.push(await observe(target, () => write(target, `loops-${round}`, count)))
    }
    await target.stop()
    rows.push(...rowsOf(measured, { flush, volumeGibibytes, rounds }))
  }
  return rows
}

async function write(target: Target, topic: string, count: number): Promise<void> {
  await target.createTopic(topic, PARTITIONS)
  const batching = ['batch.size=262144', 'linger.ms=5']
  const result = await load(target, [
    'produce',
    topic,
    `${count}`,
    `${RECORD_BYTES}`,
    'all',
    ...batching,
  ])
  process.stderr.write(`  ${target.name}: ${JSON.stringify(result)}\n`)
  await target.deleteTopic(topic)
}

async function observe(target: Target, work: () => Promise<void>): Promise<Observed> {
  await pause(WINDOW_MS) // what came before leaves the window
  const before = byThread(await scrape(target), 'millrace_gc_seconds_total')
  const delayMs = new Map<string, number>()
  let isDone = false
  const finished = work().finally(() => {
    isDone = true
  })
  let endMs = Number.POSITIVE_INFINITY
  while (performance.now() < endMs) {
    await pause(POLL_MS)
    if (isDone && endMs === Number.POSITIVE_INFINITY) endMs = performance.now() + WINDOW_MS
    const text = await scrape(target)
    for (const [thread, ms] of byThread(text, 'millrace_event_loop_delay_seconds', '0.999'))
      delayMs.set(thread, Math.max(ms, delayMs.get(thread) ?? 0))
  }
  await finished
  const text = await scrape(target)
  const collectionMs = byThread(text, 'millrace_gc_seconds_total')
  for (const [thread, ms] of collectionMs) collectionMs.set(thread, ms - (before.get(thread) ?? 0))
  return {
    delayMs,
    collectionMs,
    longestCollectionMs: longest(text),
  }
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
function byThread(text: string, name: string, quantile?: string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const { labels, ms } of samplesOf(text, name)) {
    if (quantile !== undefined && !labels.includes(`quantile="${quantile}"`)) continue
    sums.set(threadOf(labels), (sums.get(threadOf(labels)) ?? 0) + ms)
  }
  if (sums.size === 0) throw new Error(`the broker has no metric ${name}`)
  return sums
}

function longest(text: string): Map<string, number> {
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
  const worst = (pick: (observed: Observed) => Map<string, number>) => {
    const figures: Record<string, number> = {}
    for (const observed of measured)
      for (const [thread, ms] of pick(observed))
        figures[thread] = Math.max(ms, figures[thread] ?? 0)
    return figures
  }
  const volume = `${volumeGibibytes} GiB in ${RECORD_BYTES} B records, ${rounds} rounds, the worst`
  const base = { flush, unit: 'ms', volume }
  const delays = worst((observed) => observed.delayMs)
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
    {
      ...base,
      scenario: 'garbage collection, the longest',
      figures: worst((o) => o.longestCollectionMs),
    },
    { ...base, scenario: 'garbage collection, in all', figures: worst((o) => o.collectionMs) },
  ]
}
