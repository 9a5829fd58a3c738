// What people ask of whole brokers, and leaders that go back to whom they should.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decideDrain, decideForgetBroker } from '../../src/controller/alter-brokers.js'
import { unbalancedPartitions } from '../../src/controller/balance-leaders.js'
import { decideLiveness } from '../../src/controller/decide-liveness.js'
import { decideRequestedElection } from '../../src/controller/request-election.js'
import type { ClusterState } from '../../src/metadata/cluster-state.js'
import { brokerState, clusterWith, partitionOf, TOPIC } from './cluster-fixture.js'

const rules = { minInSync: 1, allowsUncleanElection: false }

function drain(state: ClusterState, brokerId: number, isDrained = true): void {
  const decided = decideDrain(state, { brokerId, isDrained })
  assert.ok(decided.ok)
  for (const change of decided.value) state.replay(change)
}

function settle(state: ClusterState): void {
  for (const change of decideLiveness(state, { of: () => rules }).changes) state.replay(change)
  assert.deepEqual(decideLiveness(state, { of: () => rules }).changes, [], 'decided once')
}

describe('a broker that is drained', () => {
  test('gives up what others can lead, stays in sync, and takes nothing back', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    drain(state, 1)
    settle(state)
    assert.equal(partitionOf(state).leaderId, 2)
    assert.deepEqual(partitionOf(state).inSyncReplicas, [1, 2, 3])
    const asked = { type: 'preferred', topic: 'orders', index: 0 } as const
    const elected = decideRequestedElection(state, asked, () => rules)
    assert.equal(elected.ok ? '' : elected.failure.code, 'PREFERRED_LEADER_NOT_AVAILABLE')
    assert.deepEqual(unbalancedPartitions(state), [])
  })

  test('is drained until that is taken back, and then balanced again', () => {
    const state = clusterWith([1, 2, 3], [[1, 2, 3]])
    drain(state, 1)
    settle(state)
    assert.deepEqual(decideDrain(state, { brokerId: 1, isDrained: true }), { ok: true, value: [] })
    drain(state, 1, false)
    settle(state)
    assert.equal(partitionOf(state).leaderId, 2)
    assert.deepEqual(unbalancedPartitions(state), [
      { type: 'preferred', topic: 'orders', index: 0 },
    ])
  })

  test('gets no new replicas while there are others enough', () => {
    const state = clusterWith([1, 2, 3], [])
    drain(state, 2)
    const ids = (atLeast: number) => state.placeableBrokers(atLeast).map(({ id }) => id)
    assert.deepEqual(ids(2), [1, 3])
    assert.deepEqual(ids(3), [1, 2, 3])
  })

  test('is one that is known', () => {
    const decided = decideDrain(clusterWith([1], []), { brokerId: 9, isDrained: true })
    assert.equal(decided.ok ? '' : decided.failure.code, 'BROKER_NOT_REGISTERED')
  })
})

describe('a broker that is forgotten', () => {
  test('keeps its epoch, and is not known a second time', () => {
    const state = clusterWith([1, 2], [])
    state.replay({ type: 'broker-gone', brokerId: 2 })
    const decided = decideForgetBroker(state, 2)
    assert.ok(decided.ok)
    for (const change of decided.value) state.replay(change)
    assert.equal(state.brokerStates.get(2)?.epoch, brokerState().epoch)
    const again = decideForgetBroker(state, 2)
    assert.equal(again.ok ? '' : again.failure.code, 'BROKER_NOT_REGISTERED')
  })

  test('is not one that runs', () => {
    const decided = decideForgetBroker(clusterWith([1, 2], []), 2)
    assert.match(decided.ok ? '' : decided.failure.message, /Broker 2 is running: stop it/)
  })
})

describe('preferred leaders', () => {
  const leads = (state: ClusterState, index: number, leaderId: number) => {
    const record = { ...partitionOf(state, index), leaderId, leaderEpoch: 1 }
    state.replay({ type: 'partition', topicId: TOPIC, index, record })
  }

  test('go back when more than a tenth of what a broker should lead is led elsewhere', () => {
    const state = clusterWith(
      [1, 2],
      Array.from({ length: 20 }, () => [1, 2]),
    )
    leads(state, 3, 2)
    leads(state, 7, 2)
    assert.deepEqual(unbalancedPartitions(state), [])
    leads(state, 8, 2)
    assert.deepEqual(
      unbalancedPartitions(state).map(({ index }) => index),
      [3, 7, 8],
    )
  })

  test('do not go to one that is not in sync, nor to one that is not there', () => {
    const state = clusterWith([1, 2], [[1, 2]])
    leads(state, 0, 2)
    assert.equal(unbalancedPartitions(state).length, 1)
    const record = { ...partitionOf(state), inSyncReplicas: [2] }
    state.replay({ type: 'partition', topicId: TOPIC, index: 0, record })
    assert.deepEqual(unbalancedPartitions(state), [])
    leads(state, 0, 2)
    state.replay({ type: 'broker-gone', brokerId: 1 })
    assert.deepEqual(unbalancedPartitions(state), [])
  })
})
