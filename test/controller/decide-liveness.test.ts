// Brokers come and go: what the controller writes, in which order, and that it ends.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideLiveness } from '../../src/controller/decide-liveness.js'
import type { Change } from '../../src/metadata/cluster-state.js'
import { clusterWith, partitionOf, register } from './cluster-fixture.js'

const rules = { of: () => ({ minInSync: 2, allowsUncleanElection: false }) }
const kinds = (changes: readonly Change[]) => changes.map(({ type }) => type)

test('a broker whose session has ended is shut out before others lead what it led', () => {
  const state = clusterWith(
    [1, 2, 3],
    [
      [1, 2, 3],
      [2, 3, 1],
    ],
  )
  state.replay({ type: 'broker-gone', brokerId: 1 })
  const { changes, response } = decideLiveness(state, rules)
  assert.deepEqual(response, { admitted: [], fenced: [1] })
  assert.deepEqual(kinds(changes), ['broker-state', 'partition', 'partition'])
  for (const change of changes) state.replay(change)
  assert.equal(partitionOf(state, 0).leaderId, 2)
  assert.deepEqual(partitionOf(state, 1).inSyncReplicas, [2, 3])
  assert.deepEqual(decideLiveness(state, rules).changes, [])
})

test('a broker that came is let in after its partitions were decided', () => {
  const state = clusterWith([2, 3], [[1, 2, 3]])
  for (const change of decideLiveness(state, rules).changes) state.replay(change)
  register(state, 1, { epoch: 2, isFenced: true })
  const { changes } = decideLiveness(state, rules)
  assert.deepEqual(kinds(changes), ['broker-state'])
  for (const change of changes) state.replay(change)
  assert.equal(state.isActive(1), true)
  assert.equal(partitionOf(state).leaderId, 2)
})

test('whichever change is the last that was stored, deciding again comes to the same end', () => {
  const begin = () => {
    const state = clusterWith(
      [1, 2, 3],
      [
        [1, 2, 3],
        [1, 3, 2],
        [3, 1, 2],
      ],
    )
    register(state, 1, { epoch: 2, isFenced: true, mayLackRecords: true, stoppedCleanly: false })
    state.replay({ type: 'broker-gone', brokerId: 3 })
    return state
  }
  const { changes } = decideLiveness(begin(), rules)
  for (let stored = 0; stored <= changes.length; stored++) {
    const state = begin()
    for (const change of changes.slice(0, stored)) state.replay(change)
    for (let round = 0; round < 5; round++) {
      for (const change of decideLiveness(state, rules).changes) state.replay(change)
    }
    assert.deepEqual(decideLiveness(state, rules).changes, [])
    for (const index of [0, 1, 2]) {
      const { leaderId, inSyncReplicas, eligibleLeaders } = partitionOf(state, index)
      assert.deepEqual([leaderId, inSyncReplicas], [2, [2]], `${stored} stored`)
      assert.ok(!eligibleLeaders.includes(1))
    }
  }
})

test('a replica that its broker cannot serve is led by another one, and its broker serves on', () => {
  const state = clusterWith(
    [1, 2, 3],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  )
  const topicId = [...state.topics()][0]?.id ?? ''
  const record = { partitions: { [topicId]: [1] } }
  state.replay({ type: 'unavailable', brokerId: 1, record })
  for (const change of decideLiveness(state, rules).changes) state.replay(change)
  assert.equal(partitionOf(state, 0).leaderId, 1)
  assert.equal(partitionOf(state, 1).leaderId, 2)
  assert.equal(state.isActive(1), true)
})

test('a broker registered under an epoch that is over is not there', () => {
  const state = clusterWith([1, 2], [[1, 2]])
  const late = { id: 1, epoch: 0, rack: undefined, endpoints: [], interBroker: undefined }
  state.replay({ type: 'broker', record: late })
  assert.equal(state.isActive(1), false)
  assert.deepEqual(decideLiveness(state, rules).response, { admitted: [], fenced: [1] })
})
