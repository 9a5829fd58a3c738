// From the start of the process to the first request served, and what it holds in memory when idle.
import { performance } from 'node:perf_hooks'
import { Kafka, logLevel } from 'kafkajs'
import type { WriteMode } from '../../../src/log/types.js'
import { startBroker, temporaryDirectory } from '../../../test/support/broker.js'
import { median } from '../load.js'
import type { Options } from '../options.js'
import type { Row } from '../report.js'
import { anonymousMegabytes } from '../targets.js'

export async function startup({ rounds, writeMode }: Options): Promise<Row[]> {
  const empty: number[] = []
  const memory: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    const broker = await startBroker({ flags: ['--workers', '2', '--log-write-mode', writeMode] })
    empty.push(performance.now() - begin)
    memory.push(anonymousMegabytes(broker.pid))
    await broker.stop()
  }
  const many = await withThousandPartitions(rounds, writeMode)
  const volume = `${rounds} rounds`
  return [
    row('ready on an empty directory', empty, 'ms', 300, volume),
    row('ready with 1,000 cleanly closed partitions', many, 'ms', 1000, volume),
    row('resident memory idle, mapped file pages aside', memory, 'MB', 110, volume),
  ]
}

function row(
  scenario: string,
  values: readonly number[],
  unit: string,
  limit: number,
  volume: string,
): Row {
  const value = median(values)
  return {
    scenario,
    flush: 'group',
    figures: { Millrace: value },
    unit,
    goal: { text: `≤ ${limit} ${unit}`, reached: value <= limit },
    volume,
  }
}

async function withThousandPartitions(rounds: number, writeMode: WriteMode): Promise<number[]> {
  const flags = ['--log-write-mode', writeMode]
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
