import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReplicaProgress } from '../../src/log/types.js'
import {
  CONFIRMED_WITHIN_MS,
  type Leadership,
  mayAcknowledgeAlone,
} from '../../src/partition/alone-decision.js'

const leader: Leadership = {
  brokerId: 1,
  isSessionAlive: false,
  inSyncReplicas: [1, 2],
  eligibleLeaders: [],
}

function follower(brokerId: number, confirmedMs: number, counts = true): ReplicaProgress {
  return { brokerId, endOffset: 0, durableOffset: 0, lagMs: 0, mayJoin: true, counts, confirmedMs }
}

const cases: readonly [string, Partial<Leadership>, readonly ReplicaProgress[], boolean][] = [
  ['its session lives', { isSessionAlive: true }, [], true],
  ['nobody has fetched in this epoch', {}, [follower(2, -1)], false],
  ['nobody was ever heard of', {}, [], false],
  ['the one in sync has just fetched', {}, [follower(2, 5)], true],
  ['it was heard of just in time', {}, [follower(2, CONFIRMED_WITHIN_MS)], true],
  ['it was heard of too long ago', {}, [follower(2, CONFIRMED_WITHIN_MS + 1)], false],
  ['one of two in sync is silent', { inSyncReplicas: [1, 2, 3] }, [follower(2, 5)], false],
  ['nobody else is in sync', { inSyncReplicas: [1] }, [], true],
  ['who is not in sync is silent', {}, [follower(2, 5), follower(3, -1, false)], true],
  ['an eligible one is silent', { inSyncReplicas: [1], eligibleLeaders: [2] }, [], false],
  ['one that is being let in is silent', {}, [follower(2, 5), follower(3, -1)], false],
]

for (const [situation, change, progress, expected] of cases) {
  test(`a leader may${expected ? '' : ' not'} acknowledge alone when ${situation}`, () => {
    assert.equal(
      mayAcknowledgeAlone({ ...leader, ...change }, () => progress),
      expected,
    )
  })
}

test('the replicas are asked for only when the session is over: every acknowledgement comes by here', () => {
  const asked: string[] = []
  const progress = () => {
    asked.push('progress')
    return []
  }
  mayAcknowledgeAlone({ ...leader, isSessionAlive: true }, progress)
  assert.deepEqual(asked, [])
})
