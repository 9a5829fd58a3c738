import { fetch } from '../../../src/protocol/messages/fetch.js'
import type { Draft } from '../../../src/protocol/schema.js'
import { ZERO_UUID } from '../../../src/protocol/uuid.js'
import type { OracleCase, Probe } from '../probe.js'
import { batchOf } from './batches.js'
import { send } from './produce.js'
import { everyVersion, inVersion } from './versions.js'

type FetchDraft = Draft<typeof fetch.request>
type Partition = FetchDraft['topics'][number]['partitions'][number]

const UNKNOWN_ID = 'Zm9vYmFyYmF6cXV4MTIzNA'

interface Asked extends Partial<Omit<FetchDraft, 'topics'>> {
  readonly name: string
  readonly topicId: string
  readonly partitions?: readonly Partial<Partition>[]
}

function draftOf(asked: Asked): FetchDraft {
  const { name, topicId, partitions = [{}], ...rest } = asked
  return {
    maxWaitMs: 0,
    minBytes: 0,
    forgottenTopicsData: [],
    ...rest,
    topics: [
      {
        topic: name,
        topicId,
        partitions: partitions.map((one) => ({
          partition: 0,
          fetchOffset: 0,
          partitionMaxBytes: 1 << 20,
          ...one,
        })),
      },
    ],
  }
}

/** Three batches of 2, 3 and 1 records. */
async function filled(broker: Probe, name: string): Promise<string> {
  const topicId = await broker.createTopic(name, { partitions: 2 })
  await send(broker, { name, records: batchOf(['a', 'b']) })
  await send(broker, { name, records: batchOf(['c', 'd', 'e'], { codec: 'gzip' }) })
  await send(broker, { name, records: batchOf(['f']) })
  return topicId
}

const offsets: OracleCase[] = [
  ...everyVersion(fetch, 'offsets', async (broker, version, name) => {
    const topicId = await filled(broker, name)
    for (const fetchOffset of [0, 1, 2, 3, 4, 5, 6, 7, -1, -2, 100]) {
      const draft = draftOf({ name, topicId, partitions: [{ fetchOffset }] })
      await broker.ask(fetch, version, draft, `from ${fetchOffset}`)
    }
    for (const isolationLevel of [0, 1]) {
      await broker.ask(
        fetch,
        version,
        draftOf({ name, topicId, isolationLevel }),
        `isolation ${isolationLevel}`,
      )
    }
  }),
  ...everyVersion(fetch, 'what is not there', async (broker, version, name) => {
    const topicId = await broker.createTopic(name)
    await broker.ask(
      fetch,
      version,
      draftOf({ name, topicId, partitions: [{ partition: 5 }] }),
      'partition 5',
    )
    await broker.ask(
      fetch,
      version,
      draftOf({ name, topicId, partitions: [{ partition: -1 }] }),
      'partition -1',
    )
    await broker.ask(
      fetch,
      version,
      draftOf({ name: `${name}-no`, topicId: UNKNOWN_ID }),
      'no topic',
    )
    await broker.ask(fetch, version, draftOf({ name: '', topicId: ZERO_UUID }), 'no id')
    await broker.ask(fetch, version, draftOf({ name, topicId, isolationLevel: 5 }), 'isolation 5')
  }),
  ...everyVersion(fetch, 'byte limits', async (broker, version, name) => {
    const topicId = await filled(broker, name)
    for (const partitionMaxBytes of [0, 1, 90, 170, 1000, -1]) {
      const draft = draftOf({ name, topicId, partitions: [{ partitionMaxBytes }] })
      await broker.ask(fetch, version, draft, `partition of ${partitionMaxBytes} bytes`)
    }
    for (const maxBytes of [0, 1, 90, 170, 1000]) {
      await broker.ask(fetch, version, draftOf({ name, topicId, maxBytes }), `at most ${maxBytes}`)
    }
    await broker.ask(
      fetch,
      version,
      draftOf({ name, topicId, minBytes: 1, maxWaitMs: 10_000 }),
      'at least 1',
    )
    await broker.ask(
      fetch,
      version,
      draftOf({ name, topicId, minBytes: 1 << 20, maxWaitMs: 5 }),
      'at least 1 MiB',
    )
    await broker.ask(
      fetch,
      version,
      draftOf({ name, topicId, minBytes: -1, maxWaitMs: -1 }),
      'negative limits',
    )
  }).filter((_, at) => at % 3 === 0),
  ...everyVersion(
    fetch,
    'leader epochs',
    async (broker, version, name) => {
      const topicId = await filled(broker, name)
      for (const currentLeaderEpoch of [0, 1, -1, -5]) {
        const draft = draftOf({ name, topicId, partitions: [{ currentLeaderEpoch }] })
        await broker.ask(fetch, version, draft, `leader epoch ${currentLeaderEpoch}`)
      }
      if (version < 12) return
      for (const [lastFetchedEpoch, fetchOffset] of [
        [0, 6],
        [0, 7],
        [0, 2],
        [1, 2],
        [-1, 2],
      ] as const) {
        const draft = draftOf({ name, topicId, partitions: [{ lastFetchedEpoch, fetchOffset }] })
        await broker.ask(fetch, version, draft, `epoch ${lastFetchedEpoch} at ${fetchOffset}`)
      }
    },
    9,
  ),
]

/** A session's id is the broker's own: each step takes the one that the first got. */
const sessions: OracleCase[] = [
  ...everyVersion(
    fetch,
    'sessions',
    async (broker, version, name) => {
      const topicId = await filled(broker, name)
      const both = [{ partition: 0 }, { partition: 1 }]
      const first = await broker.ask(
        fetch,
        version,
        draftOf({ name, topicId, sessionEpoch: 0, partitions: both }),
        'full',
      )
      const sessionId = first?.sessionId ?? 0
      const empty = { maxWaitMs: 0, minBytes: 0, topics: [], forgottenTopicsData: [], sessionId }
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 1 }, 'nothing new asked')
      await broker.ask(
        fetch,
        version,
        {
          ...draftOf({ name, topicId, partitions: [{ fetchOffset: 6 }] }),
          sessionId,
          sessionEpoch: 2,
        },
        'moves on',
      )
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 3 }, 'nothing happened')
      await send(broker, { name, index: 1, records: batchOf(['g']) })
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 4 }, 'one has news')
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 4 }, 'an epoch again')
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 9 }, 'an epoch too far')
      const forgottenTopicsData = [{ topic: name, topicId, partitions: [1] }]
      await broker.ask(
        fetch,
        version,
        { ...empty, sessionEpoch: 5, forgottenTopicsData },
        'forgets one',
      )
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 6 }, 'after that')
      await broker.ask(
        fetch,
        version,
        {
          ...draftOf({ name, topicId, partitions: [{ partition: 8 }] }),
          sessionId,
          sessionEpoch: 7,
        },
        'adds what is not there',
      )
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 8 }, 'still not there')
      await broker.ask(
        fetch,
        version,
        { ...draftOf({ name, topicId }), sessionId, sessionEpoch: -1 },
        'leaves',
      )
      await broker.ask(fetch, version, { ...empty, sessionEpoch: 9 }, 'after it left')
    },
    7,
  ),
  ...[7, 13].map((version) =>
    inVersion(fetch, version, 'sessions that never were', async (broker, _version, name) => {
      const topicId = await filled(broker, name)
      for (const [sessionId, sessionEpoch] of [
        [12345, 1],
        [0, 5],
        [0, 0],
        [0, -1],
        [12345, 0],
        [12345, -1],
        [0, -2],
        [-1, 3],
      ] as const) {
        await broker.ask(
          fetch,
          version,
          draftOf({ name, topicId, sessionId, sessionEpoch }),
          `${sessionId}, ${sessionEpoch}`,
        )
      }
      const draft = { maxWaitMs: 0, minBytes: 0, topics: [], forgottenTopicsData: [] }
      await broker.ask(fetch, version, { ...draft, sessionEpoch: 0 }, 'a session of nothing')
      await broker.ask(fetch, version, { ...draft, sessionEpoch: -1 }, 'nothing')
    }),
  ),
  inVersion(fetch, 12, 'a session by name goes on by id', async (broker, _version, name) => {
    const topicId = await filled(broker, name)
    const first = await broker.ask(
      fetch,
      12,
      draftOf({ name, topicId, sessionEpoch: 0 }),
      'by name',
    )
    const sessionId = first?.sessionId ?? 0
    await broker.ask(fetch, 13, draftOf({ name, topicId, sessionId, sessionEpoch: 1 }), 'by id')
  }),
  inVersion(fetch, 12, 'several topics', async (broker, version, name) => {
    const topicId = await filled(broker, name)
    const other = await filled(broker, `${name}-b`)
    const one = draftOf({
      name,
      topicId,
      partitions: [{ partition: 1 }, { partition: 0 }, { partition: 0, fetchOffset: 2 }],
    })
    const two = draftOf({ name: `${name}-b`, topicId: other })
    const missing = draftOf({ name: `${name}-c`, topicId: UNKNOWN_ID })
    for (const sessionEpoch of [0, -1]) {
      const topics = [...missing.topics, ...two.topics, ...one.topics, ...two.topics]
      await broker.ask(
        fetch,
        version,
        { ...one, sessionEpoch, topics },
        `session epoch ${sessionEpoch}`,
      )
    }
    await broker.ask(
      fetch,
      version,
      { ...one, maxBytes: 100, topics: [...two.topics, ...one.topics] },
      'a limit for all',
    )
  }),
  ...[-2, 0, 5].map((replicaId) =>
    inVersion(fetch, 11, `replica id ${replicaId}`, async (broker, version, name) => {
      const topicId = await filled(broker, name)
      await broker.ask(fetch, version, draftOf({ name, topicId, replicaId }))
    }),
  ),
]

export const fetchCases: readonly OracleCase[] = [...offsets, ...sessions]
