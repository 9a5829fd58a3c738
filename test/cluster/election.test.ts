// Two brokers over one store: of two controllers one writes, of two with one id one is let in, and what
// became of a write whose answer was lost is found out.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.js'
import { ClusterView } from '../../src/cluster/cluster-view.js'
import { runForController } from '../../src/cluster/controller-election.js'
import type { MetadataWriter } from '../../src/cluster/metadata-writer.js'
import { ProducerIds } from '../../src/cluster/producer-ids.js'
import { type Probe, Registration } from '../../src/cluster/registration.js'
import { encodeChange } from '../../src/metadata/change-codec.js'
import type { Change } from '../../src/metadata/cluster-state.js'
import type { ControllerRecord } from '../../src/metadata/records.js'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js'
import type {
  MetadataStore,
  StoreSession,
  TransactionResult,
} from '../../src/store/metadata-store.js'
import { brokerState, TOPIC } from '../controller/cluster-fixture.js'
import { ManualClock } from '../partition/manual-clock.js'
import { value } from '../store/conformance.js'

let folder: string
let store: MetadataStore
const clock = new ManualClock()
const logger = silentLogger
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-election-'))
  store = value(await openEmbeddedStore({ path: join(folder, 'metadata.log') }))
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const openView = async (over = store) =>
  value(await ClusterView.open({ store: over, clock, logger }))
const openSession = async (): Promise<StoreSession> => value(await store.openSession(9000))
const fenced: Change = { type: 'broker-state', brokerId: 9, record: brokerState() }

const partition = (leaderEpoch: number): Change => ({
  type: 'partition',
  topicId: TOPIC,
  index: 0,
  record: {
    leaderId: 1,
    leaderEpoch,
    inSyncReplicas: [1],
    eligibleLeaders: [],
    uncertainReplicas: [],
    replicas: undefined,
    addingReplicas: [],
    removingReplicas: [],
    controllerEpoch: 1,
  },
})

async function elect(
  view: ClusterView,
  over = store,
  replaces?: ControllerRecord,
): Promise<MetadataWriter> {
  const options = { store: over, view, brokerId: 1 }
  const session = await openSession()
  const candidacy = replaces === undefined ? { session } : { session, replaces }
  const elected = value(await runForController(options, candidacy))
  assert.ok(elected)
  return elected
}

test('of many that run one is elected, and the others know whom', async () => {
  const views = await Promise.all(Array.from({ length: 5 }, () => openView()))
  const sessions = await Promise.all(views.map(openSession))
  const results = await Promise.all(
    views.map((view, index) => {
      const session = sessions[index]
      assert.ok(session)
      return runForController({ store, view, brokerId: index }, { session })
    }),
  )
  const elected = results.flatMap((result, index) => (value(result) ? [index] : []))
  assert.equal(elected.length, 1)
  for (const view of views) assert.equal(view.state.controller?.brokerId, elected[0])
})

test('a dead controller is replaced once, however many have noticed', async () => {
  const views = await Promise.all(Array.from({ length: 4 }, () => openView()))
  const [first] = views
  assert.ok(first)
  await elect(first)
  const dead = { brokerId: 1, epoch: 1 }
  const results = await Promise.all(
    views.map(async (view, index) => {
      const candidacy = { session: await openSession(), replaces: dead }
      return value(await runForController({ store, view, brokerId: index + 2 }, candidacy))
    }),
  )
  assert.equal(results.filter(Boolean).length, 1)
  assert.equal(first.state.controllerEpoch, 2)
})

test('once another has taken over, nothing of the former is stored', async () => {
  const [before, after] = [await openView(), await openView()]
  const former = await elect(before)
  const latter = await elect(after, store, after.state.controller)
  assert.equal(latter.epoch, former.epoch + 1)
  const late = await former.commit([fenced])
  assert.equal(late.status === 'failed' && late.failure.code, 'NOT_CONTROLLER')
  assert.equal((await former.commit([fenced])).status, 'failed')
  assert.equal((await latter.commit([fenced])).status, 'committed')
})

test('what a leader changed meanwhile is read before the controller decides again', async () => {
  const view = await openView()
  const writer = await elect(view)
  assert.equal((await writer.commit([partition(1)])).status, 'committed')
  const { key, value: bytes = new Uint8Array() } = encodeChange(partition(2))
  const leaders = store.txn([], [{ type: 'put', key, value: bytes }])
  assert.deepEqual(await writer.commit([partition(3)]), { status: 'overtaken', key })
  assert.equal((await leaders).status, 'committed')
  assert.equal(view.state.changedPartitions(TOPIC).length, 1)
  assert.equal((await writer.commit([partition(3)])).status, 'committed')
})

for (const applied of [true, false]) {
  test(`a write whose answer was lost ${applied ? 'after' : 'before'} it was stored is found out`, async () => {
    let lose = false
    const lossy: MetadataStore = {
      get: (key) => store.get(key),
      list: (prefix) => store.list(prefix),
      watch: () => () => {},
      openSession: (ttlMs) => store.openSession(ttlMs),
      close: () => store.close(),
      async txn(conditions, operations): Promise<TransactionResult> {
        if (!lose) return store.txn(conditions, operations)
        lose = false
        if (applied) await store.txn(conditions, operations)
        return { status: 'unknown', failure: { code: 'TIMED_OUT', message: 'no answer' } }
      },
    }
    const view = await openView(lossy)
    const writer = await elect(view, lossy)
    lose = true
    const result = await writer.commit([fenced])
    assert.equal(result.status, applied ? 'committed' : 'overtaken')
    assert.equal(view.state.brokerStates.has(9), applied)
    assert.equal((await writer.commit([fenced])).status, 'committed')
  })
}

interface Party {
  readonly registration: Registration
  readonly view: ClusterView
}

async function party(incarnation: string, probe: Probe): Promise<Party> {
  const view = await openView()
  const self = {
    id: 1,
    incarnation,
    rack: undefined,
    endpoints: [],
    interBroker: { host: 'h', port: 1 },
    directories: ['d'],
    stoppedCleanly: true,
    mayLackRecords: false,
  }
  const registration = new Registration({
    store,
    view,
    self,
    unavailable: () => ({ partitions: {} }),
    sessionTtlMs: 9000,
    probe,
    clock,
    logger,
  })
  view.onChange(() => registration.check())
  return { registration, view }
}

test('a broker whose id is in use is refused with the address of the other', async () => {
  const first = await party('one', async () => 'silent')
  assert.ok((await first.registration.register()).ok)
  const second = await party('two', async () => 'alive')
  const refused = await second.registration.register()
  assert.match(
    refused.ok ? '' : refused.failure.message,
    /another broker at h:1 serves as broker 1/,
  )
  assert.equal(first.registration.epoch, 1)
})

test('the place of a dead process is taken at once, under the next epoch', async () => {
  const first = await party('one', async () => 'silent')
  assert.ok((await first.registration.register()).ok)
  const second = await party('two', async () => 'dead')
  assert.ok((await second.registration.register()).ok)
  assert.equal(second.registration.epoch, 2)
  assert.equal(second.view.state.brokerStates.get(1)?.incarnation, 'two')
})

test('that of a silent one when its session has ended', async () => {
  const first = await party('one', async () => 'silent')
  assert.ok((await first.registration.register()).ok)
  const second = await party('two', async () => 'silent')
  const waiting = second.registration.register()
  await first.registration.close()
  let isDone = false
  void waiting.then(() => {
    isDone = true
  })
  while (!isDone) {
    clock.advance(250)
    await new Promise((done) => setImmediate(done))
  }
  assert.ok((await waiting).ok)
  assert.equal(second.registration.epoch, 2)
})

test('a broker whose registration was ended by others registers again, higher', async () => {
  const { registration, view } = await party('one', async () => 'silent')
  assert.ok((await registration.register()).ok)
  const again = new Promise<void>((done) => {
    view.onChange(() => {
      if (registration.epoch === 2) done()
    })
  })
  await store.txn([], [{ type: 'delete', key: '/brokers/1' }])
  await again
  assert.equal(view.state.brokers.get(1)?.epoch, 2)
  assert.equal(view.state.brokerStates.get(1)?.isFenced, true)
})

test('blocks of producer ids never overlap, whoever takes them', async () => {
  const takers = await Promise.all(
    Array.from({ length: 4 }, async () => new ProducerIds(store, await openView())),
  )
  const ids = await Promise.all(
    takers.flatMap((taker) => Array.from({ length: 1500 }, async () => value(await taker.take()))),
  )
  assert.equal(new Set(ids).size, ids.length)
})
