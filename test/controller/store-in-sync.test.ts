// Changes of in-sync sets on their way through a real store, behind one that counts its transactions.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.js'
import { ClusterView } from '../../src/cluster/cluster-view.js'
import { InSyncWriter } from '../../src/controller/store-in-sync.js'
import { encodeChange } from '../../src/metadata/change-codec.js'
import type { Change } from '../../src/metadata/cluster-state.js'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import { ManualClock } from '../partition/manual-clock.js'
import { value } from '../store/conformance.js'
import { brokerState, clusterWith, TOPIC } from './cluster-fixture.js'
import { brokerConfig } from './controller-fixture.js'

const PARTITIONS = 100

let folder: string
let store: MetadataStore
let view: ClusterView
let transactions: number
let open: Set<number>
let writer: InSyncWriter
/** A transaction gets lost on its way. */
let isLost: boolean

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-in-sync-'))
  store = value(await openEmbeddedStore({ path: join(folder, 'metadata.log') }))
  const state = clusterWith([], Array(PARTITIONS).fill([1, 2, 3]))
  const topic = state.topicById(TOPIC) ?? assert.fail()
  await write({ type: 'topic', record: topic })
  view = value(await ClusterView.open({ store, clock: new ManualClock(), logger: silentLogger }))
  for (const id of [1, 2, 3]) {
    const record = { id, epoch: 1, rack: undefined, endpoints: [], interBroker: undefined }
    view.state.replay({ type: 'broker', record })
    view.state.replay({ type: 'broker-state', brokerId: id, record: brokerState() })
  }
  transactions = 0
  open = new Set()
  isLost = false
  writer = new InSyncWriter({
    config: brokerConfig,
    store: {
      get: (key) => store.get(key),
      list: (prefix) => store.list(prefix),
      txn: async (conditions, operations) => {
        transactions++
        return isLost
          ? { status: 'unknown', failure: { code: 'TIMED_OUT', message: 'no answer' } }
          : store.txn(conditions, operations)
      },
      watch: () => () => {},
      openSession: (ttlMs) => store.openSession(ttlMs),
      close: async () => {},
    },
    view,
    manager: {
      propose: ({ index }) => void open.add(index),
      settle: ({ index }) => void open.delete(index),
      settled: async () => {},
    },
  })
})
afterEach(async () => {
  view.close()
  await store.close()
  await rm(folder, { recursive: true })
})

async function write(change: Change) {
  const { key, value: bytes = new Uint8Array() } = encodeChange(change)
  assert.equal((await store.txn([], [{ type: 'put', key, value: bytes }])).status, 'committed')
}

const shrink = (index: number, leaderEpoch = 0) =>
  writer.alter({ brokerId: 1, topicId: TOPIC, index, leaderEpoch, inSync: [1, 2] })

function inSyncOf(index: number) {
  const topic = view.state.topicById(TOPIC) ?? assert.fail()
  return view.state.partition(topic, index).inSyncReplicas
}

test('what is asked for meanwhile goes together', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, index) => shrink(index)),
  )
  assert.ok(outcomes.every(({ ok }) => ok))
  assert.ok(transactions <= 3, `${transactions} transactions`)
  for (let index = 0; index < PARTITIONS; index++) assert.deepEqual(inSyncOf(index), [1, 2])
  assert.equal(open.size, 0)
})

test('one that was overtaken takes nobody with it', async () => {
  const topic = view.state.topicById(TOPIC) ?? assert.fail()
  const record = { ...view.state.partition(topic, 7), leaderId: 2, leaderEpoch: 1 }
  await write({ type: 'partition', topicId: TOPIC, index: 7, record })
  const outcomes = await Promise.all([3, 7, 9].map((index) => shrink(index)))
  assert.deepEqual(
    outcomes.map(({ ok }) => ok),
    [true, false, true],
  )
  assert.deepEqual(
    [inSyncOf(3), inSyncOf(7), inSyncOf(9)],
    [
      [1, 2],
      [1, 2, 3],
      [1, 2],
    ],
  )
  assert.equal(open.size, 0)
})

test('one that is refused is so before anything is stored', async () => {
  const outcomes = await Promise.all([shrink(3), shrink(4, 9)])
  assert.deepEqual(
    outcomes.map((outcome) => outcome.ok || outcome.failure.code),
    [true, 'FENCED_LEADER_EPOCH'],
  )
})

test('of what is perhaps on its way both sets go on to count, until it is asked for again', async () => {
  isLost = true
  assert.equal((await shrink(5)).ok, false)
  assert.deepEqual([...open], [5])
  isLost = false
  assert.equal((await shrink(5)).ok, true)
  assert.deepEqual([[...open], inSyncOf(5)], [[], [1, 2]])
})
