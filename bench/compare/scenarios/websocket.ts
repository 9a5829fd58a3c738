// millrace.v1 on one connection beside a handler that keeps nothing, with the very same client.
import { fileURLToPath } from 'node:url'
import {
  PRODUCER_CREDIT_BYTES,
  PRODUCER_CREDIT_RECORDS,
} from '../../../src/protocol/millrace/limits.js'
import { kill, outputLine, runOrFail, start } from '../../../test/support/processes.js'
import type { LoadResult } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { medians, ratio, run } from '../rounds.js'
import { cpuSeconds, millraceTarget, type Target } from '../targets.js'

const LEAST = 0.6
const EMPTY = 'empty handler'
const clientFile = (name: string) =>
  fileURLToPath(new URL(`../../load/clients/${name}.js`, import.meta.url))

const SHAPES = [
  {
    mode: 'record',
    text: '100 B, one record a frame',
    records: 1_000_000,
    recordBytes: 100,
    unit: 'records/s',
  },
  {
    mode: 'batch',
    text: '64 KiB batches',
    records: 64 * 32_000,
    recordBytes: 1024,
    unit: 'MB/s',
  },
] as const

export async function websocket({ rounds, writeMode, scale }: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const { mode, text, records, recordBytes, unit } of SHAPES) {
    const os = await millraceTarget('os', writeMode)
    const group = await millraceTarget('group', writeMode)
    const targets = [await emptyTarget(), os, group]
    const count = Math.ceil(records * scale)
    const args = (topic: string) => [topic, mode, String(count)]
    const volumeBytes = count * recordBytes
    const plan = { targets, rounds, partitions: 1, volumeBytes, args, load: loadWebSocket }
    const samples = await run(plan)
    for (const target of targets) await target.stop()
    const figure = unit === 'MB/s' ? 'megabytesPerSecond' : 'recordsPerSecond'
    for (const ours of [os, group]) {
      const value = ratio(samples, figure, ours.name, EMPTY)
      rows.push({
        scenario: `WebSocket millrace.v1, one connection, ${text}`,
        flush: ours.flush,
        figures: medians(samples, figure),
        unit,
        ratio: { of: ours.name, to: EMPTY, value },
        ...(ours === os
          ? { goal: { text: `≥ ${LEAST} of the empty handler`, reached: value >= LEAST } }
          : {}),
        volume: `${count.toLocaleString('en')} records, ${rounds} rounds`,
      })
    }
  }
  return rows
}

async function loadWebSocket(target: Target, args: readonly string[]): Promise<LoadResult> {
  const url = (target.http ?? '').replace('http:', 'ws:')
  const before = cpuSeconds(target.pid)
  const { stdout } = await runOrFail(process.execPath, [clientFile('websocket-load'), url, ...args])
  const brokerCpuSeconds = cpuSeconds(target.pid) - before
  return { ...(JSON.parse(stdout.toString()) as LoadResult), brokerCpuSeconds }
}

async function emptyTarget(): Promise<Target> {
  const credit = [PRODUCER_CREDIT_BYTES, PRODUCER_CREDIT_RECORDS].map(String)
  const child = start(process.execPath, [clientFile('empty-websocket'), ...credit], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const address = `127.0.0.1:${(await outputLine(child, /^ready \d/)).split(' ')[1]}`
  return {
    name: EMPTY,
    flush: 'none',
    address,
    pid: child.pid ?? -1,
    http: `http://${address}`,
    createTopic: async () => {},
    deleteTopic: async () => {},
    stop: () => kill(child, 'SIGKILL'),
  }
}
