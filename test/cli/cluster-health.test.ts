// What a person is told of a partition, as a table.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type ClusterPartition,
  type ClusterSnapshot,
  healthOf,
  partitionHealth,
} from '../../src/cli/cluster/health.js'

const broker = (id: number, isFenced = false) => ({
  isDrained: false,
  id,
  host: 'h',
  port: 9092,
  rack: null,
  isFenced,
})
const partition = (change: Partial<ClusterPartition> = {}): ClusterPartition => ({
  topic: 't',
  index: 0,
  leader: 1,
  leaderEpoch: 3,
  replicas: [1, 2, 3],
  inSync: [1, 2, 3],
  eligibleLeaders: [],
  ...change,
})
const snapshot = (...partitions: ClusterPartition[]): ClusterSnapshot => ({
  clusterId: 'c',
  controllerId: 1,
  brokers: [broker(1), broker(2), broker(3, true)],
  partitions,
  minInSync: new Map([['t', 2]]),
})

const cases: readonly [string, Partial<ClusterPartition>, string, RegExp][] = [
  ['all in sync', {}, 'healthy', /^$/],
  [
    'one that is there is behind',
    { inSync: [1, 3] },
    'under-replicated',
    /^broker 2 is there and behind/,
  ],
  ['one is not there', { inSync: [1, 2] }, 'under-replicated', /^broker 3 is not there$/],
  [
    'one was never heard of',
    { replicas: [1, 2, 7], inSync: [1, 2] },
    'under-replicated',
    /^broker 7 is unknown$/,
  ],
  [
    'too few for acks=all',
    { inSync: [1] },
    'under-min-isr',
    /^1 in sync where acks=all wants 2, broker 2 .*, broker 3 is not there$/,
  ],
  ['as few replicas as there are at all', { replicas: [1], inSync: [1] }, 'healthy', /^$/],
  [
    'nobody leads, and one could',
    { leader: -1, inSync: [3] },
    'offline',
    /^only these have all that was acknowledged: broker 3 is not there$/,
  ],
  [
    'nobody leads, and nobody could',
    { leader: -1, inSync: [] },
    'offline',
    /^no replica is known to have all that was acknowledged$/,
  ],
]

describe('a partition', () => {
  for (const [what, change, state, why] of cases) {
    test(what, () => {
      const one = partition(change)
      const health = partitionHealth(one, snapshot(one))
      assert.equal(health.state, state)
      assert.match(health.why, why)
    })
  }
})

test('a cluster counts each partition once, with who leads and holds what', () => {
  const health = healthOf(
    snapshot(
      partition(),
      partition({ index: 1, leader: 2, inSync: [2, 1] }),
      partition({ index: 2, inSync: [1] }),
      partition({ index: 3, leader: -1, replicas: [3], inSync: [3] }),
    ),
  )
  const { leads, holds, ...counts } = health
  assert.deepEqual(counts, { partitions: 4, underReplicated: 3, underMinIsr: 1, offline: 1 })
  assert.deepEqual(
    [...leads],
    [
      [1, 2],
      [2, 1],
    ],
  )
  assert.deepEqual(holds.get(3), 4)
})
