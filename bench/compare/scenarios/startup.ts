// From the start of the process to the first request served, and what it holds in memory when idle.
import { performance } from 'node:perf_hooks'
import { Kafka, logLevel } from 'kafkajs'
import type { FlushPolicy, WriteMode } from '../../../src/log/types.js'
import { startBroker, temporaryDirectory } from '../../../test/support/broker.js'
import { anonymousBytes } from '../../../test/support/processes.js'
import { median } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'

const POLICIES = ['os', 'group'] as const satisfies readonly FlushPolicy[]

export async function startup(options: Options): Promise<Row[]> {
  const rows: Row[] = []
  for (const flush of POLICIES) rows.push(...(await startupUnder(flush, options)))
  return rows
}

async function startupUnder(
  flush: FlushPolicy,
  { rounds, writeMode }: Options,
): Promise<readonly Row[]> {
  const flags = flagsFor(flush, writeMode)
  const empty: number[] = []
  const memory: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    const broker = await startBroker({ flags: ['--workers', '2', ...flags] })
    empty.push(performance.now() - begin)
    memory.push(anonymousBytes(broker.pid) / 2 ** 20)
    await broker.stop()
  }
  const many = await withThousandPartitions(rounds, flags)
  const shared = { flush, volume: `${rounds} rounds` }
  return [
    row('ready on an empty directory', empty, { ...shared, unit: 'ms', limit: 300 }),
    row('ready with 1,000 cleanly closed partitions', many, { ...shared, unit: 'ms', limit: 1000 }),
    row('resident memory idle, mapped file pages aside', memory, {
      ...shared,
      unit: 'MB',
      limit: 110,
    }),
  ]
}

function flagsFor(flush: FlushPolicy, writeMode: WriteMode): readonly string[] {
  return ['--flush', flush, '--log-write-mode', writeMode]
}

interface Shown {
  readonly flush: FlushPolicy
  readonly volume: string
  readonly unit: string
  readonly limit: number
}

function row(scenario: string, values: readonly number[], shown: Shown): Row {
  const { flush, volume, unit, limit } = shown
  const value = median(values)
  return {
    scenario,
    flush,
    figures: { Millrace: value },
    unit,
    goal: { text: `≤ ${limit} ${unit}`, reached: value <= limit },
    volume,
  }
}

async function withThousandPartitions(rounds: number, flags: readonly string[]): Promise<number[]> {
  const dataDirectory = temporaryDirectory()
  const broker = await startBroker({ dataDirectory, flags })
  const kafka = new Kafka({ brokers: [broker.kafka], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({
    topics: [{ topic: 'thousand', numPartitions: 1000 }],
    timeout: 60_000,
  })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: 1000 }, (_, partition) => ({ partition, value: 'x' }))
  await producer.send({ topic: 'thousand', messages })
  await producer.disconnect()
  await broker.stop()
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    const again = await startBroker({ dataDirectory, flags })
    times.push(performance.now() - begin)
    await again.stop()
  }
  return times
}
