// What a leader is told anew, and what it is left to remember.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { followedKey } from '../../src/replication/followed-partition.js'
import { FollowedSet } from '../../src/replication/followed-set.js'
import { MemoryLog } from '../partition/memory-log.js'

const partition = (index: number, leaderEpoch = 1) => ({
  topicId: 'tttttttttttttttttttttt',
  index,
  leaderId: 2,
  leaderEpoch,
  log: new MemoryLog(index, `t-${index}`),
})
const keyOf = (index: number) => followedKey(partition(index))

let set: FollowedSet
beforeEach(() => {
  set = new FollowedSet()
  set.add(partition(0))
  set.add(partition(1))
})

function news(nowMs = 0) {
  const { asked, dropped } = set.news(nowMs)
  return [asked.map((one) => one.partition.index), dropped]
}

test('all are asked for once, and then who has changed', () => {
  assert.deepEqual(news(), [[0, 1], []])
  assert.deepEqual(news(), [[], []])
  set.noteChanged(keyOf(1))
  assert.deepEqual(news(), [[1], []])
  set.allChanged()
  assert.deepEqual(news(), [[0, 1], []])
})

test('a new epoch is asked for, the same one is no news', () => {
  news()
  assert.equal(set.add(partition(0)), false)
  assert.equal(set.add(partition(1, 2)), true)
  assert.deepEqual(news(), [[1], []])
})

test('who went is dropped once', () => {
  news()
  set.remove(keyOf(0))
  assert.deepEqual(news(), [[], [keyOf(0)]])
  assert.deepEqual(news(), [[], []])
  assert.equal(set.size, 1)
})

test('who rests is dropped until the time is over, and then asked for without further ado', () => {
  news()
  const followed = set.get(keyOf(0))
  assert.ok(followed)
  followed.pausedUntilMs = 100
  set.noteChanged(keyOf(0))
  assert.deepEqual(news(50), [[], [keyOf(0)]])
  assert.deepEqual(news(100), [[0], []])
  assert.deepEqual(news(101), [[], []])
})

test('one whose disk has failed is not asked for', () => {
  const { log } = set.get(keyOf(1))?.partition ?? {}
  assert.ok(log instanceof MemoryLog)
  log.isOffline = true
  assert.deepEqual(news(), [[0], [keyOf(1)]])
})

test('a new connection has nothing confirmed', () => {
  const followed = set.get(keyOf(0))
  assert.ok(followed)
  followed.isConfirmed = true
  set.noneConfirmed()
  assert.equal(followed.isConfirmed, false)
})
