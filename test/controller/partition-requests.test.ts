// What leaders and people ask of partitions: in-sync sets, reassignments, elections.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fail, type Outcome } from '../../src/base/errors.js'
import { decideAlterInSync } from '../../src/controller/alter-in-sync.js'
import { alterPartitions } from '../../src/controller/alter-partitions.js'
import { decideLiveness } from '../../src/controller/decide-liveness.js'
import { decideReassign, movingPartitions } from '../../src/controller/reassign.js'
import { decideRequestedElection } from '../../src/controller/request-election.js'
import type { Change } from '../../src/metadata/cluster-state.js'
import type { PartitionRecord } from '../../src/metadata/records.js'
import { clusterWith, partitionOf, TOPIC } from './cluster-fixture.js'

const rules = { minInSync: 2, allowsUncleanElection: false }
const codeOf = (outcome: Outcome<PartitionRecord>) => (outcome.ok ? 'ok' : outcome.failure.code)

describe('an in-sync set that its leader changes', () => {
  const asked = { brokerId: 1, topicId: TOPIC, index: 0, leaderEpoch: 0, inSync: [1, 2] }

  test('shrinks, and who left stays eligible below the minimum', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    const shrunk = decideAlterInSync(state, asked, rules)
    assert.deepEqual(shrunk.ok && shrunk.value.inSyncReplicas, [1, 2])
    assert.deepEqual(shrunk.ok && shrunk.value.eligibleLeaders, [])
    const alone = decideAlterInSync(state, { ...asked, inSync: [1] }, rules)
    assert.deepEqual(alone.ok && alone.value.eligibleLeaders, [2, 3])
  })

  test('is refused to whoever does not lead, in this epoch, a partition that is there', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    const code = (change: object) =>
      codeOf(decideAlterInSync(state, { ...asked, ...change }, rules))
    assert.equal(code({ brokerId: 2, inSync: [2] }), 'FENCED_LEADER_EPOCH')
    assert.equal(code({ leaderEpoch: 1 }), 'FENCED_LEADER_EPOCH')
    assert.equal(code({ index: 1 }), 'UNKNOWN_TOPIC_OR_PARTITION')
    assert.equal(code({ topicId: 'no-such' }), 'UNKNOWN_TOPIC_OR_PARTITION')
    assert.equal(code({ inSync: [2, 3] }), 'INVALID_REQUEST')
    assert.equal(code({ inSync: [1, 4] }), 'INVALID_REQUEST')
  })

  test('takes in nobody who is not let in, or is about to stop', () => {
    const state = clusterWith([1, 2], [[1, 2, 3]])
    const held = decideAlterInSync(state, { ...asked, inSync: [1, 2] }, rules)
    assert.ok(held.ok)
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record: held.value })
    const code = codeOf(decideAlterInSync(state, { ...asked, inSync: [1, 2, 3] }, rules))
    assert.equal(code, 'INELIGIBLE_REPLICA')
  })
})

describe('a reassignment', () => {
  test('has all replicas until the new ones are in sync, then the new ones only', () => {
    const state = clusterWith([1, 2, 3, 4, 5], [[1, 2, 3]])
    const begun = decideReassign(state, { topic: 'orders', index: 0, target: [3, 4, 5] })
    assert.ok(begun.ok)
    assert.deepEqual(begun.value.replicas, [3, 4, 5, 1, 2])
    assert.deepEqual(begun.value.addingReplicas, [4, 5])
    assert.deepEqual(begun.value.removingReplicas, [1, 2])
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record: begun.value })
    assert.deepEqual(decideLiveness(state, { of: () => rules }).changes, [])
    const caughtUp = { ...begun.value, inSyncReplicas: [1, 2, 3, 4, 5] }
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record: caughtUp })
    const [done] = decideLiveness(state, { of: () => rules }).changes
    assert.ok(done?.type === 'partition')
    assert.deepEqual(done.record.replicas, [3, 4, 5])
    assert.deepEqual(done.record.inSyncReplicas, [3, 4, 5])
    assert.deepEqual([done.record.leaderId, done.record.leaderEpoch], [3, 1])
    assert.deepEqual([done.record.addingReplicas, done.record.removingReplicas], [[], []])
  })

  test('that only takes away is done at once', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    const done = decideReassign(state, { topic: 'orders', index: 0, target: [1, 2] })
    assert.deepEqual(done.ok && [done.value.replicas, done.value.inSyncReplicas], [
      [1, 2],
      [1, 2],
    ])
  })

  test('that is taken back leaves what was there before', () => {
    const state = clusterWith([1, 2, 3, 4], [[1, 2, 3]])
    const cancel = { topic: 'orders', index: 0, target: null }
    assert.equal(codeOf(decideReassign(state, cancel)), 'NO_REASSIGNMENT_IN_PROGRESS')
    const begun = decideReassign(state, { topic: 'orders', index: 0, target: [1, 2, 4] })
    assert.ok(begun.ok)
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record: begun.value })
    const back = decideReassign(state, cancel)
    assert.deepEqual(back.ok && back.value.replicas, [1, 2, 3])
    assert.deepEqual(back.ok && back.value.addingReplicas, [])
  })

  test('to a broker that does not exist is refused by its number', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    const refused = decideReassign(state, { topic: 'orders', index: 0, target: [1, 9] })
    assert.equal(codeOf(refused), 'INVALID_REPLICA_ASSIGNMENT')
    assert.match(refused.ok ? '' : refused.failure.message, /broker 9/)
    const fewer = { topic: 'orders', index: 0, target: [1, 2], keepsReplicationFactor: true }
    assert.equal(codeOf(decideReassign(state, fewer)), 'INVALID_REPLICATION_FACTOR')
    const unknown = decideReassign(state, { topic: 'orders', index: 7, target: [1] })
    assert.equal(codeOf(unknown), 'UNKNOWN_TOPIC_OR_PARTITION')
  })
})

describe('an election that is asked for', () => {
  const ask = (state: ReturnType<typeof clusterWith>, type: 'preferred' | 'unclean') =>
    decideRequestedElection(state, { type, topic: 'orders', index: 0 }, () => rules)

  test('of the preferred replica', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    assert.equal(codeOf(ask(state, 'preferred')), 'ELECTION_NOT_NEEDED')
    const led = { ...partitionOf(state), leaderId: 2, leaderEpoch: 1 }
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record: led })
    const elected = ask(state, 'preferred')
    assert.deepEqual(elected.ok && [elected.value.leaderId, elected.value.leaderEpoch], [1, 2])
    const behind = { ...led, inSyncReplicas: [2, 3] }
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record: behind })
    assert.equal(codeOf(ask(state, 'preferred')), 'PREFERRED_LEADER_NOT_AVAILABLE')
  })

  test('of any replica, when there is no leader', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    assert.equal(codeOf(ask(state, 'unclean')), 'ELECTION_NOT_NEEDED')
    const lost = {
      ...partitionOf(state),
      leaderId: -1,
      inSyncReplicas: [],
      uncertainReplicas: [3],
    }
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record: lost })
    const elected = ask(state, 'unclean')
    assert.deepEqual(elected.ok && [elected.value.leaderId, elected.value.inSyncReplicas], [3, [3]])
    for (const id of [1, 2, 3]) state.replay({ type: 'broker-gone', brokerId: id })
    assert.equal(codeOf(ask(state, 'unclean')), 'ELIGIBLE_LEADERS_NOT_AVAILABLE')
  })
})

describe('many partitions at once', () => {
  const asked = [0, 1, 9].map((index) => ({ topic: 'orders', index, target: [2, 1] }))
  const decided = (outcomes: readonly Outcome<true>[]) =>
    outcomes.map((outcome) => outcome.ok || outcome.failure.code)
  const expected = [true, true, 'UNKNOWN_TOPIC_OR_PARTITION']

  test('those that hold are stored together, and nothing of the others', async () => {
    const state = clusterWith([1, 2], [[1], [1]])
    const stored: (readonly Change[])[] = []
    const outcomes = await alterPartitions(asked, {
      state,
      controllerEpoch: 7,
      decide: decideReassign,
      commit: async (changes) => {
        stored.push(changes)
        return { status: 'committed' }
      },
    })
    assert.deepEqual(decided(outcomes), expected)
    assert.deepEqual(
      stored.map((changes) =>
        changes.map((c) => c.type === 'partition' && [c.index, c.record.controllerEpoch]),
      ),
      [
        [
          [0, 7],
          [1, 7],
        ],
      ],
    )
  })

  test('who was overtaken is decided again on what is there now', async () => {
    const state = clusterWith([1, 2], [[1], [1]])
    let tries = 0
    const outcomes = await alterPartitions(asked, {
      state,
      controllerEpoch: 7,
      decide: decideReassign,
      commit: async () => {
        if (tries++ > 0) return { status: 'committed' }
        state.replay({ type: 'broker-gone', brokerId: 2 })
        return { status: 'overtaken', key: 'a key' }
      },
    })
    const refused = 'INVALID_REPLICA_ASSIGNMENT'
    assert.deepEqual(decided(outcomes), [refused, refused, 'UNKNOWN_TOPIC_OR_PARTITION'])
  })

  test('what cannot be stored is told to all that held', async () => {
    const { failure } = fail('NOT_CONTROLLER', 'another controller has taken over')
    const outcomes = await alterPartitions(asked, {
      state: clusterWith([1, 2], [[1], [1]]),
      controllerEpoch: 7,
      decide: decideReassign,
      commit: async () => ({ status: 'failed', failure: { ...failure, mayBeStored: false } }),
    })
    const lost = 'NOT_CONTROLLER'
    assert.deepEqual(decided(outcomes), [lost, lost, 'UNKNOWN_TOPIC_OR_PARTITION'])
  })

  test('those on the move are listed, and only they', () => {
    const state = clusterWith([1, 2, 3], [[1], [1, 2]])
    assert.deepEqual(movingPartitions(state), [])
    const begun = decideReassign(state, { topic: 'orders', index: 1, target: [3, 2] })
    assert.ok(begun.ok)
    state.replay({ type: 'partition', topicId: TOPIC, index: 1, record: begun.value })
    const moving = { addingReplicas: [3], removingReplicas: [1] }
    assert.deepEqual(movingPartitions(state), [
      { topic: 'orders', index: 1, replicas: [3, 2, 1], ...moving },
    ])
  })
})
