// On stand-ins: see ../io-fixture.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kafkaError } from '../../../src/handlers/error-mapping.js'
import { type FetchRequestDraft, fetch } from '../../../src/protocol/messages/fetch.js'
import { batch, IoFixture, topicId } from '../io-fixture.js'

interface Asked {
  readonly topic?: string
  readonly partitions?: readonly (readonly [index: number, offset: number])[]
  readonly partition?: Partial<FetchRequestDraft['topics'][number]['partitions'][number]>
  readonly request?: Partial<FetchRequestDraft>
}

function request(asked: Asked = {}): FetchRequestDraft {
  const topic = asked.topic ?? 't'
  return {
    maxWaitMs: 500,
    minBytes: 1,
    maxBytes: 10_000,
    topics: [
      {
        topic,
        topicId: topicId(topic),
        partitions: (asked.partitions ?? [[0, 0]]).map(([partition, fetchOffset]) => ({
          partition,
          fetchOffset,
          partitionMaxBytes: 1000,
          ...asked.partition,
        })),
      },
    ],
    ...asked.request,
  }
}

async function first(fixture: IoFixture, version: number, asked: Asked = {}) {
  const answer = await fixture.ask(fetch, version, request(asked))
  const partition = answer.responses[0]?.partitions[0]
  assert.ok(partition !== undefined)
  return partition
}

function sizeOf(records: readonly Uint8Array[] | null): number {
  return records?.reduce((sum, chunk) => sum + chunk.length, 0) ?? -1
}

function fixtureWith(batches: readonly Uint8Array[], partitions = 1): IoFixture {
  const fixture = new IoFixture()
  fixture.topic('t', { partitions })
  for (const one of batches) fixture.logOf('t').append(one)
  return fixture
}

test('every version reads what is there, with the log beside it', async () => {
  const fixture = fixtureWith([batch(3, 100), batch(2, 120)])
  for (let version = 4; version <= 18; version++) {
    const partition = await first(fixture, version)
    assert.equal(partition.errorCode, kafkaError.NONE)
    assert.equal(sizeOf(partition.records), 220)
    assert.equal(partition.highWatermark, 5)
    assert.equal(partition.lastStableOffset, 5)
    assert.equal(partition.logStartOffset, version < 5 ? -1 : 0)
    assert.equal(partition.abortedTransactions, null)
  }
})

test('an offset inside a batch gets the whole batch', async () => {
  const fixture = fixtureWith([batch(10, 100), batch(10, 120)])
  assert.equal(sizeOf((await first(fixture, 11, { partitions: [[0, 15]] })).records), 120)
})

test('the first batch is sent even when larger than the limits, and only the first', async () => {
  const fixture = fixtureWith([batch(1, 5000)], 2)
  fixture.logOf('t', 1).append(batch(1, 5000))
  const answer = await fixture.ask(
    fetch,
    11,
    request({
      partitions: [
        [0, 0],
        [1, 0],
      ],
      request: { maxBytes: 100 },
    }),
  )
  assert.deepEqual(
    answer.responses[0]?.partitions.map((p) => sizeOf(p.records)),
    [5000, 0],
  )
  assert.equal(answer.responses[0]?.partitions[1]?.highWatermark, 1)
})

test('the limit of a partition and of the answer hold', async () => {
  const fixture = fixtureWith(
    Array.from({ length: 20 }, () => batch(1, 300)),
    2,
  )
  for (let i = 0; i < 20; i++) fixture.logOf('t', 1).append(batch(1, 300))
  const both: Asked['partitions'] = [
    [0, 0],
    [1, 0],
  ]
  const wide = await fixture.ask(fetch, 11, request({ partitions: both }))
  assert.deepEqual(
    wide.responses[0]?.partitions.map((p) => sizeOf(p.records)),
    [900, 900],
  )
  const narrow = request({ partitions: both, request: { maxBytes: 1300 } })
  assert.deepEqual(
    (await fixture.ask(fetch, 11, narrow)).responses[0]?.partitions.map((p) => sizeOf(p.records)),
    [900, 300],
  )
})

test('errors of a partition, each by its number and at once', async () => {
  const fixture = fixtureWith([batch(5)])
  fixture.topic('elsewhere', { leaderId: 2 })
  const error = async (version: number, asked: Asked) =>
    (await first(fixture, version, asked)).errorCode
  assert.equal(await error(11, { partitions: [[0, 6]] }), kafkaError.OFFSET_OUT_OF_RANGE)
  assert.equal(await error(11, { partitions: [[0, -1]] }), kafkaError.OFFSET_OUT_OF_RANGE)
  assert.equal(await error(11, { partitions: [[9, 0]] }), kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(await error(11, { topic: 'u' }), kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(await error(13, { topic: 'u' }), kafkaError.UNKNOWN_TOPIC_ID)
  assert.equal(await error(11, { topic: 'elsewhere' }), kafkaError.NOT_LEADER_OR_FOLLOWER)
  fixture.topic('t', { leaderEpoch: 3 })
  const epoch = (currentLeaderEpoch: number): Asked => ({ partition: { currentLeaderEpoch } })
  assert.equal(await error(11, epoch(2)), kafkaError.FENCED_LEADER_EPOCH)
  assert.equal(await error(11, epoch(4)), kafkaError.UNKNOWN_LEADER_EPOCH)
  assert.equal(await error(11, epoch(3)), kafkaError.NONE)
  const fenced = await fixture.ask(fetch, 16, request(epoch(2)))
  assert.deepEqual(fenced.responses[0]?.partitions[0]?.currentLeader, {
    leaderId: 1,
    leaderEpoch: 3,
  })
  assert.equal(fenced.nodeEndpoints[0]?.port, 9999)
})

test('a reader whose log departs is told where', async () => {
  const fixture = fixtureWith([batch(5)])
  const log = fixture.logOf('t')
  log.epoch = 4
  log.endOffsetForEpoch = () => ({ leaderEpoch: 2, endOffset: 3 })
  const partition = await first(fixture, 12, {
    partitions: [[0, 5]],
    partition: { lastFetchedEpoch: 3 },
  })
  assert.deepEqual(partition.divergingEpoch, { epoch: 2, endOffset: 3 })
  assert.equal(sizeOf(partition.records), 0)
})

test('a long poll ends with the first record', async () => {
  const fixture = fixtureWith([])
  const answer = fixture.ask(fetch, 11, request())
  await Promise.resolve()
  fixture.logOf('t').append(batch(1, 200))
  fixture.moved('t')
  assert.equal(sizeOf((await answer).responses[0]?.partitions[0]?.records ?? null), 200)
  fixture.clock.advance(10_000)
  assert.equal(fixture.clock.timersPending, 0)
})

test('a long poll ends empty when its time is over', async () => {
  const fixture = fixtureWith([])
  const answer = fixture.ask(fetch, 11, request())
  await flush()
  fixture.clock.advance(600)
  const partition = (await answer).responses[0]?.partitions[0]
  assert.equal(partition?.errorCode, kafkaError.NONE)
  assert.equal(sizeOf(partition?.records ?? null), 0)
})

test('minBytes gathers over partitions and moves', async () => {
  const fixture = fixtureWith([batch(1, 200)], 2)
  let answered = false
  const asked = request({
    partitions: [
      [0, 0],
      [1, 0],
    ],
    request: { minBytes: 500 },
  })
  const answer = fixture.ask(fetch, 11, asked).then((a) => {
    answered = true
    return a
  })
  await flush()
  fixture.logOf('t', 1).append(batch(1, 200))
  fixture.moved('t', 1)
  await flush()
  assert.equal(answered, false)
  fixture.logOf('t', 0).append(batch(1, 200))
  fixture.moved('t', 0)
  assert.deepEqual(
    (await answer).responses[0]?.partitions.map((p) => sizeOf(p.records)),
    [400, 200],
  )
})

test('what grew beyond maxBytes while it waited is cut to it', async () => {
  const fixture = fixtureWith([], 2)
  const asked = request({
    partitions: [
      [0, 0],
      [1, 0],
    ],
    request: { maxBytes: 700 },
  })
  const answer = fixture.ask(fetch, 11, asked)
  await flush()
  for (const index of [0, 1]) {
    for (let i = 0; i < 4; i++) fixture.logOf('t', index).append(batch(1, 200))
  }
  fixture.registry.onMoved([fixture.logOf('t', 0).handle, fixture.logOf('t', 1).handle])
  assert.deepEqual(
    (await answer).responses[0]?.partitions.map((p) => sizeOf(p.records)),
    [600, 0],
  )
})

test('a topic deleted under a long poll ends it with its error', async () => {
  const fixture = fixtureWith([])
  const answer = fixture.ask(fetch, 11, request())
  await flush()
  fixture.remove('t')
  const partition = (await answer).responses[0]?.partitions[0]
  assert.equal(partition?.errorCode, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
})

test('a client that leaves gives up its long poll', async () => {
  const fixture = fixtureWith([])
  const answer = fixture.ask(fetch, 11, request({ request: { maxWaitMs: 2 ** 31 - 1 } }))
  await flush()
  fixture.connection.onClose()
  await answer
  fixture.clock.advance(1)
  assert.equal(fixture.logOf('t').end, 0)
})

test('cold bytes are read off the loop, the rest as usual', async () => {
  const fixture = fixtureWith([batch(1, 200)], 2)
  fixture.logOf('t', 1).append(batch(1, 300))
  fixture.logOf('t', 0).cold = true
  const both = request({
    partitions: [
      [0, 0],
      [1, 0],
    ],
  })
  assert.deepEqual(
    (await fixture.ask(fetch, 11, both)).responses[0]?.partitions.map((p) => sizeOf(p.records)),
    [200, 300],
  )
  assert.equal(fixture.logOf('t', 0).readColdCount, 1)
})

test('committed readers see up to the last stable offset, aborted ones sorted', async () => {
  const fixture = fixtureWith([batch(5, 100), batch(5, 100)])
  const log = fixture.logOf('t')
  log.stable = 5
  log.aborted.push({ producerId: 8, firstOffset: 3 }, { producerId: 7, firstOffset: 1 })
  const committed = await first(fixture, 11, { request: { isolationLevel: 1 } })
  assert.equal(sizeOf(committed.records), 100)
  assert.equal(committed.lastStableOffset, 5)
  assert.deepEqual(committed.abortedTransactions, [
    { producerId: 7, firstOffset: 1 },
    { producerId: 8, firstOffset: 3 },
  ])
  assert.equal((await first(fixture, 11)).abortedTransactions, null)
})

test('a session over frames: full, quiet, news, forgotten', async () => {
  const fixture = fixtureWith([batch(1, 100)], 3)
  const asked = request({
    partitions: [
      [0, 0],
      [1, 0],
      [2, 0],
    ],
    request: { sessionEpoch: 0 },
  })
  const full = await fixture.ask(fetch, 13, asked)
  assert.ok(full.sessionId > 0)
  assert.equal(full.responses[0]?.partitions.length, 3)
  const moveOn = request({ partitions: [[0, 1]] })
  const poll = { sessionId: full.sessionId, maxWaitMs: 0 }
  const quiet = await fixture.ask(fetch, 13, { ...moveOn, ...poll, sessionEpoch: 1 })
  assert.deepEqual(quiet.responses, [])
  fixture.logOf('t', 2).append(batch(1, 100))
  const news = await fixture.ask(fetch, 13, { ...request(), ...poll, topics: [], sessionEpoch: 2 })
  assert.deepEqual(
    news.responses[0]?.partitions.map((p) => p.partitionIndex),
    [2],
  )
  const forgottenTopicsData = [{ topic: 't', topicId: topicId('t'), partitions: [1, 2] }]
  const forgot = await fixture.ask(fetch, 13, {
    ...request(),
    ...poll,
    topics: [],
    forgottenTopicsData,
    sessionEpoch: 3,
  })
  assert.equal(forgot.errorCode, kafkaError.NONE)
  const wrong = await fixture.ask(fetch, 13, { ...request(), ...poll, topics: [], sessionEpoch: 3 })
  assert.equal(wrong.errorCode, kafkaError.INVALID_FETCH_SESSION_EPOCH)
  const gone = { ...request(), sessionId: full.sessionId + 1, sessionEpoch: 1 }
  assert.equal(
    (await fixture.ask(fetch, 13, gone)).errorCode,
    kafkaError.FETCH_SESSION_ID_NOT_FOUND,
  )
})

test('an isolation level that there is not fails every partition', async () => {
  const fixture = fixtureWith([batch(1, 100)])
  const answer = await fixture.ask(fetch, 11, request({ request: { isolationLevel: 7 } }))
  assert.equal(answer.errorCode, kafkaError.UNKNOWN_SERVER_ERROR)
  assert.equal(answer.responses[0]?.partitions[0]?.errorCode, kafkaError.UNKNOWN_SERVER_ERROR)
})

test('limits below zero fail their partitions', async () => {
  const fixture = fixtureWith([batch(1, 100)])
  const negative = await first(fixture, 11, { request: { maxBytes: -1 } })
  assert.equal(negative.errorCode, kafkaError.UNKNOWN_SERVER_ERROR)
  const below = await first(fixture, 11, { partition: { partitionMaxBytes: -1 } })
  assert.equal(below.errorCode, kafkaError.UNKNOWN_SERVER_ERROR)
})

async function flush(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
