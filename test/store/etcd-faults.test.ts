// The store over etcd when etcd or the way to it fails: nothing that was told to be so may be lost, and
// nobody may believe in a session longer than the others wait for its end.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { systemClock } from '../../src/base/clock.js'
import { type EtcdMember, startEtcd, startEtcdCluster } from '../support/etcd.js'
import { bytes, put, read, value } from './conformance.js'
import { openRelay, openStore, TTL_MS } from './etcd-under-test.js'
import { assertKept, isOver, startLoad, until, works } from './under-load.js'

const TIMEOUT_MS = 1_000

describe('a single etcd', () => {
  let etcd: EtcdMember
  before(async () => {
    etcd = await startEtcd()
  })
  after(() => etcd.crash())

  test('killed under load and started again keeps what it said', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint], timeoutMs: TIMEOUT_MS })
    const load = startLoad(t, store)
    await load.more(50)
    for (let round = 0; round < 2; round++) {
      await etcd.crash()
      await etcd.start()
      await load.more(50)
    }
    await assertKept(store, await load.stop())
  })

  test('paused under load is waited for no longer than asked, and then goes on', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint], timeoutMs: TIMEOUT_MS })
    const load = startLoad(t, store)
    await load.more(50)
    t.after(() => etcd.resume())
    await etcd.freeze()
    const silent = await store.get('/works')
    assert.equal(silent.ok ? '' : silent.failure.code, 'TIMED_OUT')
    await until('an unknown result', () => load.attempts.some((a) => a.unknown.length > 0))
    etcd.resume()
    await load.more(50)
    await assertKept(store, await load.stop())
  })

  for (const direction of ['requests', 'responses'] as const) {
    test(`whose ${direction} are held back under load loses nothing`, async (t) => {
      const relay = await openRelay(t, etcd)
      const store = await openStore(t, { endpoints: [relay.endpoint], timeoutMs: TIMEOUT_MS })
      const load = startLoad(t, store)
      await load.more(50)
      relay.hold(direction)
      const silent = await store.get('/works')
      assert.equal(silent.ok ? '' : silent.failure.code, 'TIMED_OUT')
      relay.release()
      await load.more(50)
      await assertKept(store, await load.stop())
    })
  }

  test('that did a transaction whose answer is lost: unknown, and reading tells', async (t) => {
    const relay = await openRelay(t, etcd)
    const store = await openStore(t, { endpoints: [relay.endpoint], timeoutMs: TIMEOUT_MS })
    const witness = await openStore(t, { endpoints: [etcd.endpoint] })
    relay.hold('responses')
    const pending = store.txn([{ key: '/k', version: 'absent' }], [put('/k', 'mine')])
    await until('the transaction', async () => (await read(witness, '/k')) === 'mine')
    relay.cut()
    assert.equal((await pending).status, 'unknown')
    relay.release()
    await until('a connection', () => works(store))
    assert.equal(await read(store, '/k'), 'mine')
  })

  test('that never got a transaction: unknown, and reading tells', async (t) => {
    const relay = await openRelay(t, etcd)
    const store = await openStore(t, { endpoints: [relay.endpoint], timeoutMs: TIMEOUT_MS })
    relay.hold('requests')
    const result = await store.txn([{ key: '/k', version: 'absent' }], [put('/k', 'mine')])
    assert.equal(result.status, 'unknown')
    relay.cut()
    relay.release()
    await until('a connection', () => works(store))
    const found = await read(store, '/k')
    assert.ok(found === undefined || found === 'mine')
  })

  test('that nobody can connect to refuses: nothing was sent', async (t) => {
    const relay = await openRelay(t, etcd)
    const store = await openStore(t, { endpoints: [relay.endpoint], timeoutMs: TIMEOUT_MS })
    relay.close()
    await until('the broken connection', async () => {
      const result = await store.txn([], [put('/k', 'x')])
      return result.status === 'refused' && result.failure.code === 'TIMED_OUT'
    })
  })
})

test('a store restored from an older copy is refused for good', async (t) => {
  const etcd = await startEtcd()
  t.after(() => etcd.crash())
  const options = { endpoints: [etcd.endpoint], timeoutMs: 30_000 }
  const reader = await openStore(t, options)
  const writer = await openStore(t, options)
  const session = value(await writer.openSession(60_000))
  await writer.txn([], [put('/k', 'old')])
  await etcd.crash()
  const copy = etcd.copyData()
  await etcd.start()
  for (let count = 0; count < 20; count++) await writer.txn([], [put('/k', `new ${count}`)])
  assert.equal(await read(reader, '/k'), 'new 19')
  await etcd.crash()
  etcd.restoreData(copy)
  await etcd.start()

  const late = await writer.txn([], [put('/k', 'newer')])
  assert.equal(late.status === 'unknown' && late.failure.code, 'STORAGE_FAILED')
  const found = await reader.get('/k')
  assert.equal(found.ok ? '' : found.failure.code, 'STORAGE_FAILED')
  assert.ok(isOver(session))
  for (const store of [reader, writer]) {
    const next = await store.txn([], [put('/k', 'newest')])
    assert.equal(next.status === 'refused' && next.failure.code, 'STORAGE_FAILED')
    const listed = await store.list('/')
    assert.equal(listed.ok ? '' : listed.failure.code, 'STORAGE_FAILED')
    assert.equal((await store.openSession(TTL_MS)).ok, false)
  }
})

describe('a cluster of three', () => {
  let members: readonly EtcdMember[]
  before(async () => {
    members = await startEtcdCluster(3)
  })
  after(() => Promise.all(members.map((member) => member.crash())))

  const endpoints = () => members.map(({ endpoint }) => endpoint)
  async function leader(): Promise<EtcdMember> {
    let found: EtcdMember | undefined
    await until('a leader', async () => {
      for (const member of members) {
        if (await member.isLeader().catch(() => false)) found = member
      }
      return found !== undefined
    })
    assert.ok(found)
    return found
  }

  test('whose leader is killed under load goes on and keeps what it said', async (t) => {
    const store = await openStore(t, { endpoints: endpoints(), timeoutMs: TIMEOUT_MS })
    const load = startLoad(t, store)
    await load.more(50)
    const killed = await leader()
    await killed.crash()
    await load.more(100)
    await killed.start()
    await load.more(50)
    await assertKept(store, await load.stop())
  })

  test('whose leader is paused: a holder that only it serves stops before others are told', async (t) => {
    const paused = await leader()
    const rest = members.filter((member) => member !== paused).map(({ endpoint }) => endpoint)
    const holder = await openStore(t, { endpoints: [paused.endpoint], timeoutMs: TIMEOUT_MS })
    const other = await openStore(t, { endpoints: rest })
    const session = value(await holder.openSession(TTL_MS))
    const held = await holder.txn([], [{ type: 'put', key: '/h', value: bytes('x'), session }])
    assert.equal(held.status, 'committed')
    t.after(() => paused.resume())
    await paused.freeze()
    await until('the end of the lease', async () => {
      const found = await other.get('/h')
      return found.ok && found.value === undefined
    })
    assert.ok(isOver(session))
    paused.resume()
    // The one that wakes believes for a moment that it leads: it may renew nothing.
    await until('the news that the lease is gone', () => {
      assert.ok(isOver(session))
      return session.validUntilMs() === Number.NEGATIVE_INFINITY
    })
  })

  test('whose leader is paused: a holder that knows the others keeps its session', async (t) => {
    const paused = await leader()
    const holder = await openStore(t, { endpoints: endpoints(), timeoutMs: TIMEOUT_MS })
    const session = value(await holder.openSession(10_000))
    const mine = [{ type: 'put', key: '/h', value: bytes('x'), session } as const]
    assert.equal((await holder.txn([], mine)).status, 'committed')
    t.after(() => paused.resume())
    await paused.freeze()
    const frozenMs = systemClock.monotonicMs()
    await until('a renewal by the others', () => session.validUntilMs() > frozenMs + 10_000)
    assert.equal(await read(holder, '/h'), 'x')
  })
})
