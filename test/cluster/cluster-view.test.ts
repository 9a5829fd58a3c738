// The view follows the store, whoever writes and in whatever order news arrives.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.js'
import { ClusterView } from '../../src/cluster/cluster-view.js'
import type { Touched } from '../../src/cluster/touched.js'
import { encodeChange } from '../../src/metadata/change-codec.js'
import type { Change } from '../../src/metadata/cluster-state.js'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js'
import type { MetadataStore, StoredChange, StoreHint } from '../../src/store/metadata-store.js'
import { brokerState, TOPIC } from '../controller/cluster-fixture.js'
import { ManualClock } from '../partition/manual-clock.js'
import { value } from '../store/conformance.js'

let folder: string
let store: MetadataStore
const clock = new ManualClock()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-view-'))
  store = value(await openEmbeddedStore({ path: join(folder, 'metadata.log') }))
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

const options = (over: MetadataStore = store) => ({ store: over, clock, logger: silentLogger })
const topic = (name: string): Change => ({
  type: 'topic',
  record: { id: TOPIC, name, isDeleted: false, configs: {}, partitions: [] },
})
const broker = (epoch: number): Change => ({
  type: 'broker-state',
  brokerId: 1,
  record: brokerState({ epoch }),
})

async function write(change: Change) {
  const { key, value: bytes } = encodeChange(change)
  const result = await store.txn(
    [],
    [bytes === undefined ? { type: 'delete', key } : { type: 'put', key, value: bytes }],
  )
  assert.ok(result.status === 'committed')
  return result.version
}

function next(view: ClusterView): Promise<Touched> {
  return new Promise((done) => {
    const stop = view.onChange((touched) => {
      stop()
      done(touched)
    })
  })
}

test('what is there is read at the start, what comes later is followed', async () => {
  await write(topic('orders'))
  const view = value(await ClusterView.open(options()))
  assert.equal(view.state.topic('orders')?.id, TOPIC)
  const changed = next(view)
  await write(broker(7))
  assert.equal((await changed).brokers, true)
  assert.equal(view.state.brokerStates.get(1)?.epoch, 7)
  const gone = next(view)
  await write({ type: 'topic-forgotten', topicId: TOPIC })
  assert.deepEqual([...(await gone).topicIds], [TOPIC])
  assert.equal(view.state.topic('orders'), undefined)
  view.close()
})

test('a reading that is older than what this broker stored changes nothing', async () => {
  let release = () => {}
  let hold = false
  const slow: MetadataStore = {
    ...forward(store),
    async list(prefix) {
      const items = await store.list(prefix)
      if (hold) await new Promise<void>((done) => (release = done))
      return items
    },
  }
  await write(broker(1))
  await write(topic('orders'))
  const view = value(await ClusterView.open(options(slow)))
  hold = true
  const reading = view.refresh()
  await new Promise((done) => setImmediate(done))
  view.committed([broker(2)], await write(broker(2)))
  const forgotten: Change = { type: 'topic-forgotten', topicId: TOPIC }
  view.committed([forgotten], await write(forgotten))
  hold = false
  release()
  await reading
  assert.equal(view.state.brokerStates.get(1)?.epoch, 2)
  assert.equal(view.state.topicById(TOPIC), undefined)
  view.close()
})

test('a hint that says what changed is believed as far as it is young, and nothing is read', async () => {
  let reads = 0
  let hint: StoreHint = () => {}
  const told: MetadataStore = {
    ...forward(store),
    list(prefix) {
      reads++
      return store.list(prefix)
    },
    get(key) {
      reads++
      return store.get(key)
    },
    watch(_, told) {
      hint = told
      return () => {}
    },
  }
  await write(broker(1))
  const view = value(await ClusterView.open(options(told)))
  const { key, value: bytes } = encodeChange(broker(2))
  const younger = view.highestVersion + 5n
  const epoch = () => view.state.brokerStates.get(1)?.epoch
  const say = (change: StoredChange) => hint([change.key], [change])
  say({ key, value: bytes, version: younger })
  assert.equal(epoch(), 2)
  assert.deepEqual([view.versionOf(key), view.highestVersion], [younger, younger])
  say({ key, value: encodeChange(broker(1)).value, version: younger - 1n })
  assert.equal(epoch(), 2)
  const forgotten = encodeChange({ type: 'topic-forgotten', topicId: TOPIC }).key
  const isKnown = () => view.state.topicById(TOPIC) !== undefined
  say({ key: forgotten, value: encodeChange(topic('orders')).value, version: younger + 1n })
  assert.equal(isKnown(), true)
  say({ key: forgotten, value: undefined, version: younger })
  assert.equal(isKnown(), true)
  say({ key: forgotten, value: undefined, version: younger + 2n })
  assert.equal(isKnown(), false)
  say({ key: forgotten, value: encodeChange(topic('orders')).value, version: younger + 1n })
  assert.equal(isKnown(), false)
  assert.equal(reads, 1)
  say({ key, value: Buffer.from('{"format":99}'), version: younger + 3n })
  await view.refresh()
  assert.deepEqual([epoch(), reads > 1], [2, true])
  view.close()
})

test('what it cannot understand ends the start, and later leaves what was known', async () => {
  const view = value(await ClusterView.open(options()))
  await write(broker(3))
  await view.refresh()
  const { key } = encodeChange(broker(3))
  await store.txn([], [{ type: 'put', key, value: Buffer.from('{"format":99}') }])
  await view.refresh()
  assert.equal(view.state.brokerStates.get(1)?.epoch, 3)
  view.close()
  const refused = await ClusterView.open(options())
  assert.match(refused.ok ? '' : refused.failure.message, /format 99/)
})

test('keys of a later version are left alone', async () => {
  await store.txn([], [{ type: 'put', key: '/acls/x', value: Buffer.from('?') }])
  const view = value(await ClusterView.open(options()))
  assert.equal(view.state.topics()[Symbol.iterator]().next().done, true)
  view.close()
})

function forward(over: MetadataStore): MetadataStore {
  return {
    get: (key) => over.get(key),
    list: (prefix) => over.list(prefix),
    txn: (conditions, operations) => over.txn(conditions, operations),
    watch: (prefix, hint) => over.watch(prefix, hint),
    openSession: (ttlMs) => over.openSession(ttlMs),
    close: () => over.close(),
  }
}
