// shell: measures time. Load over millrace.v1, through the client that applications use.
import { type Client, connect, type Producer } from '../../client/index.js'
import type { LatencyRecorder } from './latency-recorder.js'
import type { BenchOptions, ThroughputResult } from './plan.js'

export async function produceOverWebSocket(
  topic: string,
  options: BenchOptions,
): Promise<ThroughputResult> {
  const begin = performance.now()
  const until = begin + options.seconds * 1000
  const value = new Uint8Array(options.recordBytes).fill(120)
  const counts = await Promise.all(
    Array.from({ length: options.connections }, () =>
      withClient(options, async (client) => {
        const producer = await client.producer(topic, { durability: 'all' })
        return produceUntil(producer, value, until, options)
      }),
    ),
  )
  const records = counts.reduce((sum, n) => sum + n, 0)
  const seconds = (performance.now() - begin) / 1000
  return {
    kind: 'produce',
    transport: 'websocket',
    records,
    bytes: records * options.recordBytes,
    seconds,
  }
}

async function produceUntil(
  producer: Producer,
  value: Uint8Array,
  until: number,
  options: BenchOptions,
): Promise<number> {
  let sent = 0
  let failure: Error | undefined
  const onFailed = (error: Error) => {
    failure ??= error
  }
  while (performance.now() < until && failure === undefined) {
    const partition = Math.floor(sent / options.batchRecords) % options.partitions
    for (let i = 0; i < options.batchRecords; i++)
      producer.send({ value, partition }).catch(onFailed)
    sent += options.batchRecords
    await producer.ready()
  }
  await producer.flush()
  if (failure) throw failure
  return sent
}

export function consumeOverWebSocket(
  topic: string,
  options: BenchOptions,
): Promise<ThroughputResult> {
  return withClient(options, async (client) => {
    const begin = performance.now()
    const until = begin + options.seconds * 1000
    const reader = await client.reader(topic, { from: 'earliest', until: 'end' })
    let records = 0
    for await (const _record of reader) {
      records++
      if ((records & 0xfff) === 0 && performance.now() > until) break
    }
    const seconds = (performance.now() - begin) / 1000
    return {
      kind: 'consume',
      transport: 'websocket',
      records,
      bytes: records * options.recordBytes,
      seconds,
    }
  })
}

export function latencyOverWebSocket(
  topic: string,
  options: BenchOptions,
  recorder: LatencyRecorder,
): Promise<void> {
  return withClient(options, async (client) => {
    const total = options.rate * options.seconds
    const producer = await client.producer(topic, { durability: 'all', lingerMs: 0 })
    const reading = readDueTimes(client, topic, total, recorder)
    await recorder.atRate(options.rate, total, async (dueMs) => {
      const value = new Uint8Array(Math.max(8, options.recordBytes))
      new DataView(value.buffer).setFloat64(0, dueMs)
      await producer.send({ value, partition: 0 })
    })
    await reading
  })
}

async function readDueTimes(
  client: Client,
  topic: string,
  total: number,
  recorder: LatencyRecorder,
): Promise<void> {
  const reader = await client.reader(topic, { from: 'earliest', partitions: [0] })
  let left = total
  for await (const { value } of reader) {
    if (value) recorder.record(new DataView(value.buffer, value.byteOffset).getFloat64(0))
    if (--left === 0) break
  }
}

async function withClient<T>(
  options: BenchOptions,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connect(options.websocket, { name: 'millrace-bench' })
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}
