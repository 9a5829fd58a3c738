// Who leads and who is in sync, as a table: before, who is there, after.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type Brokers, electLeader, NO_LEADER } from '../../src/controller/elect-leader.js'
import type { PartitionRecord } from '../../src/metadata/records.js'

export const partition = (change: Partial<PartitionRecord> = {}): PartitionRecord => ({
  leaderId: 1,
  leaderEpoch: 5,
  inSyncReplicas: [1, 2, 3],
  eligibleLeaders: [],
  uncertainReplicas: [],
  replicas: undefined,
  addingReplicas: [],
  removingReplicas: [],
  controllerEpoch: 1,
  ...change,
})

interface There {
  readonly active: readonly number[]
  readonly draining?: readonly number[]
  readonly drained?: readonly number[]
  readonly returned?: readonly number[]
  readonly clean?: readonly number[]
  readonly lacking?: readonly number[]
}

const brokers = ({ active, draining, drained, returned, clean, lacking }: There): Brokers => ({
  isActive: (id) => active.includes(id),
  isDraining: (id) => draining?.includes(id) === true,
  hasReturned: (id) => returned?.includes(id) === true,
  isDrained: (id) => drained?.includes(id) === true,
  stoppedCleanly: (id) => clean?.includes(id) === true,
  mayLackRecords: (id) => lacking?.includes(id) === true,
})

interface Case {
  readonly what: string
  readonly before?: Partial<PartitionRecord>
  readonly there: There
  readonly minInSync?: number
  readonly unclean?: boolean
  readonly replicas?: readonly number[]
  /** undefined: nothing changes. */
  readonly after?: Partial<PartitionRecord>
}

const cases: readonly Case[] = [
  { what: 'all is well', there: { active: [1, 2, 3] } },
  {
    what: 'a follower goes: it leaves the in-sync set in the same epoch',
    there: { active: [1, 2] },
    after: { inSyncReplicas: [1, 2] },
  },
  {
    what: 'the leader goes: the next in the order of preference leads in a new epoch',
    there: { active: [2, 3] },
    after: { leaderId: 2, leaderEpoch: 6, inSyncReplicas: [2, 3] },
  },
  {
    what: 'the leader is drained: another leads, and it stays in sync',
    there: { active: [1, 2, 3], drained: [1] },
    after: { leaderId: 2, leaderEpoch: 6 },
  },
  {
    what: 'all in sync are drained: none of them is better than the leader',
    before: { leaderId: 3, inSyncReplicas: [1, 3] },
    there: { active: [1, 2, 3], drained: [1, 3] },
  },
  {
    what: 'the leader goes, and of those left one is drained: the other leads',
    there: { active: [2, 3], drained: [2] },
    after: { leaderId: 3, leaderEpoch: 6, inSyncReplicas: [2, 3] },
  },
  {
    what: 'the leader is drained, and who else is in sync has only just returned: it leads on',
    there: { active: [1, 2], drained: [1], returned: [2] },
    after: { inSyncReplicas: [1, 2] },
  },
  {
    what: 'only a drained one is left: it leads',
    there: { active: [2], drained: [2] },
    minInSync: 1,
    after: { leaderId: 2, leaderEpoch: 6, inSyncReplicas: [2] },
  },
  {
    what: 'the set falls below the minimum: who left stays eligible',
    there: { active: [1] },
    after: { inSyncReplicas: [1], eligibleLeaders: [2, 3] },
  },
  {
    what: 'the minimum was lowered to what is in sync: nobody else is eligible any more',
    before: { inSyncReplicas: [1], eligibleLeaders: [2, 3] },
    there: { active: [1] },
    minInSync: 1,
    after: { eligibleLeaders: [] },
  },
  {
    what: 'all go: nobody leads, all stay eligible',
    there: { active: [] },
    after: { leaderId: NO_LEADER, leaderEpoch: 6, inSyncReplicas: [], eligibleLeaders: [1, 2, 3] },
  },
  {
    what: 'an eligible one comes back and leads alone',
    before: { leaderId: -1, inSyncReplicas: [], eligibleLeaders: [1, 2, 3] },
    there: { active: [3], returned: [3], clean: [3] },
    after: { leaderId: 3, leaderEpoch: 6, inSyncReplicas: [3], eligibleLeaders: [1, 2] },
  },
  {
    what: 'one that is not eligible comes back: it does not lead',
    before: { leaderId: -1, inSyncReplicas: [], eligibleLeaders: [1, 2] },
    there: { active: [3], returned: [3], clean: [3] },
  },
  {
    what: 'it does where the topic asks for it, and alone',
    before: { leaderId: -1, inSyncReplicas: [], eligibleLeaders: [1, 2] },
    there: { active: [3], returned: [3] },
    unclean: true,
    after: { leaderId: 3, leaderEpoch: 6, inSyncReplicas: [3], eligibleLeaders: [] },
  },
  {
    what: 'an eligible one goes before any other, also where unclean elections are allowed',
    before: { leaderId: -1, inSyncReplicas: [], eligibleLeaders: [3] },
    there: { active: [2, 3] },
    unclean: true,
    after: { leaderId: 3, leaderEpoch: 6, inSyncReplicas: [3], eligibleLeaders: [] },
  },
  {
    what: 'one that may lack records is not trusted, and not forgotten either',
    before: { leaderId: -1, inSyncReplicas: [], eligibleLeaders: [1, 2] },
    there: { active: [1], returned: [1], lacking: [1] },
    after: { eligibleLeaders: [2], uncertainReplicas: [1] },
  },
  {
    what: 'once all that held it may lack records, and all are there, one of them leads',
    before: { leaderId: -1, inSyncReplicas: [], eligibleLeaders: [2], uncertainReplicas: [1] },
    there: { active: [1, 2], returned: [2], lacking: [2] },
    after: {
      leaderId: 1,
      leaderEpoch: 6,
      inSyncReplicas: [1],
      eligibleLeaders: [],
      uncertainReplicas: [],
    },
  },
  {
    what: 'not before all of them are there',
    before: { leaderId: -1, inSyncReplicas: [], uncertainReplicas: [1, 2] },
    there: { active: [1] },
  },
  {
    what: 'the leader has returned as another process: another one leads',
    there: { active: [1, 2, 3], returned: [1], clean: [1] },
    after: { leaderId: 2, leaderEpoch: 6 },
  },
  {
    what: 'it has returned and is alone: it leads on, in its epoch if nothing was lost',
    before: { inSyncReplicas: [1] },
    there: { active: [1], returned: [1], clean: [1] },
    replicas: [1],
  },
  {
    what: 'in a new one if its end may be another',
    before: { inSyncReplicas: [1] },
    there: { active: [1], returned: [1] },
    replicas: [1],
    after: { leaderEpoch: 6 },
  },
  {
    what: 'a single replica is all there is, also when it may lack records',
    before: { inSyncReplicas: [1] },
    there: { active: [1], returned: [1], lacking: [1] },
    replicas: [1],
    after: { leaderEpoch: 6 },
  },
  {
    what: 'a follower that returned and may lack records leaves the set and is not eligible',
    there: { active: [1, 2, 3], returned: [3], lacking: [3] },
    after: { inSyncReplicas: [1, 2], eligibleLeaders: [], uncertainReplicas: [] },
  },
  {
    what: 'the leader is about to stop: the next leads, it leaves the set',
    there: { active: [1, 2, 3], draining: [1] },
    after: { leaderId: 2, leaderEpoch: 6, inSyncReplicas: [2, 3] },
  },
  {
    what: 'all are about to stop: the leader stays to the end',
    there: { active: [1, 2, 3], draining: [1, 2, 3] },
  },
  {
    what: 'a minimum above the number of replicas counts as all of them',
    before: { inSyncReplicas: [1, 2] },
    there: { active: [1] },
    replicas: [1, 2],
    minInSync: 5,
    after: { inSyncReplicas: [1], eligibleLeaders: [2] },
  },
  {
    what: 'whoever is no replica any more is not in sync either',
    there: { active: [1, 2, 3, 4] },
    replicas: [2, 3, 4],
    after: { leaderId: 2, leaderEpoch: 6, inSyncReplicas: [2, 3] },
  },
]

describe('what becomes of a partition', () => {
  for (const { what, before, there, minInSync = 2, unclean = false, replicas, after } of cases) {
    test(what, () => {
      const given = partition(before)
      const result = electLeader(given, {
        replicas: replicas ?? [1, 2, 3],
        rules: { minInSync, allowsUncleanElection: unclean },
        brokers: brokers(there),
      })
      if (after === undefined) assert.equal(result, given)
      else assert.deepEqual(result, { ...given, ...after })
    })
  }
})

const ids = fc.subarray([1, 2, 3, 4])
const anything = fc.record({
  leaderId: fc.constantFrom(-1, 1, 2, 3, 4),
  inSync: ids,
  eligible: ids,
  uncertain: ids,
  active: ids,
  draining: ids,
  returned: ids,
  clean: ids,
  lacking: ids,
  minInSync: fc.integer({ min: 1, max: 4 }),
  unclean: fc.boolean(),
})

test('whatever happens: asked twice it says the same, an epoch has one leader, and only who holds all leads', () => {
  fc.assert(
    fc.property(anything, (given) => {
      const inSync = given.inSync
      const before = partition({
        leaderId: inSync.includes(given.leaderId) ? given.leaderId : NO_LEADER,
        inSyncReplicas: inSync.includes(given.leaderId) ? inSync : [],
        eligibleLeaders: given.eligible.filter((id) => !inSync.includes(id)),
        uncertainReplicas: inSync.includes(given.leaderId) ? [] : given.uncertain,
      })
      const rules = { minInSync: given.minInSync, allowsUncleanElection: given.unclean }
      const replicas = [1, 2, 3, 4]
      const there = { ...given, returned: given.returned.filter((id) => given.active.includes(id)) }
      const after = electLeader(before, { replicas, rules, brokers: brokers(there) })
      const settled = { ...there, returned: [], lacking: [] }
      const again = electLeader(after, { replicas, rules, brokers: brokers(settled) })
      assert.deepEqual(again, after)
      if (after.leaderId !== before.leaderId) assert.ok(after.leaderEpoch > before.leaderEpoch)
      if (after.leaderId === NO_LEADER) return
      assert.ok(given.active.includes(after.leaderId))
      assert.ok(after.inSyncReplicas.includes(after.leaderId))
      const lacks = there.returned.filter((id) => given.lacking.includes(id))
      const trusted = [...before.inSyncReplicas, ...before.eligibleLeaders].filter(
        (id) => !lacks.includes(id),
      )
      const wasUncertain = [...before.uncertainReplicas, ...lacks].includes(after.leaderId)
      const noneIsTrusted = trusted.length === 0 && wasUncertain
      assert.ok(given.unclean || trusted.includes(after.leaderId) || noneIsTrusted)
    }),
  )
})
