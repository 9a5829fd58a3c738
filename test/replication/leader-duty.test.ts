// Whom a leader looks at, and what it asks for.
import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import { succeed } from '../../src/base/errors.js'
import { silentLogger } from '../../src/base/logger.js'
import type { ReplicaProgress } from '../../src/log/types.js'
import { MetadataImage, type PartitionImage } from '../../src/metadata/image.js'
import { type InSyncRequest, LeaderDuty } from '../../src/replication/leader-duty.js'
import { ManualClock } from '../partition/manual-clock.js'
import { MemoryLog } from '../partition/memory-log.js'

const ID = 'tttttttttttttttttttttt'
const LAG_MAX_MS = 1000

const QUIET: ReplicaProgress = {
  brokerId: 2,
  endOffset: 0,
  durableOffset: 0,
  lagMs: 0,
  mayJoin: false,
  counts: true,
  confirmedMs: 0,
}

let logs: MemoryLog[]
let asked: InSyncRequest[]
let image: MetadataImage
let duty: LeaderDuty

beforeEach(() => {
  logs = [0, 1].map((handle) => new MemoryLog(handle, `t-${handle}`))
  asked = []
  image = imageOf([1, 2], [])
  duty = new LeaderDuty({
    brokerId: 1,
    worker: 0,
    workers: 1,
    lagMaxMs: LAG_MAX_MS,
    clock: new ManualClock(),
    logger: silentLogger,
    image: () => image,
    attach: (handle) => logs[handle] ?? assert.fail(),
    alterInSync: async (request) => {
      asked.push(request)
      return succeed(true)
    },
  })
})

/** Partition 0 has these in sync, partition 1 both. */
function imageOf(inSync: readonly number[], draining: readonly number[]): MetadataImage {
  const partition = (index: number, inSyncReplicas: readonly number[]): PartitionImage => ({
    index,
    leaderId: 1,
    leaderEpoch: 3,
    replicas: [1, 2],
    inSyncReplicas,
    eligibleLeaders: [],
    logHandle: index,
  })
  const partitions = [partition(0, inSync), partition(1, [1, 2])]
  return MetadataImage.empty.apply({
    version: 1,
    brokers: [1, 2].map((id) => ({
      id,
      rack: undefined,
      endpoints: [],
      epoch: 1,
      isDrained: false,
      isDraining: draining.includes(id),
      interBroker: undefined,
    })),
    topicsChanged: [{ name: 't', id: ID, isInternal: false, configs: {}, partitions }],
  })
}

function progress(index: number, change: { lagMs?: number; mayJoin?: boolean }) {
  const log = logs[index] ?? assert.fail()
  log.progress = [{ ...QUIET, ...change }]
}

test('who has caught up is asked for at the next look, and once while it is under way', () => {
  image = imageOf([1], [])
  progress(0, { mayJoin: true })
  duty.look()
  duty.look()
  assert.deepEqual(asked, [{ topicId: ID, index: 0, leaderEpoch: 3, inSync: [1, 2] }])
})

test('nobody is asked for who is about to stop, or not there', () => {
  image = imageOf([1], [2])
  progress(0, { mayJoin: true })
  for (let look = 0; look < 20; look++) duty.look()
  assert.deepEqual(asked, [])
})

test('who lags for too long is struck off within ten looks', () => {
  progress(0, { lagMs: LAG_MAX_MS })
  progress(1, { lagMs: LAG_MAX_MS + 1 })
  for (let look = 0; look < 10; look++) duty.look()
  assert.deepEqual(
    asked.map(({ index, inSync }) => [index, inSync]),
    [[1, [1]]],
  )
})

test('a log that was closed before this thread heard of it is passed over', () => {
  image = imageOf([1], [])
  const log = logs[0] ?? assert.fail()
  log.replicas = () => {
    throw new Error('it is closed')
  }
  for (let look = 0; look < 10; look++) duty.look()
  assert.deepEqual(asked, [])
})
