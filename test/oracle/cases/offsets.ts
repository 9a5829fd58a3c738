// ListOffsets, OffsetForLeaderEpoch and DeleteRecords: where a log begins, ends and is cut.
import { deleteRecords } from '../../../src/protocol/messages/delete-records.js'
import { listOffsets } from '../../../src/protocol/messages/list-offsets.js'
import { offsetForLeaderEpoch } from '../../../src/protocol/messages/offset-for-leader-epoch.js'
import type { OracleCase, Probe } from '../probe.js'
import { batchOf, NOW_MS } from './batches.js'
import { send } from './produce.js'
import { everyVersion, inVersion } from './versions.js'

async function filled(broker: Probe, name: string): Promise<void> {
  await broker.createTopic(name, { partitions: 2 })
  await send(broker, { name, records: batchOf(['a', 'b'], { timestampMs: NOW_MS - 3000 }) })
  await send(broker, { name, records: batchOf(['c', 'd'], { timestampMs: NOW_MS - 1000 }) })
  await send(broker, {
    name,
    records: batchOf(['e'], { timestampMs: NOW_MS - 2000, codec: 'lz4' }),
  })
}

const timestamps = [
  -1,
  -2,
  -3,
  -4,
  -5,
  -6,
  -7,
  -100,
  0,
  NOW_MS - 5000,
  NOW_MS - 3000,
  NOW_MS - 2999,
  NOW_MS - 2000,
  NOW_MS - 1000,
  NOW_MS - 999,
  NOW_MS + 1_000_000,
]

const listing: OracleCase[] = [
  ...everyVersion(listOffsets, 'timestamps', async (broker, version, name) => {
    await filled(broker, name)
    for (const timestamp of timestamps) {
      for (const partitionIndex of [0, 1]) {
        await broker.ask(
          listOffsets,
          version,
          {
            replicaId: -1,
            topics: [{ name, partitions: [{ partitionIndex, timestamp }] }],
            timeoutMs: 1000,
          },
          `partition ${partitionIndex}, ${timestamp < 0 ? timestamp : `now and ${timestamp - NOW_MS} ms`}`,
        )
      }
    }
  }),
  ...everyVersion(listOffsets, 'what is not there', async (broker, version, name) => {
    await broker.createTopic(name)
    const partitions = [
      { partitionIndex: 0, timestamp: -1 },
      { partitionIndex: 3, timestamp: -1 },
    ]
    for (const topic of [name, `${name}-no`, 'not/valid', '']) {
      await broker.ask(
        listOffsets,
        version,
        { replicaId: -1, topics: [{ name: topic, partitions }] },
        topic,
      )
    }
    await broker.ask(listOffsets, version, { replicaId: -1, topics: [] }, 'nothing')
    await broker.ask(
      listOffsets,
      version,
      { replicaId: -1, topics: [{ name, partitions: [] }] },
      'no partitions',
    )
  }),
  ...everyVersion(
    listOffsets,
    'leader epochs and isolation',
    async (broker, version, name) => {
      await filled(broker, name)
      for (const currentLeaderEpoch of [-1, 0, 1, 7, -3]) {
        const partitions = [{ partitionIndex: 0, timestamp: -1, currentLeaderEpoch }]
        await broker.ask(
          listOffsets,
          version,
          { replicaId: -1, topics: [{ name, partitions }] },
          `epoch ${currentLeaderEpoch}`,
        )
      }
      for (const isolationLevel of [0, 1, 2]) {
        const partitions = [{ partitionIndex: 0, timestamp: -1 }]
        await broker.ask(
          listOffsets,
          version,
          { replicaId: -1, isolationLevel, topics: [{ name, partitions }] },
          `isolation ${isolationLevel}`,
        )
      }
      for (const replicaId of [-2, 0, 5]) {
        const partitions = [{ partitionIndex: 0, timestamp: -1 }]
        await broker.ask(
          listOffsets,
          version,
          { replicaId, topics: [{ name, partitions }] },
          `replica ${replicaId}`,
        )
      }
    },
    4,
  ),
  inVersion(listOffsets, 7, 'twice and in disorder', async (broker, version, name) => {
    await filled(broker, name)
    const end = { partitionIndex: 0, timestamp: -1 }
    await broker.ask(listOffsets, version, {
      replicaId: -1,
      topics: [{ name, partitions: [{ partitionIndex: 1, timestamp: -1 }, end, end] }],
    })
  }),
  inVersion(
    listOffsets,
    7,
    'the end of an empty log that was cut',
    async (broker, version, name) => {
      await filled(broker, name)
      await broker.ask(deleteRecords, 2, {
        topics: [{ name, partitions: [{ partitionIndex: 0, offset: -1 }] }],
        timeoutMs: 1000,
      })
      for (const timestamp of [-1, -2, -3, -4, 0, NOW_MS - 1000]) {
        await broker.ask(
          listOffsets,
          version,
          { replicaId: -1, topics: [{ name, partitions: [{ partitionIndex: 0, timestamp }] }] },
          String(timestamp),
        )
      }
    },
  ),
]

const epochs: OracleCase[] = [
  ...everyVersion(offsetForLeaderEpoch, 'epochs', async (broker, version, name) => {
    await filled(broker, name)
    for (const leaderEpoch of [0, 1, 7, -1, -5]) {
      for (const partition of [0, 1, 3]) {
        await broker.ask(
          offsetForLeaderEpoch,
          version,
          { replicaId: -1, topics: [{ topic: name, partitions: [{ partition, leaderEpoch }] }] },
          `partition ${partition}, epoch ${leaderEpoch}`,
        )
      }
    }
    for (const currentLeaderEpoch of [0, 1, -1, -3]) {
      await broker.ask(
        offsetForLeaderEpoch,
        version,
        {
          replicaId: -1,
          topics: [
            { topic: name, partitions: [{ partition: 0, leaderEpoch: 0, currentLeaderEpoch }] },
          ],
        },
        `current ${currentLeaderEpoch}`,
      )
    }
    for (const replicaId of [-2, 0, 9]) {
      await broker.ask(
        offsetForLeaderEpoch,
        version,
        { replicaId, topics: [{ topic: name, partitions: [{ partition: 0, leaderEpoch: 0 }] }] },
        `replica ${replicaId}`,
      )
    }
    for (const topic of [`${name}-no`, '', 'not/valid']) {
      await broker.ask(
        offsetForLeaderEpoch,
        version,
        { replicaId: -1, topics: [{ topic, partitions: [{ partition: 0, leaderEpoch: 0 }] }] },
        topic,
      )
    }
    const partitions = [
      { partition: 1, leaderEpoch: 0 },
      { partition: 0, leaderEpoch: 0 },
    ]
    await broker.ask(
      offsetForLeaderEpoch,
      version,
      {
        replicaId: -1,
        topics: [
          { topic: `${name}-no`, partitions },
          { topic: name, partitions },
        ],
      },
      'several',
    )
    await broker.ask(offsetForLeaderEpoch, version, { replicaId: -1, topics: [] }, 'nothing')
  }),
]

const cutting: OracleCase[] = [
  ...everyVersion(deleteRecords, 'offsets', async (broker, version, name) => {
    await filled(broker, name)
    for (const offset of [1, 0, 3, -2, 99, -1, 5]) {
      await broker.ask(
        deleteRecords,
        version,
        { topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }], timeoutMs: 5000 },
        `before ${offset}`,
      )
      await broker.ask(
        listOffsets,
        7,
        { replicaId: -1, topics: [{ name, partitions: [{ partitionIndex: 0, timestamp: -2 }] }] },
        'the start',
      )
    }
  }),
  ...everyVersion(deleteRecords, 'what is not there', async (broker, version, name) => {
    await broker.createTopic(name)
    const partitions = [
      { partitionIndex: 0, offset: 0 },
      { partitionIndex: 5, offset: 0 },
    ]
    for (const topic of [name, `${name}-no`, '', 'not/valid']) {
      await broker.ask(
        deleteRecords,
        version,
        { topics: [{ name: topic, partitions }], timeoutMs: 5000 },
        topic,
      )
    }
    await broker.ask(deleteRecords, version, { topics: [], timeoutMs: 0 }, 'nothing')
  }),
  inVersion(deleteRecords, 2, 'several topics', async (broker, version, name) => {
    await filled(broker, name)
    await filled(broker, `${name}-b`)
    const partitions = [
      { partitionIndex: 1, offset: 0 },
      { partitionIndex: 0, offset: 2 },
    ]
    await broker.ask(deleteRecords, version, {
      topics: [
        { name: `${name}-no`, partitions },
        { name, partitions },
        { name: `${name}-b`, partitions },
      ],
      timeoutMs: 5000,
    })
  }),
  inVersion(deleteRecords, 2, 'a compacted topic', async (broker, version, name) => {
    await broker.createTopic(name, { configs: { 'cleanup.policy': 'compact' } })
    await broker.createTopic(`${name}-both`, { configs: { 'cleanup.policy': 'compact,delete' } })
    for (const topic of [name, `${name}-both`]) {
      await broker.ask(
        deleteRecords,
        version,
        {
          topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset: -1 }] }],
          timeoutMs: 5000,
        },
        topic,
      )
    }
  }),
]

export const offsetCases: readonly OracleCase[] = [...listing, ...epochs, ...cutting]
