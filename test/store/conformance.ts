// What every MetadataStore must do, whatever keeps the data. Each implementation's test calls this.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Outcome } from '../../src/base/errors.js'
import type { MetadataStore, StoreOperation, StoreVersion } from '../../src/store/metadata-store.js'

export interface StoreUnderTest {
  open(): Promise<MetadataStore>
  close(): Promise<void>
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const put = (key: string, text: string): StoreOperation => ({
  type: 'put',
  key,
  value: bytes(text),
})
const remove = (key: string): StoreOperation => ({ type: 'delete', key })

export function value<T>(outcome: Outcome<T>): T {
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.failure.message)
  return outcome.value
}

export async function read(store: MetadataStore, key: string): Promise<string | undefined> {
  const found = value(await store.get(key))
  return found && new TextDecoder().decode(found.value)
}

async function versionOf(store: MetadataStore, key: string): Promise<StoreVersion> {
  const found = value(await store.get(key))
  assert.ok(found)
  return found.version
}

export function storeConformance(name: string, underTest: StoreUnderTest): void {
  describe(`${name} keeps the contract of a metadata store`, () => {
    let store: MetadataStore
    before(async () => {
      store = await underTest.open()
    })
    after(async () => {
      await underTest.close()
    })

    test('a key that was never put is absent', async () => {
      assert.equal(value(await store.get('/never')), undefined)
      assert.deepEqual(value(await store.list('/never')), [])
    })

    test('a put can be read, also as bytes that are no text', async () => {
      const odd = Uint8Array.of(0, 255, 128, 10)
      await store.txn([], [{ type: 'put', key: '/odd', value: odd }])
      odd[0] = 9
      const found = value(await store.get('/odd'))
      assert.deepEqual(Buffer.from(found?.value ?? []), Buffer.of(0, 255, 128, 10))
      await store.txn([], [{ type: 'put', key: '/empty', value: new Uint8Array() }])
      assert.equal(await read(store, '/empty'), '')
    })

    test('each put gives a new version, even of the same bytes', async () => {
      await store.txn([], [put('/v', 'same')])
      const first = await versionOf(store, '/v')
      await store.txn([], [put('/v', 'same')])
      assert.notEqual(await versionOf(store, '/v'), first)
    })

    test('a transaction tells the version of what it put, new and old keys alike', async () => {
      await store.txn([], [put('/told/old', '1')])
      const before = await versionOf(store, '/told/old')
      const result = await store.txn([], [put('/told/old', '2'), put('/told/new', '2')])
      assert.ok(result.status === 'committed' && result.version > before)
      assert.equal(await versionOf(store, '/told/old'), result.version)
      assert.equal(await versionOf(store, '/told/new'), result.version)
      await store.txn([], [remove('/told/new')])
      const again = await store.txn([], [put('/told/new', '3')])
      assert.ok(again.status === 'committed' && again.version > result.version)
    })

    test('list gives what is under a prefix, by key, each with its version', async () => {
      await store.txn([], [put('/l/b', '2'), put('/l/a', '1'), put('/lx', 'no')])
      const items = value(await store.list('/l/'))
      assert.deepEqual(
        items.map((item) => item.key),
        ['/l/a', '/l/b'],
      )
      assert.equal(items[0]?.version, await versionOf(store, '/l/a'))
    })

    test('a condition on a version holds only while nobody has put', async () => {
      await store.txn([], [put('/cas', '1')])
      const version = await versionOf(store, '/cas')
      const first = await store.txn([{ key: '/cas', version }], [put('/cas', '2')])
      assert.equal(first.status, 'committed')
      const second = await store.txn([{ key: '/cas', version }], [put('/cas', '3')])
      assert.deepEqual(second, { status: 'conflict', key: '/cas' })
      assert.equal(await read(store, '/cas'), '2')
    })

    test('absent holds only before the first put', async () => {
      const create = () => store.txn([{ key: '/once', version: 'absent' }], [put('/once', 'x')])
      assert.equal((await create()).status, 'committed')
      assert.equal((await create()).status, 'conflict')
    })

    test('one condition that fails keeps every operation from happening', async () => {
      await store.txn([], [put('/held', '1')])
      const version = await versionOf(store, '/held')
      const result = await store.txn(
        [
          { key: '/held', version },
          { key: '/missing', version: 1n },
        ],
        [put('/held', '2'), put('/other', '2'), remove('/odd')],
      )
      assert.equal(result.status, 'conflict')
      assert.equal(await read(store, '/held'), '1')
      assert.equal(await read(store, '/other'), undefined)
    })

    test('a condition may stand on a key that the transaction leaves alone', async () => {
      await store.txn([], [put('/epoch', '1')])
      const version = await versionOf(store, '/epoch')
      await store.txn([{ key: '/epoch', version }], [put('/written', 'by 1')])
      assert.equal(await versionOf(store, '/epoch'), version)
      await store.txn([], [put('/epoch', '2')])
      const late = await store.txn([{ key: '/epoch', version }], [put('/written', 'by a ghost')])
      assert.equal(late.status, 'conflict')
      assert.equal(await read(store, '/written'), 'by 1')
    })

    test('of a version read before a delete nothing is left to hold', async () => {
      await store.txn([], [put('/gone', '1')])
      const version = await versionOf(store, '/gone')
      await store.txn([], [remove('/gone')])
      assert.equal(await read(store, '/gone'), undefined)
      const result = await store.txn([{ key: '/gone', version }], [put('/gone', '2')])
      assert.equal(result.status, 'conflict')
    })

    test('a tombstone value keeps its key from being mistaken for a new one', async () => {
      await store.txn([], [put('/tomb/id1', 'alive')])
      const version = await versionOf(store, '/tomb/id1')
      await store.txn([], [put('/tomb/id1', '')])
      const late = await store.txn([{ key: '/tomb/id1', version }], [put('/tomb/id1', 'risen')])
      assert.equal(late.status, 'conflict')
    })

    test('of many that race for one version exactly one wins', async () => {
      await store.txn([], [put('/race', 'start')])
      const version = await versionOf(store, '/race')
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.txn([{ key: '/race', version }], [put('/race', `winner ${index}`)]),
        ),
      )
      const winners = results.flatMap((result, index) =>
        result.status === 'committed' ? [index] : [],
      )
      assert.equal(winners.length, 1)
      assert.equal(await read(store, '/race'), `winner ${winners[0]}`)
    })

    test('a transaction that names a key twice is refused', async () => {
      const result = await store.txn([], [put('/twice', '1'), put('/twice', '2')])
      assert.equal(result.status, 'refused')
    })

    test('a watch hints after a change under its prefix, and what it hints at can be read', async () => {
      let stop = () => {}
      const seen = new Promise<string | undefined>((resolve) => {
        stop = store.watch('/w/', () => resolve(read(store, '/w/key')))
      })
      await store.txn([], [put('/elsewhere', 'x')])
      await store.txn([], [put('/w/key', 'changed')])
      assert.equal(await seen, 'changed')
      stop()
    })

    test('a watch names what changed, or says that anything may have', async () => {
      let stop = () => {}
      const named = new Promise<readonly string[] | undefined>((resolve) => {
        stop = store.watch('/named/', resolve)
      })
      await store.txn([], [put('/named-not', 'x'), put('/named/key', 'x')])
      const keys = await named
      assert.deepEqual(keys ?? ['/named/key'], ['/named/key'])
      stop()
    })

    test('what a session put goes when it is closed, and nothing else', async () => {
      const session = value(await store.openSession(10_000))
      assert.ok(session.validUntilMs() > 0)
      await store.txn([], [{ type: 'put', key: '/s/1', value: bytes('x'), session }])
      await store.txn([], [{ type: 'put', key: '/s/2', value: bytes('x'), session }])
      await store.txn([], [put('/s/2', 'taken over by nobody')])
      await session.close()
      assert.equal(session.validUntilMs(), Number.NEGATIVE_INFINITY)
      assert.equal(await read(store, '/s/1'), undefined)
      assert.equal(await read(store, '/s/2'), 'taken over by nobody')
      await session.close()
    })

    test('an ended session puts nothing any more', async () => {
      const session = value(await store.openSession(10_000))
      await session.close()
      const late = await store.txn(
        [],
        [{ type: 'put', key: '/s/late', value: bytes('x'), session }],
      )
      assert.equal(late.status, 'refused')
      assert.equal(await read(store, '/s/late'), undefined)
    })
  })
}
