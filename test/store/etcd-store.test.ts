// The store over a real etcd: the contract, the limits, sessions and watches.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, foregroundClock, systemClock } from '../../src/base/clock.js'
import { parseEtcdAddress } from '../../src/store/etcd/address.js'
import { openEtcdStore } from '../../src/store/etcd/etcd-store.js'
import type {
  MetadataStore,
  StoreOperation,
  TransactionResult,
} from '../../src/store/metadata-store.js'
import { type EtcdMember, startEtcd } from '../support/etcd.js'
import { runToEnd } from '../support/processes.js'
import { bytes, put, read, storeConformance, value } from './conformance.js'
import { NEVER, openRelay, openStore, TTL_MS, urlOf } from './etcd-under-test.js'
import { isOver, until } from './under-load.js'

let etcd: EtcdMember
before(async () => {
  etcd = await startEtcd()
})
after(() => etcd.crash())

let opened: MetadataStore | undefined
storeConformance('the store over etcd', {
  async open() {
    opened = value(await openEtcdStore({ url: urlOf([etcd.endpoint], '/conformance') }))
    return opened
  },
  close: async () => opened?.close(),
})

describe('addresses', () => {
  test('name the members and the prefix', () => {
    const endpoints = [
      { host: 'h1', port: 2379 },
      { host: '::1', port: 1234 },
    ]
    const parse = (url: string) => value(parseEtcdAddress(url))
    assert.deepEqual(parse('etcd://h1,[::1]:1234/millrace/'), { endpoints, prefix: '/millrace' })
    assert.deepEqual(parse('etcd://h1:2379,[::1]:1234'), { endpoints, prefix: '' })
  })

  test('that say something else are refused', () => {
    for (const url of [
      'http://h1:2379',
      'etcd://',
      'etcd://h1:99999',
      'etcd://h1,,h2',
      'etcd://a@b:1',
    ]) {
      assert.equal(parseEtcdAddress(url).ok, false, url)
    }
  })
})

describe('keys and limits', () => {
  test('stores of two prefixes do not see each other, not even when one begins as the other', async (t) => {
    const short = await openStore(t, { endpoints: [etcd.endpoint], prefix: '/cluster' })
    const long = await openStore(t, { endpoints: [etcd.endpoint], prefix: '/cluster2' })
    await short.txn([], [put('/key', 'short')])
    await long.txn([], [put('/key', 'long')])
    assert.equal(await read(short, '/key'), 'short')
    assert.deepEqual(
      value(await short.list('')).map(({ key }) => key),
      ['/key'],
    )
  })

  test('a list may be longer than one answer of etcd', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint] })
    const keys = Array.from(
      { length: 250 },
      (_, index) => `/long/${String(index).padStart(3, '0')}`,
    )
    for (let from = 0; from < keys.length; from += 100) {
      const part = keys.slice(from, from + 100).map((key) => put(key, key))
      assert.equal((await store.txn([], part)).status, 'committed')
    }
    const items = value(await store.list('/long/'))
    assert.deepEqual(
      items.map(({ key }) => key),
      keys,
    )
  })

  test('what etcd would not take is refused before it is sent, and what just fits is taken', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint] })
    const sized = (key: string, size: number): StoreOperation => ({
      type: 'put',
      key,
      value: new Uint8Array(size),
    })
    const many = (count: number) => Array.from({ length: count }, (_, i) => put(`/${i}`, ''))
    const refused: readonly (readonly StoreOperation[])[] = [
      many(129),
      [sized('/big', 1_000_001)],
      [sized('/a', 900_000), sized('/b', 900_000)],
      [put('', 'x')],
      [put('no-slash', 'x')],
      [put(`/${'k'.repeat(1024)}`, 'x')],
    ]
    for (const operations of refused) {
      const result = await store.txn([], operations)
      assert.equal(result.status === 'refused' && result.failure.code, 'INVALID_REQUEST')
    }
    assert.deepEqual(value(await store.list('')), [])
    const longest = put(`/${'k'.repeat(1023)}`, 'x')
    const fitting = [many(128), [longest], [sized('/a', 1_000_000), sized('/b', 572_000)]]
    for (const operations of fitting) {
      assert.equal((await store.txn([], operations)).status, 'committed')
    }
  })

  test('the largest transaction of many small parts that is let through is taken', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint], prefix: '/p' })
    const keys = Array.from({ length: 128 }, (_, index) => `/${index}`)
    const conditions = keys.map((key) => ({ key, version: 'absent' as const }))
    let result: TransactionResult
    let length = 12_288
    do {
      const text = 'x'.repeat(length--)
      result = await store.txn(
        conditions,
        keys.map((key) => put(key, text)),
      )
    } while (result.status === 'refused' && /bytes; etcd takes/.test(result.failure.message))
    assert.equal(result.status, 'committed')
  })
})

test('two clients that count by compare-and-set lose no step', async (t) => {
  const options = { endpoints: [etcd.endpoint] }
  const stores = [await openStore(t, options), await openStore(t, options)]
  await stores[0]?.txn([], [put('/count', '0')])
  const steps = 25
  const count = async (store: MetadataStore) => {
    for (let done = 0; done < steps; ) {
      const found = value(await store.get('/count'))
      assert.ok(found)
      const next = String(Number(Buffer.from(found.value).toString()) + 1)
      const result = await store.txn(
        [{ key: '/count', version: found.version }],
        [put('/count', next)],
      )
      if (result.status === 'committed') done++
      else assert.deepEqual(result, { status: 'conflict', key: '/count' })
    }
  }
  await Promise.all(stores.map(count))
  assert.equal(stores[0] && (await read(stores[0], '/count')), String(2 * steps))
})

describe('a session', () => {
  test('is kept alive, and claims no more than etcd granted', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint] })
    const session = value(await store.openSession(1))
    await store.txn([], [{ type: 'put', key: '/mine', value: bytes('x'), session }])
    const first = session.validUntilMs()
    assert.ok(first > systemClock.monotonicMs() && first < systemClock.monotonicMs() + TTL_MS)
    await until('a renewal beyond a second lease', () => {
      assert.ok(session.validUntilMs() < systemClock.monotonicMs() + TTL_MS)
      return session.validUntilMs() > first + 2 * TTL_MS
    })
    assert.equal(await read(store, '/mine'), 'x')
  })

  test('whose holder is cut off is over for the holder before another is told', async (t) => {
    const relay = await openRelay(t, etcd)
    const holder = await openStore(t, { endpoints: [relay.endpoint], timeoutMs: 1_000 })
    const other = await openStore(t, { endpoints: [etcd.endpoint] })
    const session = value(await holder.openSession(TTL_MS))
    await holder.txn([], [{ type: 'put', key: '/held', value: bytes('x'), session }])
    const gone = new Promise<void>((resolve) => {
      const stop = other.watch('/held', async () => {
        if ((await read(other, '/held')) !== undefined) return
        stop()
        resolve()
      })
    })
    relay.hold('requests', 'responses')
    await gone
    assert.ok(isOver(session))
    relay.release()
    await until('the news that the lease is gone', () => session.validUntilMs() === NEVER)
    const late = await holder.txn([], [{ type: 'put', key: '/held', value: bytes('y'), session }])
    assert.equal(late.status, 'refused')
    assert.equal(
      value(await holder.openSession(TTL_MS)).validUntilMs() > systemClock.monotonicMs(),
      true,
    )
  })

  test('that somebody revoked is refused by etcd and never comes back', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint] })
    const session = value(await store.openSession(60_000))
    await etcd.ask('/v3/lease/revoke', { ID: session.id })
    const result = await store.txn(
      [],
      [put('/with', 'x'), { type: 'put', key: '/late', value: bytes('x'), session }],
    )
    assert.equal(result.status, 'refused')
    assert.equal(await read(store, '/with'), undefined)
    assert.equal(session.validUntilMs(), NEVER)
    await session.close()
    assert.equal(session.validUntilMs(), NEVER)
  })

  test('is over the moment a stalled process wakes', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint] })
    const session = value(await store.openSession(TTL_MS))
    const wakeMs = systemClock.monotonicMs() + 2.5 * TTL_MS
    while (systemClock.monotonicMs() < wakeMs) {
      // the event loop stands still
    }
    assert.ok(isOver(session))
    await until('the news that the lease is gone', () => session.validUntilMs() === NEVER)
  })
})

describe('a watch', () => {
  test('hints at what others change, until it is stopped', async (t) => {
    const store = await openStore(t, { endpoints: [etcd.endpoint] })
    const other = await openStore(t, { endpoints: [etcd.endpoint] })
    let hints = 0
    const stop = store.watch('/w/', () => hints++)
    for (let change = 0; change < 3; change++) {
      const before = hints
      await other.txn([], [put('/w/key', String(change))])
      await until('a hint', () => hints > before)
    }
    stop()
    const before = hints
    await other.txn([], [put('/w/key', 'unseen')])
    await pause(200)
    assert.equal(hints, before)
  })

  test('hints after its stream was cut, for what changed meanwhile', async (t) => {
    const relay = await openRelay(t, etcd)
    const watcher = await openStore(t, { endpoints: [relay.endpoint] })
    const writer = await openStore(t, { endpoints: [etcd.endpoint] })
    let seen: string | undefined
    watcher.watch('/w/', async () => {
      const found = await watcher.get('/w/key')
      if (found.ok && found.value) seen = Buffer.from(found.value.value).toString()
    })
    await writer.txn([], [put('/w/key', 'before')])
    await until('the first hint', () => seen === 'before')
    relay.hold('requests', 'responses')
    relay.cut()
    await writer.txn([], [put('/w/key', 'meanwhile')])
    relay.release()
    await until('a hint after the cut', () => seen === 'meanwhile')
  })

  test('hints now and then although nothing is said, and opens its stream anew', async (t) => {
    const ticks: (() => void)[] = []
    const clock: Clock = {
      ...foregroundClock,
      every(periodMs, callback) {
        assert.ok(periodMs <= 30_000)
        ticks.push(callback)
        return { cancel: () => {} }
      },
    }
    const relay = await openRelay(t, etcd)
    const store = await openStore(t, { endpoints: [relay.endpoint, etcd.endpoint], clock })
    const writer = await openStore(t, { endpoints: [etcd.endpoint] })
    let hints = 0
    store.watch('/w/', () => hints++)
    await writer.txn([], [put('/w/key', '1')])
    await until('the first hint', () => hints > 0)
    for (let round = 0; round < 3; round++) {
      const before = hints
      for (const tick of ticks) tick()
      await until('a hint for the time', () => hints > before)
      const ticked = hints
      await writer.txn([], [put('/w/key', `${round}`)])
      await until('a hint for the change', () => hints > ticked)
    }
  })
})

test('a closed store refuses everything and keeps no process alive', async () => {
  const entry = new URL('../../src/store/etcd/etcd-store.js', import.meta.url)
  const script = `
    import { openEtcdStore } from ${JSON.stringify(entry.href)}
    const url = ${JSON.stringify(urlOf([etcd.endpoint], '/closed'))}
    const { value: store } = await openEtcdStore({ url })
    const { value: session } = await store.openSession(60_000)
    await store.txn([], [{ type: 'put', key: '/k', value: new Uint8Array(1), session }])
    store.watch('/', () => {})
    await store.close()
    const { status } = await store.txn([], [])
    console.log(status, (await store.get('/k')).ok, session.validUntilMs())
  `
  const { code, stdout, stderr } = await runToEnd(
    process.execPath,
    ['--input-type=module', '-e', script],
    { timeout: 60_000 },
  )
  assert.equal(code, 0, stderr)
  assert.equal(stdout.toString().trim(), 'refused false -Infinity')
  const left = await etcd.ask('/v3/kv/range', { key: Buffer.from('/closed/k').toString('base64') })
  assert.equal(left.kvs, undefined)
})
