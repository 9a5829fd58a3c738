// What answers make of a follower, and who belongs into an in-sync set, as tables.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { kafkaErrorCode } from '../../src/protocol/error-codes.js'
import {
  actionFor,
  type FetchAction,
  type PartitionAnswer,
} from '../../src/replication/apply-answer.js'
import { FetchSession } from '../../src/replication/fetch-session.js'
import { inSyncWanted } from '../../src/replication/in-sync-decision.js'
import { MemoryLog } from '../partition/memory-log.js'

const answer = (change: Partial<PartitionAnswer> = {}): PartitionAnswer => ({
  errorCode: 0,
  highWatermark: 10,
  logStartOffset: 0,
  divergingEpoch: { epoch: -1, endOffset: -1 },
  records: null,
  ...change,
})

/** Ends at 10, with epoch 1 from 0, 3 from 4 and 5 from 8. */
const follower = {
  logStartOffset: 0,
  logEndOffset: 10,
  endOffsetForEpoch(epoch: number) {
    if (epoch >= 5) return { leaderEpoch: 5, endOffset: 10 }
    if (epoch >= 3) return { leaderEpoch: 3, endOffset: 8 }
    if (epoch >= 1) return { leaderEpoch: 1, endOffset: 4 }
    return { leaderEpoch: -1, endOffset: -1 }
  },
}

const OUT_OF_RANGE = kafkaErrorCode('OFFSET_OUT_OF_RANGE')
const diverging = (epoch: number, endOffset: number) =>
  answer({ divergingEpoch: { epoch, endOffset } })

const cases: readonly [string, PartitionAnswer, FetchAction][] = [
  [
    'records are taken, with what the leader shows and where it begins',
    answer({ records: [Uint8Array.of(1)], logStartOffset: 2 }),
    { act: 'take', records: [Uint8Array.of(1)], highWatermark: 10, logStartOffset: 2 },
  ],
  [
    'nothing new is taken, too',
    answer(),
    { act: 'take', records: [], highWatermark: 10, logStartOffset: 0 },
  ],
  ['the last epoch ended earlier at the leader', diverging(5, 9), { act: 'truncate', offset: 9 }],
  [
    'the leader has an epoch that is missing here: the next older one ends here (KIP-279)',
    diverging(4, 9),
    { act: 'truncate', offset: 8 },
  ],
  ['of an older epoch the smaller end counts', diverging(3, 6), { act: 'truncate', offset: 6 }],
  ['no epoch in common: where the leader says', diverging(0, 3), { act: 'truncate', offset: 3 }],
  ['never beyond the end', diverging(0, 99), { act: 'truncate', offset: 10 }],
  [
    'the leader begins beyond the end',
    answer({ errorCode: OUT_OF_RANGE, logStartOffset: 20, highWatermark: 30 }),
    { act: 'begin-at', offset: 20 },
  ],
  [
    'the leader ends before the end: only an unclean election leaves that',
    answer({ errorCode: OUT_OF_RANGE, highWatermark: 7 }),
    { act: 'truncate', offset: 7 },
  ],
  [
    'another epoch: the metadata will tell',
    answer({ errorCode: kafkaErrorCode('FENCED_LEADER_EPOCH') }),
    { act: 'wait' },
  ],
  [
    'another leader: the metadata will tell',
    answer({ errorCode: kafkaErrorCode('NOT_LEADER_OR_FOLLOWER') }),
    { act: 'wait' },
  ],
  [
    'any other error is tried again',
    answer({ errorCode: kafkaErrorCode('KAFKA_STORAGE_ERROR') }),
    { act: 'retry', errorCode: kafkaErrorCode('KAFKA_STORAGE_ERROR') },
  ],
]

describe('what an answer makes of a follower', () => {
  for (const [what, given, action] of cases) {
    test(what, () => assert.deepEqual(actionFor(given, follower), action))
  }
})

describe('who belongs into an in-sync set', () => {
  const replica = (brokerId: number, lagMs: number, mayJoin = true) => ({
    brokerId,
    endOffset: 0,
    durableOffset: 0,
    lagMs,
    mayJoin,
    counts: true,
    confirmedMs: 0,
  })
  const joinable = (id: number) => id !== 4
  const situation = { localId: 1, replicas: [1, 2, 3, 4], joinable, lagMaxMs: 1000 }
  const wanted = (inSync: number[], progress: ReturnType<typeof replica>[]) =>
    inSyncWanted({ ...situation, inSync, progress })

  test('all is well', () => {
    assert.equal(wanted([1, 2, 3], [replica(2, 0), replica(3, 1000)]), undefined)
  })
  test('whoever lags for too long leaves', () => {
    assert.deepEqual(wanted([1, 2, 3], [replica(2, 0), replica(3, 1001)]), [1, 2])
  })
  test('whoever has caught up joins, and nobody else', () => {
    assert.deepEqual(wanted([1], [replica(2, 0, true), replica(3, 0, false)]), [1, 2])
    assert.equal(wanted([1], []), undefined)
  })
  test('who is not there, or about to stop, does not join, and leaves only when it lags', () => {
    assert.equal(wanted([1], [replica(4, 0, true)]), undefined)
    assert.equal(wanted([1, 4], [replica(4, 0, true)]), undefined)
  })
  test('one that is no replica any more leaves', () => {
    assert.deepEqual(wanted([1, 2, 5], [replica(2, 0), replica(5, 0)]), [1, 2])
  })
  test('the leader is always in', () => {
    assert.deepEqual(wanted([1, 2], [replica(2, 5000)]), [1])
  })
})

describe('a fetch session', () => {
  const asked = (index: number, fetchOffset: number, leaderEpoch = 1) => ({
    partition: {
      topicId: 'tttttttttttttttttttttt',
      index,
      leaderId: 2,
      leaderEpoch,
      log: new MemoryLog(index, `t-${index}`),
    },
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: 0,
  })
  const indexes = (part: ReturnType<FetchSession['part']>) =>
    part.topics.flatMap(({ partitions }) => partitions.map(({ partition }) => partition))

  test('says everything first, and then what has changed', () => {
    const session = new FetchSession(1024)
    const first = session.part([asked(0, 0), asked(1, 0)], [])
    assert.deepEqual([first.sessionId, first.sessionEpoch, indexes(first)], [0, 0, [0, 1]])
    session.answered(77)
    const second = session.part([asked(0, 5), asked(1, 0)], [])
    assert.deepEqual([second.sessionId, second.sessionEpoch, indexes(second)], [77, 1, [0]])
    session.answered(77)
    const third = session.part(
      [asked(0, 5, 2)],
      ['tttttttttttttttttttttt/1', 'tttttttttttttttttttttt/7'],
    )
    assert.deepEqual([third.sessionEpoch, indexes(third)], [2, [0]])
    assert.deepEqual(third.forgottenTopicsData?.[0]?.partitions, [1])
  })

  test('begins again when the connection is another', () => {
    const session = new FetchSession(1024)
    session.part([asked(0, 0)], [])
    session.answered(5)
    session.reset()
    const again = session.part([asked(0, 0)], [])
    assert.deepEqual([again.sessionId, again.sessionEpoch, indexes(again)], [0, 0, [0]])
  })
})
