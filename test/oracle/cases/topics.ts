// CreateTopics, DeleteTopics, CreatePartitions, Metadata and DescribeTopicPartitions.
import { createPartitions } from '../../../src/protocol/messages/create-partitions.js'
import { createTopics } from '../../../src/protocol/messages/create-topics.js'
import { deleteTopics } from '../../../src/protocol/messages/delete-topics.js'
import { describeTopicPartitions } from '../../../src/protocol/messages/describe-topic-partitions.js'
import { metadata } from '../../../src/protocol/messages/metadata.js'
import type { Draft } from '../../../src/protocol/schema.js'
import { ZERO_UUID } from '../../../src/protocol/uuid.js'
import type { OracleCase } from '../probe.js'
import { everyVersion, inVersion } from './versions.js'

type Topic = Draft<typeof createTopics.request>['topics'][number]

const UNKNOWN_ID = 'Zm9vYmFyYmF6cXV4MTIzNA'
const TIMEOUT_MS = 30_000

function topicOf(name: string, more: Partial<Topic> = {}): Topic {
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...more }
}

const config = (name: string, value: string | null) => ({ configs: [{ name, value }] })

const oddTopics: readonly (readonly [what: string, more: Partial<Topic>])[] = [
  ['default partitions', { numPartitions: -1, replicationFactor: -1 }],
  ['no partitions', { numPartitions: 0 }],
  ['negative partitions', { numPartitions: -2 }],
  ['too many replicas', { replicationFactor: 3 }],
  ['no replicas', { replicationFactor: 0 }],
  ['negative replicas', { replicationFactor: -2 }],
  [
    'assigned',
    {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [1] }],
    },
  ],
  [
    'assigned and counted',
    { numPartitions: 2, assignments: [{ partitionIndex: 0, brokerIds: [1] }] },
  ],
  [
    'assigned to a broker that is not there',
    {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [9] }],
    },
  ],
  [
    'assigned twice to a broker',
    {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [1, 1] }],
    },
  ],
  [
    'assigned to nobody',
    {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 0, brokerIds: [] }],
    },
  ],
  [
    'assigned with a gap',
    {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: [{ partitionIndex: 1, brokerIds: [1] }],
    },
  ],
  ['a config', config('retention.ms', '1000000')],
  ['a config that is not there', config('no.such.config', '1')],
  ['a config that is no number', config('retention.ms', 'soon')],
  ['a config out of range', config('retention.ms', '-5')],
  ['a config without a value', config('retention.ms', null)],
  ['a bad list', config('cleanup.policy', 'shrink')],
  ['an empty list', config('cleanup.policy', '')],
  ['a bad codec', config('compression.type', 'rar')],
  ['a bad boolean', config('preallocate', 'maybe')],
  ['min.insync.replicas 0', config('min.insync.replicas', '0')],
  ['a config with spaces', config('retention.ms', ' 5000 ')],
  [
    'a config twice',
    {
      configs: [
        { name: 'retention.ms', value: '1' },
        { name: 'retention.ms', value: '2' },
      ],
    },
  ],
]

const names = [
  '',
  '.',
  '..',
  'a b',
  'a/b',
  'ä',
  'a'.repeat(249),
  'a'.repeat(250),
  '__consumer_offsets',
  '__cluster_metadata',
  'a:b',
  'a\u0000b',
]

const creating: OracleCase[] = [
  ...everyVersion(createTopics, 'plainly', async (broker, version, name) => {
    const draft = { topics: [topicOf(name)], timeoutMs: TIMEOUT_MS }
    await broker.ask(createTopics, version, { ...draft, validateOnly: true }, 'validate only')
    await broker.ask(createTopics, version, draft)
    await broker.serves(name)
    await broker.ask(createTopics, version, draft, 'again')
    await broker.ask(
      createTopics,
      version,
      { ...draft, validateOnly: true },
      'again, validate only',
    )
    await broker.ask(createTopics, version, { topics: [], timeoutMs: TIMEOUT_MS }, 'nothing')
    await broker.ask(
      createTopics,
      version,
      {
        topics: [topicOf(`${name}-x`), topicOf(`${name}-y`), topicOf(`${name}-x`)],
        timeoutMs: TIMEOUT_MS,
      },
      'a name twice',
    )
    await broker.ask(
      createTopics,
      version,
      {
        topics: [topicOf(`${name}-0`, { numPartitions: 3 }), topicOf(name), topicOf('a/b')],
        timeoutMs: TIMEOUT_MS,
      },
      'good and bad',
    )
  }),
  ...oddTopics.flatMap(([what, more]) =>
    [3, 7].map((version) =>
      inVersion(createTopics, version, what, async (broker, _version, name) => {
        await broker.ask(
          createTopics,
          version,
          { topics: [topicOf(name, more)], timeoutMs: TIMEOUT_MS, validateOnly: true },
          'validate only',
        )
        await broker.ask(createTopics, version, {
          topics: [topicOf(name, more)],
          timeoutMs: TIMEOUT_MS,
        })
      }),
    ),
  ),
  inVersion(createTopics, 7, 'names', async (broker, version) => {
    for (const name of names) {
      await broker.ask(
        createTopics,
        version,
        { topics: [topicOf(name)], timeoutMs: TIMEOUT_MS, validateOnly: true },
        JSON.stringify(name.slice(0, 20)),
      )
    }
  }),
  inVersion(createTopics, 7, 'names that collide', async (broker, version) => {
    await broker.createTopic('collides.with_me')
    for (const name of ['collides_with_me', 'collides.with.me']) {
      await broker.ask(
        createTopics,
        version,
        { topics: [topicOf(name)], timeoutMs: TIMEOUT_MS },
        name,
      )
    }
  }),
  inVersion(createTopics, 7, 'too many partitions', async (broker, version, name) => {
    for (const numPartitions of [10_001, 2_000_000_000]) {
      await broker.ask(
        createTopics,
        version,
        { topics: [topicOf(name, { numPartitions })], timeoutMs: TIMEOUT_MS },
        String(numPartitions),
      )
    }
  }),
]

const deleting: OracleCase[] = everyVersion(
  deleteTopics,
  'topics',
  async (broker, version, name) => {
    await broker.createTopic(name)
    await broker.createTopic(`${name}-b`)
    const ask = async (
      topics: readonly { name?: string | null; topicId: string }[],
      note: string,
    ) => {
      const topicNames = topics.flatMap((topic) => topic.name ?? [])
      await broker.ask(
        deleteTopics,
        version,
        version >= 6 ? { topics, timeoutMs: TIMEOUT_MS } : { topicNames, timeoutMs: TIMEOUT_MS },
        note,
      )
    }
    await ask([{ name: `${name}-no`, topicId: ZERO_UUID }], 'no such topic')
    await ask(
      [
        { name: 'a/b', topicId: ZERO_UUID },
        { name: '', topicId: ZERO_UUID },
      ],
      'no names',
    )
    await ask([{ name, topicId: ZERO_UUID }], 'one')
    await broker.isGone(name)
    await ask([{ name, topicId: ZERO_UUID }], 'again')
    await ask([], 'nothing')
    if (version >= 6) {
      await ask([{ name: null, topicId: UNKNOWN_ID }], 'no such id')
      await ask([{ name: null, topicId: ZERO_UUID }], 'neither')
      await ask([{ name: `${name}-b`, topicId: UNKNOWN_ID }], 'both')
    }
    await ask(
      [
        { name: `${name}-b`, topicId: ZERO_UUID },
        { name: `${name}-b`, topicId: ZERO_UUID },
      ],
      'twice',
    )
  },
)

const growing: OracleCase[] = everyVersion(
  createPartitions,
  'counts',
  async (broker, version, name) => {
    await broker.createTopic(name, { partitions: 2 })
    const ask = async (
      topics: Draft<typeof createPartitions.request>['topics'],
      note: string,
      validateOnly = false,
    ) => {
      await broker.ask(
        createPartitions,
        version,
        { topics, timeoutMs: TIMEOUT_MS, validateOnly },
        note,
      )
    }
    for (const count of [2, 1, 0, -1])
      await ask([{ name, count, assignments: null }], `to ${count}`)
    await ask([{ name, count: 10_010, assignments: null }], 'more than one request may add', true)
    await ask([{ name: `${name}-no`, count: 3, assignments: null }], 'no such topic')
    await ask([{ name: 'a/b', count: 3, assignments: null }], 'an invalid name')
    await ask([{ name, count: 3, assignments: null }], 'validate only', true)
    await ask([{ name, count: 4, assignments: [{ brokerIds: [1] }] }], 'too few assignments')
    await ask([{ name, count: 3, assignments: [{ brokerIds: [7] }] }], 'a broker that is not there')
    await ask([{ name, count: 3, assignments: [{ brokerIds: [1, 1] }] }], 'a broker twice')
    await ask([{ name, count: 3, assignments: [{ brokerIds: [] }] }], 'nobody')
    await ask([{ name, count: 3, assignments: [] }], 'empty assignments')
    await ask([{ name, count: 3, assignments: [{ brokerIds: [1] }] }], 'assigned')
    await broker.serves(name, 3)
    await ask(
      [
        { name, count: 5, assignments: null },
        { name, count: 6, assignments: null },
      ],
      'a name twice',
    )
    await ask([{ name, count: 5, assignments: null }], 'to 5')
    await broker.serves(name, 5)
    await broker.ask(metadata, 9, { topics: [{ name }] })
  },
)

const describing: OracleCase[] = [
  ...everyVersion(metadata, 'topics', async (broker, version, name) => {
    const topicId = await broker.createTopic(name, { partitions: 3 })
    const ask = async (
      topics: Draft<typeof metadata.request>['topics'],
      note: string,
      more = {},
    ) => {
      await broker.ask(metadata, version, { topics, allowAutoTopicCreation: false, ...more }, note)
    }
    await ask([{ name }], 'one')
    if (version >= 4) {
      await ask([{ name: `${name}-no` }], 'no such topic')
      await ask([{ name }, { name: `${name}-no` }, { name: 'a/b' }, { name }], 'several')
    }
    await ask([{ name: 'a/b' }, { name: '' }, { name: 'a'.repeat(250) }], 'invalid names')
    if (version > 0) await ask([], 'nothing')
    if (version >= 8)
      await ask([{ name }], 'operations', { includeTopicAuthorizedOperations: true })
    if (version >= 8 && version <= 10)
      await ask([], 'operations of the cluster', { includeClusterAuthorizedOperations: true })
    if (version >= 10) {
      await ask([{ name: null, topicId }], 'by id')
      await ask([{ name: null, topicId: UNKNOWN_ID }], 'no such id')
      await ask([{ name, topicId }], 'by id and name')
      await ask([{ name: null, topicId: ZERO_UUID }], 'neither')
    }
  }),
  ...[0, 4, 9, 12].map((version) =>
    inVersion(metadata, version, 'auto-create', async (broker, _version, name) => {
      await broker.ask(metadata, version, { topics: [{ name }] }, 'unknown')
      await broker.serves(name)
      await broker.ask(metadata, version, { topics: [{ name }] }, 'known')
    }),
  ),
  inVersion(describeTopicPartitions, 0, 'topics', async (broker, version, name) => {
    await broker.createTopic(name, { partitions: 4 })
    await broker.createTopic(`${name}-b`, { partitions: 2 })
    const topics = [{ name: `${name}-b` }, { name }]
    await broker.ask(describeTopicPartitions, version, { topics })
    for (const responsePartitionLimit of [1, 3, 4, 5, 0, -1]) {
      await broker.ask(
        describeTopicPartitions,
        version,
        { topics, responsePartitionLimit },
        `limit ${responsePartitionLimit}`,
      )
    }
    for (const [topicName, partitionIndex] of [
      [name, 2],
      [`${name}-b`, 1],
      [`${name}-a`, 0],
      [name, -1],
      [name, 99],
      ['zzz', 0],
    ] as const) {
      await broker.ask(
        describeTopicPartitions,
        version,
        { topics, cursor: { topicName, partitionIndex } },
        `from ${topicName} ${partitionIndex}`,
      )
    }
    for (const names of [[`${name}-no`], ['a/b'], [`${name}-no`, 'a/b', name], [name, name], []]) {
      const asked = names.map((one) => ({ name: one }))
      await broker.ask(describeTopicPartitions, version, { topics: asked }, names.join())
    }
  }),
  inVersion(describeTopicPartitions, 0, 'an empty name', async (broker, version) => {
    await broker.ask(describeTopicPartitions, version, { topics: [{ name: '' }] })
    const topics = [{ name: 'not-there' }, { name: '' }]
    await broker.ask(describeTopicPartitions, version, { topics }, 'beside another')
  }),
]

export const topicCases: readonly OracleCase[] = [
  ...creating,
  ...deleting,
  ...growing,
  ...describing,
]
