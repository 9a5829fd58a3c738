import { Buffer } from 'node:buffer'
import { fetch } from '../../../src/protocol/messages/fetch.js'
import { metadata } from '../../../src/protocol/messages/metadata.js'
import { produce } from '../../../src/protocol/messages/produce.js'
import type { BatchOptions } from '../../log/batches.js'
import { frameOf, type OracleCase, type Probe } from '../probe.js'
import { altered, batchOf, broken, NOW_MS } from './batches.js'
import { everyVersion, inVersion } from './versions.js'

const TIMEOUT_MS = 10_000
const NEWEST_BY_NAME = 12

export interface Sent {
  readonly version?: number
  readonly name: string
  readonly topicId?: string
  readonly index?: number
  readonly acks?: number
  readonly records: Uint8Array | null
  readonly transactionalId?: string
}

export function produceDraft(sent: Sent) {
  const { name, topicId, index = 0, acks = -1, records, transactionalId = null } = sent
  return {
    transactionalId,
    acks,
    timeoutMs: TIMEOUT_MS,
    topicData: [
      {
        name,
        ...(topicId === undefined ? {} : { topicId }),
        partitionData: [{ index, records: records === null ? null : [records] }],
      },
    ],
  }
}

export async function send(broker: Probe, sent: Sent, note = ''): Promise<void> {
  await broker.ask(produce, sent.version ?? NEWEST_BY_NAME, produceDraft(sent), note)
}

/** Reads everything back, for the transcript. */
export async function readBack(broker: Probe, name: string, index = 0): Promise<void> {
  await broker.ask(
    fetch,
    11,
    {
      maxWaitMs: 0,
      minBytes: 0,
      topics: [
        {
          topic: name,
          partitions: [{ partition: index, fetchOffset: 0, partitionMaxBytes: 1 << 20 }],
        },
      ],
      forgottenTopicsData: [],
    },
    'reads back',
  )
}

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const

const basics: OracleCase[] = [
  ...everyVersion(produce, 'all acks', async (broker, version, name) => {
    const topicId = await broker.createTopic(name)
    for (const acks of [-1, 1, 2, -2]) {
      await send(
        broker,
        { version, name, topicId, acks, records: batchOf(['a', 'b']) },
        `acks=${acks}`,
      )
    }
    await broker.tell(
      frameOf(produce, version, produceDraft({ name, topicId, acks: 0, records: batchOf(['c']) })),
    )
    await broker.ask(metadata, 4, { topics: [] }, 'follows acks=0')
    await readBack(broker, name)
  }),
  ...everyVersion(produce, 'unknown topic and partition', async (broker, version, name) => {
    const topicId = await broker.createTopic(name)
    const records = batchOf(['a'])
    await send(broker, { version, name, topicId, index: 7, records }, 'partition 7')
    await send(broker, { version, name, topicId, index: -1, records }, 'partition -1')
    const other = { name: `${name}-other`, topicId: 'Zm9vYmFyYmF6cXV4MTIzNA' }
    await send(broker, { version, ...other, records }, 'no such topic')
    await send(
      broker,
      { version, name: 'not/valid', topicId: other.topicId, records },
      'invalid name',
    )
  }),
  ...codecs.flatMap((codec) =>
    everyVersion(produce, codec, async (broker, version, name) => {
      const topicId = await broker.createTopic(name)
      const records = batchOf(['one', 'two', 'three'.repeat(100)], { codec })
      await send(broker, { version, name, topicId, records })
      await readBack(broker, name)
    }),
  ),
  inVersion(produce, 13, 'zero topic id', async (broker, version, name) => {
    await send(broker, { version, name, records: batchOf(['a']) })
  }),
  inVersion(produce, 9, 'acks=0 to an unknown topic', async (broker, version, name) => {
    await broker.tell(
      frameOf(produce, version, produceDraft({ name, acks: 0, records: batchOf(['a']) })),
    )
    await broker.ask(metadata, 4, { topics: [] }, 'follows acks=0')
  }),
  inVersion(
    produce,
    9,
    'several topics and partitions, some bad',
    async (broker, version, name) => {
      await broker.createTopic(name, { partitions: 3 })
      await broker.createTopic(`${name}-b`)
      const good = [batchOf(['a'])]
      const bad = [broken(batchOf(['b']), (view) => view.setUint32(17, 1))]
      await broker.ask(produce, version, {
        acks: -1,
        timeoutMs: TIMEOUT_MS,
        topicData: [
          {
            name,
            partitionData: [
              { index: 2, records: good },
              { index: 0, records: bad },
              { index: 9, records: good },
            ],
          },
          { name: `${name}-b`, partitionData: [{ index: 0, records: good }] },
        ],
      })
    },
  ),
]

type Bad = readonly [what: string, records: () => Uint8Array | null]

const two = () => batchOf(['a', 'b'])

/** Null records are not among them: to those Kafka never answers. */
const badBatches: readonly Bad[] = [
  ['empty records', () => new Uint8Array(0)],
  ['three bytes', () => new Uint8Array(3)],
  ['sixty zero bytes', () => new Uint8Array(60)],
  ['a hundred zero bytes', () => new Uint8Array(100)],
  ['wrong CRC', () => broken(two(), (view) => view.setUint32(17, 12345))],
  [
    'a flipped bit in a value',
    () => broken(two(), (view) => view.setUint8(view.byteLength - 2, 0x7f)),
  ],
  ['magic 0', () => broken(two(), (view) => view.setInt8(16, 0))],
  ['magic 1', () => broken(two(), (view) => view.setInt8(16, 1))],
  ['magic 3', () => broken(two(), (view) => view.setInt8(16, 3))],
  ['magic minus one', () => broken(two(), (view) => view.setInt8(16, -1))],
  [
    'length longer than the bytes',
    () => broken(two(), (view) => view.setInt32(8, view.getInt32(8) + 10)),
  ],
  [
    'length shorter than the bytes',
    () => broken(two(), (view) => view.setInt32(8, view.getInt32(8) - 5)),
  ],
  ['length below the header', () => broken(two(), (view) => view.setInt32(8, 20))],
  ['length zero', () => broken(two(), (view) => view.setInt32(8, 0))],
  ['length negative', () => broken(two(), (view) => view.setInt32(8, -1))],
  ['length huge', () => broken(two(), (view) => view.setInt32(8, 0x7fffffff))],
  [
    'length one short of an overflow',
    () => broken(two(), (view) => view.setInt32(8, 0x7fffffff - 12)),
  ],
  ['length just overflowing', () => broken(two(), (view) => view.setInt32(8, 0x7fffffff - 11))],
  ['bytes behind the batch', () => Buffer.concat([two(), new Uint8Array(5)])],
  ['two batches', () => Buffer.concat([two(), two()])],
  ['base offset 7', () => broken(two(), (view) => view.setBigInt64(0, 7n))],
  ['count too large', () => altered(two(), (view) => view.setInt32(57, 3))],
  ['count too small', () => altered(two(), (view) => view.setInt32(57, 1))],
  ['count zero', () => altered(two(), (view) => view.setInt32(57, 0))],
  ['count negative', () => altered(two(), (view) => view.setInt32(57, -1))],
  ['last offset delta too large', () => altered(two(), (view) => view.setInt32(23, 5))],
  ['last offset delta too small', () => altered(two(), (view) => view.setInt32(23, 0))],
  ['last offset delta negative', () => altered(two(), (view) => view.setInt32(23, -1))],
  [
    'count and delta lie together',
    () =>
      altered(two(), (view) => {
        view.setInt32(57, 5)
        view.setInt32(23, 4)
      }),
  ],
  ['record length lies', () => altered(two(), (view) => view.setUint8(61, 0x7e))],
  ['record length negative', () => altered(two(), (view) => view.setUint8(61, 0x01))],
  ['offset delta of a record', () => altered(two(), (view) => view.setUint8(64, 0x04))],
  ['key length lies', () => altered(two(), (view) => view.setUint8(65, 0x7e))],
  ['attributes of a record', () => altered(two(), (view) => view.setUint8(62, 0x01))],
  ['control bit', () => altered(two(), (view) => view.setInt16(21, 0x20))],
  ['unused attribute bits', () => altered(two(), (view) => view.setInt16(21, 0x4080))],
  ['delete horizon bit', () => altered(two(), (view) => view.setInt16(21, 0x40))],
  ['log append time bit', () => altered(two(), (view) => view.setInt16(21, 0x08))],
  ['codec 5', () => altered(two(), (view) => view.setInt16(21, 5))],
  ['codec 7', () => altered(two(), (view) => view.setInt16(21, 7))],
  ...([1, 2, 3, 4] as const).map(
    (codec): Bad => [
      `undecodable codec ${codec}`,
      () => altered(two(), (view) => view.setInt16(21, codec)),
    ],
  ),
  [
    'gzip with a count that lies',
    () =>
      altered(batchOf(['a', 'b'], { codec: 'gzip' }), (view) => {
        view.setInt32(57, 5)
        view.setInt32(23, 4)
      }),
  ],
  [
    'lz4 cut short',
    () => {
      const whole = batchOf(['abc'.repeat(50), 'b'], { codec: 'lz4' })
      return altered(whole.slice(0, -6), (view) => view.setInt32(8, view.byteLength - 12))
    },
  ],
  [
    'max timestamp that lies',
    () => altered(two(), (view) => view.setBigInt64(35, BigInt(NOW_MS + 5000))),
  ],
  ['max timestamp missing', () => altered(two(), (view) => view.setBigInt64(35, -1n))],
  ['timestamp missing', () => batchOf(['a'], { timestampMs: -1 })],
  ['timestamp negative', () => batchOf(['a'], { timestampMs: -5 })],
  ['timestamp two hours ahead', () => batchOf(['a'], { timestampMs: NOW_MS + 7_200_000 })],
  ['timestamp a year ago', () => batchOf(['a'], { timestampMs: NOW_MS - 31_536_000_000 })],
  ['sequence without a producer', () => altered(two(), (view) => view.setInt32(53, 5))],
  [
    'producer without a sequence',
    () =>
      altered(two(), (view) => {
        view.setBigInt64(43, 4711n)
        view.setInt16(51, 0)
      }),
  ],
  [
    'producer without an epoch',
    () =>
      altered(two(), (view) => {
        view.setBigInt64(43, 4711n)
        view.setInt32(53, 0)
      }),
  ],
  ['leader epoch 5', () => broken(two(), (view) => view.setInt32(12, 5))],
]

const refused: OracleCase[] = badBatches.flatMap(([what, records]) =>
  [3, 12].map((version) =>
    inVersion(produce, version, what, async (broker, _version, name) => {
      await broker.createTopic(name)
      await send(broker, { version, name, records: batchOf(['before']) }, 'before')
      await send(broker, { version, name, records: records() }, what)
      await send(broker, { version, name, records: batchOf(['after']) }, 'after')
      await readBack(broker, name)
    }),
  ),
)

const transactional: OracleCase[] = [
  inVersion(produce, 11, 'transactional batch', async (broker, version, name) => {
    await broker.createTopic(name)
    const batch = batchOf(['a'], { producerId: 5, producerEpoch: 0, baseSequence: 0 })
    const records = altered(batch, (view) => view.setInt16(21, 0x10))
    await send(broker, { version, name, records, transactionalId: 'oracle' })
  }),
  inVersion(
    produce,
    11,
    'transactional bit without a transactional id',
    async (broker, version, name) => {
      await broker.createTopic(name)
      const batch = batchOf(['a'], { producerId: 5, producerEpoch: 0, baseSequence: 0 })
      await send(broker, {
        version,
        name,
        records: altered(batch, (view) => view.setInt16(21, 0x10)),
      })
    },
  ),
  inVersion(
    produce,
    11,
    'a transactional id, a batch without the bit',
    async (broker, version, name) => {
      await broker.createTopic(name)
      await send(broker, { version, name, records: batchOf(['a']), transactionalId: 'oracle' })
    },
  ),
]

interface Step extends BatchOptions {
  readonly values?: readonly string[]
}
type Sequence = readonly [what: string, steps: readonly Step[]]

const first = { producerId: 4242, producerEpoch: 3, baseSequence: 0 }

const sequences: readonly Sequence[] = [
  [
    'in order',
    [
      first,
      { ...first, baseSequence: 1 },
      { ...first, baseSequence: 2, values: ['a', 'b'] },
      { ...first, baseSequence: 4 },
    ],
  ],
  ['the last batch again', [first, { ...first, baseSequence: 1 }, { ...first, baseSequence: 1 }]],
  [
    'an older batch again',
    [first, { ...first, baseSequence: 1 }, { ...first, baseSequence: 2 }, first],
  ],
  [
    'the sixth last batch again',
    [0, 1, 2, 3, 4, 5, 0].map((baseSequence) => ({ ...first, baseSequence })),
  ],
  ['a gap', [first, { ...first, baseSequence: 5 }]],
  ['begins at 5', [{ ...first, baseSequence: 5 }]],
  [
    'overlaps',
    [
      { ...first, values: ['a', 'b'] },
      { ...first, baseSequence: 1, values: ['b', 'c'] },
    ],
  ],
  [
    'an old epoch',
    [
      first,
      { ...first, producerEpoch: 2, baseSequence: 0 },
      { ...first, producerEpoch: 2, baseSequence: 1 },
    ],
  ],
  ['epoch -1', [first, { ...first, producerEpoch: -1, baseSequence: 1 }]],
  ['epoch -1 first', [{ ...first, producerEpoch: -1 }]],
  [
    'a new epoch',
    [first, { ...first, producerEpoch: 4 }, { ...first, producerEpoch: 4, baseSequence: 1 }],
  ],
  [
    'a new epoch with a sequence that goes on',
    [first, { ...first, producerEpoch: 4, baseSequence: 1 }],
  ],
  [
    'sequence wraps',
    [
      { ...first, baseSequence: 0x7fffffff },
      { ...first, baseSequence: 0 },
    ],
  ],
  ['not idempotent between', [first, {}, { ...first, baseSequence: 1 }]],
  ['two producers', [first, { ...first, producerId: 4243 }, { ...first, baseSequence: 1 }]],
  ['producer id -2', [{ ...first, producerId: -2 }]],
]

const idempotent: OracleCase[] = sequences.flatMap(([what, steps]) =>
  [3, 9].map((version) =>
    inVersion(produce, version, `idempotent: ${what}`, async (broker, _version, name) => {
      await broker.createTopic(name)
      for (const { values = ['x'], ...options } of steps) {
        await send(
          broker,
          { version, name, records: batchOf(values, options) },
          JSON.stringify(options),
        )
      }
      await readBack(broker, name)
    }),
  ),
)

const configs: readonly (readonly [
  configs: Readonly<Record<string, string>>,
  batches: readonly (() => Uint8Array)[],
])[] = [
  [{ 'max.message.bytes': '200' }, [() => batchOf(['a'.repeat(300)]), () => batchOf(['a'])]],
  [
    { 'message.timestamp.type': 'LogAppendTime' },
    [
      () => batchOf(['a', 'b']),
      () => altered(two(), (view) => view.setInt16(21, 0x08)),
      () => batchOf(['a'], first),
      () => batchOf(['a'], first),
      () => batchOf(['a'], { timestampMs: -1 }),
      () => batchOf(['a'], { codec: 'gzip' }),
    ],
  ],
  [
    { 'message.timestamp.after.max.ms': '1000' },
    [() => batchOf(['a'], { timestampMs: NOW_MS + 600_000 })],
  ],
  [
    { 'message.timestamp.before.max.ms': '1000' },
    [() => batchOf(['a'], { timestampMs: NOW_MS - 600_000 })],
  ],
  [
    { 'cleanup.policy': 'compact' },
    [() => batchOf(['a']), () => altered(two(), (view) => view.setInt16(21, 0))],
  ],
  [
    { 'compression.type': 'uncompressed' },
    [() => batchOf(['a', 'b'], { codec: 'gzip' }), () => batchOf(['a'])],
  ],
  [{ 'min.insync.replicas': '2' }, [() => batchOf(['a'])]],
]

const configured: OracleCase[] = configs.map(([topicConfigs, batches]) =>
  inVersion(produce, 9, JSON.stringify(topicConfigs), async (broker, version, name) => {
    await broker.createTopic(name, { configs: topicConfigs })
    for (const records of batches) await send(broker, { version, name, records: records() })
    await readBack(broker, name)
  }),
)

export const produceCases: readonly OracleCase[] = [
  ...basics,
  ...refused,
  ...transactional,
  ...idempotent,
  ...configured,
]
