// Where the replicas of a broker that is taken out go.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evacuate } from '../../src/cli/cluster/evacuate.js'
import type { ClusterBroker, ClusterSnapshot } from '../../src/cli/cluster/health.js'

const broker = (id: number, change: Partial<ClusterBroker> = {}): ClusterBroker => ({
  id,
  host: 'h',
  port: 1,
  rack: null,
  isFenced: false,
  isDrained: false,
  ...change,
})

const snapshot = (
  brokers: readonly ClusterBroker[],
  replicas: readonly (readonly number[])[],
): ClusterSnapshot => ({
  clusterId: 'c',
  controllerId: 1,
  brokers,
  partitions: replicas.map((ids, index) => ({
    topic: 't',
    index,
    leader: ids[0] ?? -1,
    leaderEpoch: 0,
    replicas: ids,
    inSync: ids,
    eligibleLeaders: [],
  })),
  minInSync: new Map(),
})

const targets = (given: ClusterSnapshot, leaving: number) => {
  const plans = evacuate(given, leaving)
  assert.ok(plans.ok, plans.ok ? '' : plans.failure.message)
  return plans.value.map(({ index, replicas }) => [index, replicas])
}

test('the heir takes its place in the order, and what it does not hold stays', () => {
  const brokers = [1, 2, 3, 4].map((id) => broker(id))
  assert.deepEqual(
    targets(
      snapshot(brokers, [
        [1, 2, 3],
        [2, 3, 4],
        [3, 1],
      ]),
      1,
    ),
    [
      [0, [4, 2, 3]],
      [2, [3, 2]],
    ],
  )
})

test('a rack that has no replica goes before one that has, and the fewest before the many', () => {
  const rack = (id: number, name: string) => broker(id, { rack: name })
  const brokers = [rack(1, 'a'), rack(2, 'b'), rack(3, 'b'), rack(4, 'a')]
  assert.deepEqual(targets(snapshot(brokers, [[1, 2], [4], [4], [4]]), 1), [[0, [4, 2]]])
  const even = [1, 2, 3, 4].map((id) => broker(id))
  assert.deepEqual(targets(snapshot(even, [[1, 2], [3]]), 1), [[0, [4, 2]]])
})

test('nobody who is not there or drained inherits, and it says which partition is the matter', () => {
  const brokers = [
    broker(1),
    broker(2),
    broker(3, { isFenced: true }),
    broker(4, { isDrained: true }),
  ]
  const plans = evacuate(snapshot(brokers, [[2], [1, 2]]), 1)
  assert.match(plans.ok ? '' : plans.failure.message, /^t-1 has 2 replicas, and without broker 1 /)
})

test('any cluster: each replica goes, to one that had none', () => {
  const given = fc.record({
    brokers: fc.integer({ min: 4, max: 8 }),
    partitions: fc.array(fc.shuffledSubarray([1, 2, 3, 4], { minLength: 1, maxLength: 3 }), {
      maxLength: 60,
    }),
  })
  fc.assert(
    fc.property(given, ({ brokers, partitions }) => {
      const all = Array.from({ length: brokers }, (_, at) => broker(at + 1))
      const plans = evacuate(snapshot(all, partitions), 1)
      assert.ok(plans.ok)
      for (const { index, replicas } of plans.value) {
        const before = partitions[index] ?? []
        assert.ok(before.includes(1) && !replicas.includes(1))
        assert.equal(new Set(replicas).size, before.length)
        assert.equal(replicas.filter((id) => !before.includes(id)).length, 1)
      }
      const left = partitions.filter((ids) => ids.includes(1)).length
      assert.equal(plans.value.length, left)
    }),
  )
})
