// Two real logs as leader and follower: what one has the other gets, byte for byte, and what the
// addon is told comes back as it was said.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { LogDirectory, PartitionLog } from '../../src/log/types.js'
import { makeBatch, testLogConfig } from './batches.js'
import { openTemporary } from './temporary-log.js'

interface Pair {
  readonly directories: readonly [LogDirectory, LogDirectory]
  readonly first: PartitionLog
  readonly second: PartitionLog
}

function openPair(t: TestContext): Pair {
  const directories = [
    openTemporary(t, { flush: 'group' }),
    openTemporary(t, { flush: 'group' }),
  ] as const
  const [first, second] = directories.map((each) => each.openPartition('orders-0', testLogConfig))
  assert.ok(first && second)
  return { directories, first, second }
}

const oneRecord = (value: string) => makeBatch([{ value }])

function bytesOf(log: PartitionLog, offset: number): Buffer {
  const read = log.read({ offset, maxBytes: 1 << 20, atLeastOne: true, isolation: 'logEnd' })
  assert.ok(read.status === 'ok')
  return Buffer.concat(read.chunks)
}

const set = { leaderEpoch: 1, inSync: [1, 2], proposed: [], minInSync: 1 }

test('what the leader has the follower gets, and what it has on disk moves the high watermark', async (t) => {
  const { directories, first: leader, second: follower } = openPair(t)
  assert.deepEqual(leader.lead(1, set), { ok: true, value: undefined })
  assert.deepEqual(follower.follow(1), { ok: true, value: undefined })
  for (let index = 0; index < 5; index++) assert.ok(leader.append(oneRecord(`value ${index}`)).ok)
  await directories[0].flushAll()
  assert.equal(leader.highWatermark(), 0)
  const fetched = bytesOf(leader, 0)
  assert.ok(follower.append(fetched, { origin: 'replica', leaderEpoch: 1 }).ok)
  assert.deepEqual(bytesOf(follower, 0), fetched)
  await directories[1].flushAll()
  assert.equal(follower.durableOffset(), 5)
  assert.ok(leader.reportReplica({ brokerId: 2, leaderEpoch: 1, endOffset: 5 }))
  assert.equal(leader.highWatermark(), 0)
  assert.ok(leader.reportReplica({ brokerId: 2, leaderEpoch: 1, durableOffset: 5 }))
  assert.equal(leader.highWatermark(), 5)
  const [progress] = leader.replicas()
  assert.ok(progress && progress.lagMs >= 0)
  assert.deepEqual(
    { ...progress, lagMs: 0, confirmedMs: 0 },
    {
      brokerId: 2,
      endOffset: 5,
      durableOffset: 5,
      lagMs: 0,
      mayJoin: true,
      counts: true,
      confirmedMs: 0,
    },
  )
  assert.equal(follower.followHighWatermark(1, 5), true)
  assert.equal(follower.highWatermark(), 5)
})

test('a role and an epoch that are over are refused by name', (t) => {
  const { first: leader, second: follower } = openPair(t)
  leader.lead(1, { ...set, leaderEpoch: 4 })
  const back = leader.follow(3)
  assert.equal(back.ok === false && back.failure.code, 'FENCED_LEADER_EPOCH')
  assert.equal(leader.setInSync({ ...set, leaderEpoch: 3 }), false)
  assert.equal(leader.reportReplica({ brokerId: 2, leaderEpoch: 5, endOffset: 0 }), false)
  assert.equal(leader.followHighWatermark(4, 1), false)
  follower.follow(4)
  const written = follower.append(oneRecord('x'))
  assert.equal(written.ok === false && written.failure.code, 'NOT_LEADER')
})

test('where two logs part is found by their epochs, and cut', async (t) => {
  const { first, second } = openPair(t)
  first.lead(1, { ...set, inSync: [1] })
  first.append(oneRecord('both'))
  second.follow(1)
  second.append(bytesOf(first, 0), { origin: 'replica', leaderEpoch: 1 })
  first.append(oneRecord('only the first has it'))
  second.lead(2, { ...set, leaderEpoch: 2, inSync: [2] })
  second.append(oneRecord('only the second has it'))
  first.follow(2)
  assert.equal(first.lastEpoch(), 1)
  assert.deepEqual(second.endOffsetForEpoch(1), { leaderEpoch: 1, endOffset: 1 })
  await first.truncateTo(1)
  first.append(bytesOf(second, 1), { origin: 'replica', leaderEpoch: 2 })
  assert.deepEqual(bytesOf(first, 0), bytesOf(second, 0))
  assert.equal(first.lastEpoch(), 2)
  await first.truncateFullyAndStartAt(100)
  const { logStartOffset, logEndOffset, highWatermark } = first.state()
  assert.deepEqual([logStartOffset, logEndOffset, highWatermark], [100, 100, 100])
  assert.equal(first.lastEpoch(), -1)
})
