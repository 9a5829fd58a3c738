// On stand-ins: see io-fixture.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionFault } from '../../src/handlers/connection-fault.js'
import { kafkaError } from '../../src/handlers/error-mapping.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { batch, IoFixture, topicId } from './io-fixture.js'

interface Sent {
  readonly acks?: number
  readonly timeoutMs?: number
  readonly topic?: string
  readonly id?: string
  readonly partitions?: readonly (readonly [index: number, records: Uint8Array | null])[]
}

function request(sent: Sent = {}) {
  const { acks = -1, timeoutMs = 1000, topic = 't', id, partitions = [[0, batch()]] } = sent
  const partitionData = partitions.map(([index, records]) => ({
    index,
    records: records === null ? null : [records],
  }))
  return {
    acks,
    timeoutMs,
    topicData: [{ name: topic, topicId: id ?? topicId(topic), partitionData }],
  }
}

async function errorOf(fixture: IoFixture, version: number, sent: Sent): Promise<number> {
  const answer = await fixture.ask(produce, version, request(sent))
  return answer.responses[0]?.partitionResponses[0]?.errorCode ?? Number.NaN
}

test('appends in the order of requests, and answers with offsets, in every version', async () => {
  const fixture = new IoFixture()
  fixture.topic('t')
  for (let version = 3; version <= 13; version++) {
    const answer = await fixture.ask(produce, version, request({ partitions: [[0, batch(10)]] }))
    const topic = answer.responses[0]
    assert.equal(version < 13 ? topic?.name : topic?.topicId, version < 13 ? 't' : topicId('t'))
    const partition = topic?.partitionResponses[0]
    assert.equal(partition?.errorCode, kafkaError.NONE)
    assert.equal(partition?.baseOffset, (version - 3) * 10)
    assert.equal(partition?.logAppendTimeMs, -1)
  }
  assert.equal(fixture.logOf('t').end, 110)
})

test('the answer waits for the promise of every partition', async () => {
  const fixture = new IoFixture({ log: { settlesAtOnce: false } })
  fixture.topic('t', { partitions: 2 })
  let answered = false
  const sent = request({
    partitions: [
      [0, batch()],
      [1, batch()],
    ],
  })
  const answer = fixture.ask(produce, 9, sent).then((a) => {
    answered = true
    return a
  })
  assert.equal(fixture.logOf('t', 1).end, 1, 'appended before the dispatch returned')
  fixture.logOf('t', 0).settle()
  fixture.moved('t', 0)
  await Promise.resolve()
  assert.equal(answered, false)
  fixture.logOf('t', 1).settle()
  fixture.moved('t', 1)
  assert.deepEqual(
    (await answer).responses[0]?.partitionResponses.map((p) => p.errorCode),
    [0, 0],
  )
})

test('without group commit acks=1 is answered at once', () => {
  const fixture = new IoFixture({ log: { settlesAtOnce: false }, config: { flush: 'os' } })
  fixture.topic('t')
  fixture.logOf('t').visible = 1_000_000 // and nothing of it durable
  assert.ok(Array.isArray(fixture.send(produce, 9, request({ acks: 1 }))))
})

test('a promise that does not come in time is REQUEST_TIMED_OUT, with its offset', async () => {
  const fixture = new IoFixture({ log: { settlesAtOnce: false } })
  fixture.topic('t')
  const answer = fixture.ask(produce, 9, request({ timeoutMs: 50 }))
  fixture.clock.advance(100)
  const partition = (await answer).responses[0]?.partitionResponses[0]
  assert.equal(partition?.errorCode, kafkaError.REQUEST_TIMED_OUT)
  assert.equal(partition?.baseOffset, 0)
})

test('a disk that fails and a topic that goes end the wait', async () => {
  const fixture = new IoFixture({ log: { settlesAtOnce: false } })
  fixture.topic('t')
  const offline = fixture.ask(produce, 9, request())
  fixture.logOf('t').isOffline = true
  fixture.moved('t')
  const failed = (await offline).responses[0]?.partitionResponses[0]
  assert.equal(failed?.errorCode, kafkaError.KAFKA_STORAGE_ERROR)
  fixture.logOf('t').isOffline = false
  const removed = fixture.ask(produce, 9, request())
  fixture.remove('t')
  const gone = (await removed).responses[0]?.partitionResponses[0]
  assert.equal(gone?.errorCode, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
})

test('acks=0 has no answer, and an error closes the connection', () => {
  const fixture = new IoFixture({ log: { settlesAtOnce: false } })
  fixture.topic('t')
  assert.equal(fixture.send(produce, 9, request({ acks: 0 })), null)
  assert.equal(fixture.logOf('t').end, 1)
  assert.throws(() => fixture.send(produce, 9, request({ acks: 0, topic: 'u' })), ConnectionFault)
})

test('what does not exist or is not led here', async () => {
  const fixture = new IoFixture()
  fixture.topic('t')
  assert.equal(await errorOf(fixture, 9, { topic: 'u' }), kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(
    await errorOf(fixture, 9, { partitions: [[1, batch()]] }),
    kafkaError.UNKNOWN_TOPIC_OR_PARTITION,
  )
  assert.equal(await errorOf(fixture, 13, { id: topicId('u') }), kafkaError.UNKNOWN_TOPIC_ID)
  assert.equal(
    await errorOf(fixture, 13, { partitions: [[1, batch()]] }),
    kafkaError.UNKNOWN_TOPIC_OR_PARTITION,
  )
  fixture.topic('elsewhere', { leaderId: 2 })
  const answer = await fixture.ask(produce, 10, request({ topic: 'elsewhere' }))
  const partition = answer.responses[0]?.partitionResponses[0]
  assert.equal(partition?.errorCode, kafkaError.NOT_LEADER_OR_FOLLOWER)
  assert.equal(answer.nodeEndpoints[0]?.host, 'broker.test')
})

test('acks other than -1, 0 and 1 are refused before anything is appended', async () => {
  const fixture = new IoFixture()
  fixture.topic('t')
  assert.equal(await errorOf(fixture, 9, { acks: 2 }), kafkaError.INVALID_REQUIRED_ACKS)
  assert.equal(await errorOf(fixture, 9, { acks: -2 }), kafkaError.INVALID_REQUIRED_ACKS)
  assert.equal(fixture.logOf('t').end, 0)
})

test('no records, an internal topic, and zstd from an old client are refused', async () => {
  const fixture = new IoFixture()
  fixture.topic('t')
  assert.equal(await errorOf(fixture, 9, { partitions: [[0, null]] }), kafkaError.INVALID_RECORD)
  assert.equal(
    await errorOf(fixture, 9, { partitions: [[0, new Uint8Array(0)]] }),
    kafkaError.INVALID_RECORD,
  )
  const zstd: Sent = { partitions: [[0, batch(1, 100, 4)]] }
  assert.equal(await errorOf(fixture, 6, zstd), kafkaError.UNSUPPORTED_COMPRESSION_TYPE)
  assert.equal(await errorOf(fixture, 7, zstd), kafkaError.NONE)
  fixture.topic('__internal', { isInternal: true })
  assert.equal(
    await errorOf(fixture, 9, { topic: '__internal' }),
    kafkaError.INVALID_TOPIC_EXCEPTION,
  )
})

test("the log's refusal of a record is told with its place and its reason", async () => {
  const fixture = new IoFixture()
  fixture.topic('t')
  fixture.logOf('t').nextFailure = {
    ok: false,
    failure: { code: 'INVALID_RECORD', message: 'no key' },
    recordIndex: 3,
  }
  const answer = await fixture.ask(produce, 9, request())
  const partition = answer.responses[0]?.partitionResponses[0]
  assert.equal(partition?.errorCode, kafkaError.INVALID_RECORD)
  assert.equal(partition?.errorMessage, 'no key')
  assert.deepEqual(partition?.recordErrors, [{ batchIndex: 3, batchIndexErrorMessage: 'no key' }])
  assert.equal(partition?.baseOffset, -1)
})

test('one bad partition does not hold back the others', async () => {
  const fixture = new IoFixture()
  fixture.topic('t', { partitions: 2 })
  const answer = await fixture.ask(
    produce,
    9,
    request({
      partitions: [
        [7, batch()],
        [1, batch()],
      ],
    }),
  )
  assert.deepEqual(
    answer.responses[0]?.partitionResponses.map((p) => p.errorCode),
    [kafkaError.UNKNOWN_TOPIC_OR_PARTITION, kafkaError.NONE],
  )
})

test('a thousand waiting requests share a few timers', () => {
  const fixture = new IoFixture({ log: { settlesAtOnce: false } })
  fixture.topic('t')
  for (let i = 0; i < 1000; i++) void fixture.send(produce, 9, request({ timeoutMs: 30_000 }))
  assert.ok(fixture.clock.timersSet < 5)
})
