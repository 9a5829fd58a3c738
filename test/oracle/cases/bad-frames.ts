// Frames that are no requests: what of them is answered, and that the next client is served.

import { apis } from '../../../src/protocol/messages/api-table.js'
import { apiVersions } from '../../../src/protocol/messages/api-versions.js'
import { createPartitions } from '../../../src/protocol/messages/create-partitions.js'
import { fetch } from '../../../src/protocol/messages/fetch.js'
import { metadata } from '../../../src/protocol/messages/metadata.js'
import { produce } from '../../../src/protocol/messages/produce.js'
import { frameOf, type OracleCase, type Probe } from '../probe.js'
import { batchOf } from './batches.js'
import { produceDraft } from './produce.js'

function changed(frame: Buffer, change: (view: DataView) => void): Buffer {
  const copy = Buffer.from(frame)
  change(new DataView(copy.buffer, copy.byteOffset, copy.length))
  return copy
}

/** Without its last bytes, its length told rightly. */
function cut(frame: Buffer, bytes: number): Buffer {
  return changed(frame.subarray(0, frame.length - bytes), (view) =>
    view.setInt32(0, frame.length - bytes - 4),
  )
}

const ofMetadata = () =>
  frameOf(metadata, 4, { topics: [{ name: 'anything' }], allowAutoTopicCreation: false })
const ofFlexible = () =>
  frameOf(metadata, 9, { topics: [{ name: 'anything' }], allowAutoTopicCreation: false })
const COUNT_AT = 4 + 8 + 2 + 'oracle'.length

export const badFrames: readonly (readonly [what: string, bytes: () => Buffer])[] = [
  ['length -1', () => changed(ofMetadata(), (view) => view.setInt32(0, -1))],
  ['length 0', () => changed(ofMetadata(), (view) => view.setInt32(0, 0))],
  ['length 2^31-1', () => changed(ofMetadata(), (view) => view.setInt32(0, 0x7fffffff))],
  ['length 101 MiB', () => changed(ofMetadata(), (view) => view.setInt32(0, 101 << 20))],
  ['length 1', () => Buffer.from([0, 0, 0, 1, 7])],
  ['API key 999', () => changed(ofMetadata(), (view) => view.setInt16(4, 999))],
  ['API key -1', () => changed(ofMetadata(), (view) => view.setInt16(4, -1))],
  ['a key that went with Kafka 4', () => changed(ofMetadata(), (view) => view.setInt16(4, 4))],
  ['version 99', () => changed(ofMetadata(), (view) => view.setInt16(6, 99))],
  ['version -1', () => changed(ofMetadata(), (view) => view.setInt16(6, -1))],
  ['client id length lies', () => changed(ofMetadata(), (view) => view.setInt16(12, 30_000))],
  ['client id length -2', () => changed(ofMetadata(), (view) => view.setInt16(12, -2))],
  ['count beyond the frame', () => changed(ofMetadata(), (view) => view.setInt32(COUNT_AT, 1000))],
  ['count 2^31-1', () => changed(ofMetadata(), (view) => view.setInt32(COUNT_AT, 0x7fffffff))],
  ['compact count lies', () => changed(ofFlexible(), (view) => view.setUint8(COUNT_AT + 1, 0x7f))],
  [
    'varint without an end',
    () =>
      changed(ofFlexible(), (view) => {
        for (let at = COUNT_AT; at < view.byteLength; at++) view.setUint8(at, 0xff)
      }),
  ],
  ['header tags lie', () => changed(ofFlexible(), (view) => view.setUint8(COUNT_AT, 0x7f))],
  ['cut in the body', () => cut(ofMetadata(), 3)],
  ['cut in the header', () => cut(ofMetadata(), ofMetadata().length - 9)],
  ['cut flexible', () => cut(ofFlexible(), 1)],
  [
    'bytes behind the request',
    () =>
      changed(Buffer.concat([ofMetadata(), Buffer.alloc(5)]), (view) =>
        view.setInt32(0, view.byteLength - 4),
      ),
  ],
  [
    'null in an array of strings',
    () => frameOf(metadata, 10, { topics: [{ name: null }], allowAutoTopicCreation: false }),
  ],
  [
    'Produce v2',
    () =>
      changed(frameOf(produce, 3, produceDraft({ name: 'a', records: batchOf(['a']) })), (view) =>
        view.setInt16(6, 2),
      ),
  ],
  [
    'Produce v14',
    () =>
      changed(frameOf(produce, 13, produceDraft({ name: 'a', records: batchOf(['a']) })), (view) =>
        view.setInt16(6, 14),
      ),
  ],
  [
    'Fetch v3',
    () =>
      changed(
        frameOf(fetch, 4, { maxWaitMs: 0, minBytes: 0, topics: [], forgottenTopicsData: [] }),
        (view) => view.setInt16(6, 3),
      ),
  ],
  ['HTTP', () => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
]

async function stillServes(broker: Probe): Promise<void> {
  broker.close()
  await broker.ask(metadata, 4, { topics: [] }, 'the next client')
}

const unreadable: OracleCase[] = badFrames.map(([what, bytes]) => ({
  name: `bad frame: ${what}`,
  run: async (broker) => {
    const frame = bytes()
    const version = frame.length < 8 ? -1 : frame.readInt16BE(6)
    const isMetadata = version >= 0 && version <= 13 && frame.readInt16BE(4) === metadata.key
    await broker.askBytes(what, frame, isMetadata ? [metadata, version] : [metadata, 4])
    await stillServes(broker)
  },
}))

/** A topic that is not there: what matters is whether the request can be read. */
const ofGrowing = () =>
  frameOf(createPartitions, 0, {
    topics: [{ name: 'absent', count: 2, assignments: null }],
    timeoutMs: 1000,
    validateOnly: true,
  })
const ASSIGNMENTS_AT = COUNT_AT + 4 + 2 + 'absent'.length + 4

const negativeCounts: OracleCase[] = [
  ['where null may stand', ASSIGNMENTS_AT],
  ['where it may not', COUNT_AT],
].map(([what, at]) => ({
  name: `bad frame: count -2 ${what}`,
  run: async (broker) => {
    const frame = changed(ofGrowing(), (view) => view.setInt32(Number(at), -2))
    await broker.askBytes('count -2', frame, [createPartitions, 0])
    await stillServes(broker)
  },
}))

const versions: OracleCase[] = [
  ...[5, 99, -1, 32767].map((version) => ({
    name: `bad frame: ApiVersions v${version}`,
    run: async (broker: Probe) => {
      const frame = changed(frameOf(apiVersions, 0, {}), (view) => view.setInt16(6, version))
      await broker.askBytes('answered as v0', frame, [apiVersions, 0])
      await stillServes(broker)
    },
  })),
  ...apis
    .filter(({ key }) =>
      [0, 1, 2, 3, 10, 19, 20, 21, 22, 23, 32, 33, 35, 37, 44, 60, 61, 75].includes(key),
    )
    .map((api) => ({
      name: `bad frame: ${api.name} in versions that are not there, and without a body`,
      run: async (broker: Probe) => {
        for (const version of [api.versions[0] - 1, api.versions[1] + 1]) {
          const frame = changed(ofMetadata(), (view) => {
            view.setInt16(4, api.key)
            view.setInt16(6, version)
          })
          await broker.askBytes(`v${version}`, frame, [api, api.versions[0]])
        }
        for (const version of api.versions) {
          const whole = changed(ofMetadata(), (view) => {
            view.setInt16(4, api.key)
            view.setInt16(6, version)
          })
          const flexible = version >= api.flexible
          const bare = Buffer.concat([whole.subarray(0, COUNT_AT), Buffer.alloc(flexible ? 1 : 0)])
          await broker.askBytes(`v${version} without a body`, cut(bare, 0), [api, version])
        }
        await stillServes(broker)
      },
    })),
]

export const badFrameCases: readonly OracleCase[] = [...unreadable, ...negativeCounts, ...versions]
