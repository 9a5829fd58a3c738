// On stand-ins: see io-fixture.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kafkaError } from '../../src/handlers/error-mapping.js'
import { deleteRecords } from '../../src/protocol/messages/delete-records.js'
import { describeProducers } from '../../src/protocol/messages/describe-producers.js'
import { listOffsets } from '../../src/protocol/messages/list-offsets.js'
import { offsetForLeaderEpoch } from '../../src/protocol/messages/offset-for-leader-epoch.js'
import { batch, IoFixture } from './io-fixture.js'

function fixture(): IoFixture {
  const made = new IoFixture()
  made.topic('t')
  const log = made.logOf('t')
  log.append(batch(10))
  log.start = 2
  log.stable = 6
  return made
}

async function offsetAt(
  io: IoFixture,
  timestamp: number,
  { version = 11, isolationLevel = 0, currentLeaderEpoch = -1, replicaId = -1 } = {},
) {
  const answer = await io.ask(listOffsets, version, {
    replicaId,
    isolationLevel,
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp, currentLeaderEpoch }] }],
  })
  const partition = answer.topics[0]?.partitions[0]
  assert.ok(partition !== undefined)
  return partition
}

test('the special timestamps', async () => {
  const io = fixture()
  assert.equal((await offsetAt(io, -1)).offset, 10)
  assert.equal((await offsetAt(io, -1, { isolationLevel: 1 })).offset, 6)
  assert.equal((await offsetAt(io, -2)).offset, 2)
  assert.deepEqual(await offsetAt(io, -3), {
    partitionIndex: 0,
    errorCode: 0,
    timestamp: 1000,
    offset: 9,
    leaderEpoch: 0,
  })
  assert.equal((await offsetAt(io, -4)).offset, 2)
  assert.equal((await offsetAt(io, -5)).offset, -1)
  assert.equal((await offsetAt(io, -6)).offset, -1)
})

test('every version finds a timestamp, and nothing past what the reader may see', async () => {
  const io = fixture()
  for (let version = 1; version <= 11; version++) {
    assert.equal((await offsetAt(io, 7, { version })).offset, 7)
    assert.equal((await offsetAt(io, 500, { version })).offset, -1)
  }
  assert.equal((await offsetAt(io, 7, { isolationLevel: 1 })).offset, -1)
})

test('a special timestamp before its version is unsupported', async () => {
  const io = fixture()
  for (const [timestamp, firstVersion] of [
    [-3, 7],
    [-4, 8],
    [-5, 9],
    [-6, 11],
  ] as const) {
    const before = await offsetAt(io, timestamp, { version: firstVersion - 1 })
    assert.equal(before.errorCode, kafkaError.UNSUPPORTED_VERSION)
    const from = await offsetAt(io, timestamp, { version: firstVersion })
    assert.equal(from.errorCode, kafkaError.NONE)
  }
  assert.equal((await offsetAt(io, -7)).errorCode, kafkaError.UNSUPPORTED_VERSION)
})

test('leader epochs fence, unknown partitions and twins are refused', async () => {
  const io = fixture()
  io.topic('t', { leaderEpoch: 2 })
  const fenced = await offsetAt(io, -1, { currentLeaderEpoch: 1 })
  assert.equal(fenced.errorCode, kafkaError.FENCED_LEADER_EPOCH)
  const ahead = await offsetAt(io, -1, { currentLeaderEpoch: 3 })
  assert.equal(ahead.errorCode, kafkaError.UNKNOWN_LEADER_EPOCH)
  const answer = await io.ask(listOffsets, 5, {
    replicaId: -1,
    topics: [
      { name: 'u', partitions: [{ partitionIndex: 0, timestamp: -1 }] },
      {
        name: 't',
        partitions: [
          { partitionIndex: 0, timestamp: -1 },
          { partitionIndex: 0, timestamp: -2 },
        ],
      },
    ],
  })
  assert.deepEqual(
    answer.topics.map((t) => t.partitions.map((p) => p.errorCode)),
    [[kafkaError.UNKNOWN_TOPIC_OR_PARTITION], [kafkaError.INVALID_REQUEST]],
  )
})

test('OffsetForLeaderEpoch tells where an epoch ended', async () => {
  const io = fixture()
  for (const version of [2, 3, 4]) {
    const answer = await io.ask(offsetForLeaderEpoch, version, {
      topics: [
        {
          topic: 't',
          partitions: [
            { partition: 0, leaderEpoch: 0 },
            { partition: 0, leaderEpoch: 5 },
            { partition: 1, leaderEpoch: 0 },
            { partition: 0, leaderEpoch: 0, currentLeaderEpoch: 9 },
          ],
        },
      ],
    })
    assert.deepEqual(
      answer.topics[0]?.partitions.map((p) => [p.errorCode, p.leaderEpoch, p.endOffset]),
      [
        [kafkaError.NONE, 0, 10],
        [kafkaError.NONE, -1, -1],
        [kafkaError.UNKNOWN_TOPIC_OR_PARTITION, -1, -1],
        [kafkaError.UNKNOWN_LEADER_EPOCH, -1, -1],
      ],
    )
  }
})

test('DeleteRecords moves the start, up to the high watermark', async () => {
  const io = fixture()
  const deleteBefore = async (offset: number, version = 2) => {
    const answer = await io.ask(deleteRecords, version, {
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset }] }],
      timeoutMs: 100,
    })
    const partition = answer.topics[0]?.partitions[0]
    return [partition?.errorCode, partition?.lowWatermark]
  }
  assert.deepEqual(await deleteBefore(5, 0), [0, 5])
  assert.deepEqual(await deleteBefore(3), [0, 5])
  assert.deepEqual(await deleteBefore(11), [kafkaError.OFFSET_OUT_OF_RANGE, -1])
  assert.deepEqual(await deleteBefore(-2), [kafkaError.OFFSET_OUT_OF_RANGE, -1])
  assert.deepEqual(await deleteBefore(-1), [0, 10])
  io.topic('t', { configs: { 'cleanup.policy': 'compact' } })
  assert.deepEqual(await deleteBefore(-1), [kafkaError.POLICY_VIOLATION, -1])
})

test('DescribeProducers lists what the log remembers', async () => {
  const io = fixture()
  io.logOf('t').activeProducers.push({
    producerId: 4,
    producerEpoch: 1,
    lastSequence: 9,
    lastTimestampMs: 77,
    coordinatorEpoch: -1,
    currentTxnFirstOffset: -1,
  })
  const answer = await io.ask(describeProducers, 0, {
    topics: [{ name: 't', partitionIndexes: [0, 1] }],
  })
  assert.deepEqual(
    answer.topics[0]?.partitions.map((p) => [p.errorCode, p.activeProducers.length]),
    [
      [kafkaError.NONE, 1],
      [kafkaError.UNKNOWN_TOPIC_OR_PARTITION, 0],
    ],
  )
})
