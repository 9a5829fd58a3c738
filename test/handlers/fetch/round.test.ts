import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { kafkaError } from '../../../src/handlers/error-mapping.js'
import { beginRound, type FetchAsked } from '../../../src/handlers/fetch/round.js'
import { FetchSessionCache } from '../../../src/handlers/fetch/session-cache.js'
import {
  type FetchedPartition,
  type FetchTarget,
  failedFetch,
} from '../../../src/handlers/fetch/target.js'
import { ManualClock } from '../../partition/manual-clock.js'

let clock: ManualClock
let cache: FetchSessionCache
let seed = 0
const random = {
  next: () => {
    seed = (seed * 16807 + 11) % 2147483647
    return seed / 2147483647
  },
  bytes: (sizeBytes: number) => new Uint8Array(sizeBytes),
}

beforeEach(() => {
  clock = new ManualClock()
  cache = new FetchSessionCache(clock, random, {
    maxSessions: 2,
    maxPartitions: 20,
    evictableAfterMs: 120_000,
  })
})

function target(index: number, fetchOffset = 0): FetchTarget {
  return {
    topic: 't',
    topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
    goesById: false,
    index,
    fetchOffset,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    maxBytes: 1000,
  }
}

function asked(change: Partial<FetchAsked>): FetchAsked {
  return {
    sessionId: 0,
    sessionEpoch: 0,
    usesTopicIds: false,
    targets: [],
    forgotten: [],
    ...change,
  }
}

function got(target: FetchTarget, sizeBytes: number, highWatermark: number): FetchedPartition {
  return { ...failedFetch(target, 0), sizeBytes, highWatermark, logStartOffset: 0 }
}

function startSession(indexes: readonly number[]): number {
  const targets = indexes.map((index) => target(index))
  const round = beginRound(asked({ targets }), cache)
  return round.answer(targets.map((t) => got(t, 0, 5))).sessionId
}

test('a full request makes a session; the next ones name only what has news', () => {
  const sessionId = startSession([0, 1, 2])
  assert.ok(sessionId > 0)
  const second = beginRound(asked({ sessionId, sessionEpoch: 1 }), cache)
  assert.deepEqual(
    second.targets.map((t) => t.index),
    [0, 1, 2],
  )
  const answer = second.answer([got(target(0), 0, 5), got(target(1), 0, 6), got(target(2), 10, 5)])
  assert.equal(answer.sessionId, sessionId)
  assert.deepEqual(
    answer.partitions.map((p) => p.target.index),
    [1, 2],
  )
})

test('what was answered with records is read last the next time', () => {
  const sessionId = startSession([0, 1, 2])
  const round = beginRound(asked({ sessionId, sessionEpoch: 1 }), cache)
  round.answer(round.targets.map((t) => got(t, t.index === 0 ? 100 : 0, 5)))
  const next = beginRound(asked({ sessionId, sessionEpoch: 2 }), cache)
  assert.deepEqual(
    next.targets.map((t) => t.index),
    [1, 2, 0],
  )
})

test('an error is told every time, and its end is news', () => {
  const sessionId = startSession([0])
  const failing = () => [failedFetch(target(0), kafkaError.NOT_LEADER_OR_FOLLOWER)]
  for (const sessionEpoch of [1, 2]) {
    const round = beginRound(asked({ sessionId, sessionEpoch }), cache)
    assert.equal(round.answer(failing()).partitions.length, 1)
  }
  const healed = beginRound(asked({ sessionId, sessionEpoch: 3 }), cache)
  assert.equal(healed.answer([got(target(0), 0, 5)]).partitions.length, 1)
  const quiet = beginRound(asked({ sessionId, sessionEpoch: 4 }), cache)
  assert.equal(quiet.answer([got(target(0), 0, 5)]).partitions.length, 0)
})

test('a request changes offsets, adds and forgets partitions', () => {
  const sessionId = startSession([0, 1])
  const round = beginRound(
    asked({
      sessionId,
      sessionEpoch: 1,
      targets: [target(0, 7), target(4)],
      forgotten: [{ topic: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', index: 1 }],
    }),
    cache,
  )
  assert.deepEqual(
    round.targets.map((t) => [t.index, t.fetchOffset]),
    [
      [0, 7],
      [4, 0],
    ],
  )
})

test('a session that has nothing left ends', () => {
  const sessionId = startSession([0])
  const forgotten = [{ topic: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', index: 0 }]
  const round = beginRound(asked({ sessionId, sessionEpoch: 1, forgotten }), cache)
  assert.equal(round.answer([]).sessionId, 0)
  assert.equal(cache.sessionCount, 0)
})

test('requests out of turn, of no session, or of another kind of topic name are refused', () => {
  const sessionId = startSession([0])
  const refusal = (change: Partial<FetchAsked>) => beginRound(asked(change), cache).errorCode
  assert.equal(refusal({ sessionId, sessionEpoch: 2 }), kafkaError.INVALID_FETCH_SESSION_EPOCH)
  assert.equal(
    refusal({ sessionId: sessionId + 1, sessionEpoch: 1 }),
    kafkaError.FETCH_SESSION_ID_NOT_FOUND,
  )
  assert.equal(
    refusal({ sessionId, sessionEpoch: 1, usesTopicIds: true }),
    kafkaError.FETCH_SESSION_TOPIC_ID_ERROR,
  )
  assert.equal(refusal({ sessionId, sessionEpoch: 1 }), kafkaError.NONE)
})

test('the final epoch reads without a session and ends the one it names', () => {
  const sessionId = startSession([0])
  const round = beginRound(asked({ sessionId, sessionEpoch: -1, targets: [target(0)] }), cache)
  assert.equal(round.targets.length, 1)
  const answer = round.answer([got(target(0), 0, 5)])
  assert.deepEqual([answer.sessionId, answer.partitions.length], [0, 1])
  assert.equal(cache.sessionCount, 0)
})

test('without room a fetch is answered without a session', () => {
  assert.ok(startSession([0]) > 0)
  assert.ok(startSession([0]) > 0)
  assert.equal(startSession([0, 1, 2]), 0)
  assert.equal(cache.sessionCount, 2)
})

test('a session unused for two minutes makes room', () => {
  const first = startSession([0, 1])
  startSession([0, 1])
  clock.advance(120_001)
  assert.ok(startSession([0]) > 0)
  assert.equal(cache.get(first), undefined)
  assert.equal(cache.sessionCount, 2)
})

test('a larger session takes the place of a smaller one that is old', () => {
  const small = startSession([0])
  const large = startSession([0, 1, 2])
  clock.advance(120_001)
  for (const sessionId of [small, large]) {
    beginRound(asked({ sessionId, sessionEpoch: 1 }), cache)
  }
  assert.equal(startSession([0]), 0)
  assert.ok(startSession([0, 1]) > 0)
  assert.equal(cache.get(small), undefined)
  assert.notEqual(cache.get(large), undefined)
})

test('sessions together remember no more partitions than allowed', () => {
  const sessionId = startSession([0, 1, 2])
  const targets = Array.from({ length: 30 }, (_, index) => target(index))
  const round = beginRound(asked({ sessionId, sessionEpoch: 1, targets }), cache)
  assert.equal(round.targets.length, 30)
  const answer = round.answer(round.targets.map((t) => got(t, 0, 0)))
  assert.deepEqual([answer.sessionId, answer.partitions.length], [0, 30])
  assert.equal(cache.partitionCount, 0)
})
