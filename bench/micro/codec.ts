// What the codec costs per message: Produce, Fetch and Metadata, read and written, compiled beside
// interpreted; and record batches where there is no addon.
import { bench, do_not_optimize, group, run } from 'mitata'
import { type Codec, codecFor } from '../../src/protocol/codec.js'
import { encodeResponseFrame } from '../../src/protocol/headers.js'
import { interpreterFor } from '../../src/protocol/interpreter.js'
import { fetch } from '../../src/protocol/messages/fetch.js'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { FrameReader } from '../../src/protocol/reader.js'
import { crc32c } from '../../src/protocol/records/crc32c.js'
import { readRecords } from '../../src/protocol/records/read-records.js'
import { RecordBatchBuilder } from '../../src/protocol/records/record-batch-builder.js'
import type { Api, Draft, Fields } from '../../src/protocol/schema.js'
import { FrameWriter } from '../../src/protocol/writer.js'

const topicId = 'yPxrm_-6TX-Wz34lAhVb1g'
const batch = new Uint8Array(16 * 1024)
const produceRequest = {
  transactionalId: null,
  acks: -1,
  timeoutMs: 30_000,
  topicData: [{ name: 'orders', topicId, partitionData: [{ index: 3, records: [batch] }] }],
}
const produceResponse = {
  responses: [
    { name: 'orders', topicId, partitionResponses: [{ index: 3, errorCode: 0, baseOffset: 5e9 }] },
  ],
}
const fetchRequest = {
  maxWaitMs: 500,
  minBytes: 1,
  topics: [
    {
      topic: 'orders',
      topicId,
      partitions: [3, 4, 5].map((partition) => ({
        partition,
        fetchOffset: 5e9,
        partitionMaxBytes: 1 << 20,
      })),
    },
  ],
}
const fetchResponse = {
  throttleTimeMs: 0,
  responses: [
    {
      topic: 'orders',
      topicId,
      partitions: [3, 4, 5].map((partitionIndex) => ({
        partitionIndex,
        errorCode: 0,
        highWatermark: 5e9,
        abortedTransactions: null,
        records: [batch],
      })),
    },
  ],
}
const metadataResponse = {
  brokers: [1, 2, 3].map((nodeId) => ({ nodeId, host: 'broker.example', port: 9092 })),
  topics: [
    {
      errorCode: 0,
      name: 'orders',
      topicId,
      partitions: Array.from({ length: 12 }, (_, partitionIndex) => ({
        errorCode: 0,
        partitionIndex,
        leaderId: 1,
        replicaNodes: [1, 2, 3],
        isrNodes: [1, 2, 3],
      })),
    },
  ],
}

function requests<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  draft: Draft<Q>,
): void {
  const interpreted = interpreterFor(api, version)
  for (const [name, codec] of [
    ['', codecFor(api, version)],
    [', interpreted', interpreted],
  ] as const) {
    const writer = new FrameWriter()
    codec.encodeRequest(writer, draft)
    const frame = new Uint8Array(Buffer.concat(writer.finish().chunks))
    bench(`${api.name} v${version} request, read${name}`, () =>
      do_not_optimize(codec.decodeRequest(new FrameReader([frame]))),
    )
  }
}

function responses<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  draft: Draft<S>,
): void {
  const written = (codec: Codec<Q, S>, name: string) =>
    bench(`${api.name} v${version} response, written${name}`, () =>
      do_not_optimize(encodeResponseFrame(codec, 1, draft)),
    )
  written(codecFor(api, version), '')
  written(interpreterFor(api, version), ', interpreted')
}

group('Produce, one partition, 16 KiB', () => {
  requests(produce, 7, produceRequest)
  requests(produce, 12, produceRequest)
  responses(produce, 7, produceResponse)
  responses(produce, 12, produceResponse)
})
group('Fetch, three partitions, 16 KiB each', () => {
  requests(fetch, 11, fetchRequest)
  requests(fetch, 17, fetchRequest)
  responses(fetch, 11, fetchResponse)
  responses(fetch, 17, fetchResponse)
})
group('Metadata, three brokers, twelve partitions', () => {
  responses(metadata, 8, metadataResponse)
  responses(metadata, 12, metadataResponse)
})
group('Record batches, 100 records of 100 B', () => {
  const builder = new RecordBatchBuilder()
  const value = new Uint8Array(100)
  const build = () => {
    for (let index = 0; index < 100; index++) builder.append(null, value, [], 1_700_000_000_000)
    return builder.build()
  }
  const built = build()
  bench('built', () => do_not_optimize(build()))
  bench('read', () => {
    for (const record of readRecords(built)) do_not_optimize(record)
  })
  bench('CRC-32C by table', () => do_not_optimize(crc32c(built)))
})

await run()
