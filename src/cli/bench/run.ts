// Measures a broker that runs already, or starts one of its own on free ports and an empty directory.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandFailure, ExitCode } from '../exit.js'
import { consumeOverKafka, createTopic, latencyOverKafka, produceOverKafka } from './kafka-load.js'
import { LatencyRecorder } from './latency-recorder.js'
import {
  consumeOverWebSocket,
  latencyOverWebSocket,
  produceOverWebSocket,
} from './millrace-load.js'
import type { BenchOptions, BenchResult, Transport } from './plan.js'
import { plot } from './plot.js'
import { report } from './report.js'

export interface BenchFlags {
  readonly kafka?: string
  readonly url?: string
  readonly over?: 'kafka' | 'websocket' | 'both'
  readonly flush: string
  readonly seconds: number
  readonly size: number
  readonly batch: number
  readonly connections: number
  readonly partitions: number
  readonly rate: number
  readonly out: string
  readonly json?: boolean
}

export async function bench(flags: BenchFlags): Promise<void> {
  if ((flags.kafka === undefined) !== (flags.url === undefined)) {
    throw new CommandFailure(
      'give both --kafka and --url of the broker, or neither to measure one of its own',
      ExitCode.usage,
    )
  }
  const own = flags.kafka === undefined ? await startOwn(flags.flush) : undefined
  try {
    const options: BenchOptions = {
      kafka: own?.kafka ?? flags.kafka ?? '',
      websocket: own?.websocket ?? flags.url ?? '',
      transports:
        flags.over === undefined || flags.over === 'both' ? ['kafka', 'websocket'] : [flags.over],
      seconds: flags.seconds,
      recordBytes: flags.size,
      batchRecords: flags.batch,
      connections: flags.connections,
      partitions: flags.partitions,
      rate: flags.rate,
    }
    const flush = own ? flags.flush : 'as the broker has it'
    const results = await measure(options)
    publish(results, { options, flush, flags })
  } finally {
    await own?.stop()
  }
}

async function measure(options: BenchOptions): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const transport of options.transports) {
    const topic = `bench-${transport}-${process.pid}`
    await createTopic(options.kafka, topic, options.partitions)
    const [produce, consume] =
      transport === 'kafka'
        ? [produceOverKafka, consumeOverKafka]
        : [produceOverWebSocket, consumeOverWebSocket]
    say(`produce over ${transport} (once unmeasured)`)
    await produce(topic, { ...options, seconds: Math.min(2, options.seconds) })
    results.push(await produce(topic, options))
    say(`consume over ${transport} (once unmeasured)`)
    await consume(topic, { ...options, seconds: Math.min(2, options.seconds) })
    results.push(await consume(topic, options))
    results.push(await measureLatency(transport, options))
  }
  return results
}

async function measureLatency(transport: Transport, options: BenchOptions): Promise<BenchResult> {
  const run = transport === 'kafka' ? latencyOverKafka : latencyOverWebSocket
  say(`latency over ${transport} at ${options.rate}/s (once unmeasured)`)
  for (const [name, seconds] of [
    ['warm', 2],
    ['measured', options.seconds],
  ] as const) {
    const topic = `bench-latency-${transport}-${name}-${process.pid}`
    await createTopic(options.kafka, topic, 1)
    const recorder = new LatencyRecorder()
    await run(topic, { ...options, seconds }, recorder)
    if (name === 'measured') return recorder.result(transport, options.rate)
  }
  throw new Error('no run was measured')
}

function say(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`  ${text}\n`)
}

interface Published {
  readonly options: BenchOptions
  readonly flush: string
  readonly flags: BenchFlags
}

function publish(results: readonly BenchResult[], { options, flush, flags }: Published): void {
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? 'unknown'}`
  const { kafka: _kafka, websocket: _websocket, ...setup } = options
  const document = { flush, machine, node: process.version, ...setup, results }
  mkdirSync(flags.out, { recursive: true })
  const files = { json: join(flags.out, 'bench.json'), svg: join(flags.out, 'bench.svg') }
  writeFileSync(files.json, `${JSON.stringify(document, null, 2)}\n`)
  const subtitle = `flush: ${flush} · ${options.recordBytes} B records, ${options.batchRecords} a batch · ${options.connections} connections, ${options.partitions} partitions · ${machine}`
  writeFileSync(files.svg, plot(results, { title: 'Millrace', subtitle }))
  process.stdout.write(
    flags.json
      ? `${JSON.stringify(document)}\n`
      : `${report(results, flush)}\n\nwritten: ${files.json}, ${files.svg}\n`,
  )
}

interface OwnBroker {
  readonly kafka: string
  readonly websocket: string
  stop(): Promise<void>
}

async function startOwn(flush: string): Promise<OwnBroker> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const main = new URL('../main.js', import.meta.url).pathname
  const flags = [
    '--data',
    data,
    '--kafka',
    '127.0.0.1:0',
    '--websocket',
    '127.0.0.1:0',
    '--flush',
    flush,
  ]
  const child = spawn(
    process.execPath,
    [main, 'serve', '--json', '--log-level', 'warn', ...flags],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ready = await firstLine(child)
  const stop = async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    await exited
    rmSync(data, { recursive: true, force: true })
  }
  return { ...(JSON.parse(ready) as { kafka: string; websocket: string }), stop }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      if (text.includes('\n')) resolve(text)
    })
    child.once('exit', (code) =>
      reject(new CommandFailure(`the broker to be measured ended with ${code}`)),
    )
  })
}
