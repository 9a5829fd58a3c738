// shell: measures time. Load over the Kafka protocol: prebuilt batches, several connections, a window of
// requests in flight on each.
import { systemClock } from '../../base/clock.js'
import { codecFor } from '../../protocol/codec.js'
import { createTopics } from '../../protocol/messages/create-topics.js'
import { fetch as fetchApi } from '../../protocol/messages/fetch.js'
import { produce as produceApi } from '../../protocol/messages/produce.js'
import { readBatchHeader } from '../../protocol/records/batch-header.js'
import { readRecords } from '../../protocol/records/read-records.js'
import { RecordBatchBuilder } from '../../protocol/records/record-batch-builder.js'
import { splitBatches } from '../../protocol/records/split-batches.js'
import { KafkaWire } from '../kafka-wire.js'
import type { LatencyRecorder } from './latency-recorder.js'
import type { BenchOptions, ThroughputResult } from './plan.js'

const IN_FLIGHT = 5
const ALL_REPLICAS = -1
const TIMEOUT_MS = 30_000
const FETCH_BYTES = 4 * 1024 * 1024
// Versions that every Kafka 2.1 and later serves, and that name topics by name.
const produceCodec = codecFor(produceApi, 7)
const fetchCodec = codecFor(fetchApi, 11)

export async function createTopic(
  address: string,
  name: string,
  partitions: number,
): Promise<void> {
  const wire = await KafkaWire.open(address)
  const answer = await wire.request(codecFor(createTopics, 4), {
    topics: [
      { name, numPartitions: partitions, replicationFactor: -1, assignments: [], configs: [] },
    ],
    timeoutMs: TIMEOUT_MS,
  })
  wire.close()
  const failed = answer.topics.find((topic) => topic.errorCode !== 0)
  if (failed)
    throw new Error(
      `the topic could not be created: error ${failed.errorCode} ${failed.errorMessage ?? ''}`,
    )
}

export function buildBatch(records: number, recordBytes: number): Uint8Array {
  const builder = new RecordBatchBuilder()
  const wallMs = systemClock.wallMs()
  const value = Uint8Array.from({ length: recordBytes }, (_, i) => 33 + ((i * 7) % 90))
  for (let i = 0; i < records; i++) builder.append(null, value, [], wallMs)
  return builder.build()
}

export async function produceOverKafka(
  topic: string,
  options: BenchOptions,
): Promise<ThroughputResult> {
  const batch = buildBatch(options.batchRecords, options.recordBytes)
  const begin = performance.now()
  const until = begin + options.seconds * 1000
  const counts = await Promise.all(
    Array.from({ length: options.connections }, (_, i) =>
      produceOnOne({ topic, options, batch, until, first: i }),
    ),
  )
  const records = counts.reduce((sum, n) => sum + n, 0) * options.batchRecords
  const seconds = (performance.now() - begin) / 1000
  return {
    kind: 'produce',
    transport: 'kafka',
    records,
    bytes: records * options.recordBytes,
    seconds,
  }
}

interface OneProducer {
  readonly topic: string
  readonly options: BenchOptions
  readonly batch: Uint8Array
  readonly until: number
  readonly first: number
}

async function produceOnOne({ topic, options, batch, until, first }: OneProducer): Promise<number> {
  const wire = await KafkaWire.open(options.kafka)
  let sent = 0
  const loop = async () => {
    while (performance.now() < until) {
      const index = (first + sent++) % options.partitions
      await produceBatch(wire, topic, index, batch)
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop))
  wire.close()
  return sent
}

async function produceBatch(
  wire: KafkaWire,
  topic: string,
  index: number,
  batch: Uint8Array,
): Promise<void> {
  const answer = await wire.request(produceCodec, {
    transactionalId: null,
    acks: ALL_REPLICAS,
    timeoutMs: TIMEOUT_MS,
    topicData: [{ name: topic, partitionData: [{ index, records: [batch] }] }],
  })
  const code = answer.responses[0]?.partitionResponses[0]?.errorCode
  if (code !== 0) throw new Error(`the broker refused a batch: error ${code}`)
}

/** Reads each partition from its beginning once. */
export async function consumeOverKafka(
  topic: string,
  options: BenchOptions,
): Promise<ThroughputResult> {
  const begin = performance.now()
  const parts = await Promise.all(
    Array.from({ length: options.partitions }, (_, index) =>
      consumePartition(topic, index, options),
    ),
  )
  const records = parts.reduce((sum, n) => sum + n, 0)
  const seconds = (performance.now() - begin) / 1000
  return {
    kind: 'consume',
    transport: 'kafka',
    records,
    bytes: records * options.recordBytes,
    seconds,
  }
}

async function consumePartition(
  topic: string,
  index: number,
  options: BenchOptions,
): Promise<number> {
  const wire = await KafkaWire.open(options.kafka)
  const until = performance.now() + options.seconds * 1000
  let offset = 0
  while (performance.now() < until) {
    const partition = await fetchOnce(wire, { topic, index, offset, maxWaitMs: 0 })
    const next = endOf(partition.records ?? [])
    if (next === undefined) break
    offset = next
  }
  wire.close()
  return offset
}

/** The offset behind the last whole batch. */
function endOf(records: readonly Uint8Array[]): number | undefined {
  let end: number | undefined
  for (const batch of splitBatches(records)) {
    const header = readBatchHeader(batch)
    end = header.lastOffset + 1
  }
  return end
}

interface FetchSpot {
  readonly topic: string
  readonly index: number
  readonly offset: number
  readonly maxWaitMs: number
}

async function fetchOnce(wire: KafkaWire, spot: FetchSpot) {
  const answer = await wire.request(fetchCodec, {
    replicaId: -1,
    maxWaitMs: spot.maxWaitMs,
    minBytes: 1,
    maxBytes: FETCH_BYTES,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: [
      {
        topic: spot.topic,
        partitions: [
          { partition: spot.index, fetchOffset: spot.offset, partitionMaxBytes: FETCH_BYTES },
        ],
      },
    ],
    forgottenTopicsData: [],
  })
  const partition = answer.responses[0]?.partitions[0]
  if (partition === undefined || partition.errorCode !== 0) {
    throw new Error(`the broker refused a fetch: error ${partition?.errorCode ?? answer.errorCode}`)
  }
  return partition
}

/** Single-record requests at a fixed rate; the due time travels in the record's value. */
export async function latencyOverKafka(
  topic: string,
  options: BenchOptions,
  recorder: LatencyRecorder,
): Promise<void> {
  const total = options.rate * options.seconds
  const reading = readDueTimes(topic, total, options, recorder)
  const wire = await KafkaWire.open(options.kafka)
  const value = new Uint8Array(Math.max(8, options.recordBytes))
  const builder = new RecordBatchBuilder()
  await recorder.atRate(options.rate, total, (dueMs) => {
    new DataView(value.buffer).setFloat64(0, dueMs)
    builder.append(null, value, [], systemClock.wallMs())
    const batch = builder.build()
    return produceBatch(wire, topic, 0, batch)
  })
  await reading
  wire.close()
}

async function readDueTimes(
  topic: string,
  total: number,
  options: BenchOptions,
  recorder: LatencyRecorder,
): Promise<void> {
  const wire = await KafkaWire.open(options.kafka)
  for (let offset = 0; offset < total; ) {
    const partition = await fetchOnce(wire, { topic, index: 0, offset, maxWaitMs: 500 })
    if (!partition.records) continue
    for (const batch of splitBatches(partition.records)) {
      for (const record of readRecords(batch, { crc32c: 'unchecked' })) {
        if (record.offset < offset || record.value === null) continue
        recorder.record(new DataView(record.value.buffer, record.value.byteOffset).getFloat64(0))
        offset = record.offset + 1
      }
    }
  }
  wire.close()
}
