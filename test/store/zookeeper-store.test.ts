// The store in ZooKeeper, against a real server: the contract, and what is ZooKeeper's own about it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import { MAX_KEY_BYTES, MAX_VALUE_BYTES } from '../../src/store/metadata-store.js'
import { openZooKeeperStore } from '../../src/store/zookeeper/zookeeper-store.js'
import { startZooKeeper, type TestZooKeeper } from '../support/zookeeper.js'
import { bytes, put, read, storeConformance, value } from './conformance.js'

let server: TestZooKeeper
const opened: MetadataStore[] = []
let roots = 0

async function open(root = `/millrace-${++roots}`): Promise<MetadataStore> {
  const store = value(
    await openZooKeeperStore({ url: `zookeeper://${server.address}${root}`, watchIntervalMs: 500 }),
  )
  opened.push(store)
  return store
}

before(async () => {
  server = await startZooKeeper()
})
after(async () => {
  await Promise.all(opened.map((store) => store.close()))
  await server.crash()
})

storeConformance('the store in ZooKeeper', { open: () => open(), close: async () => {} })

test('a deep root is made, and stores under different roots do not see each other', async () => {
  const [deep, other] = [await open('/deep/er/root'), await open('/deep/er')]
  await deep.txn([], [put('/k', 'deep')])
  assert.equal(await read(deep, '/k'), 'deep')
  assert.equal(await read(other, '/k'), undefined)
})

test('nodes that are only there for what lies below them are no values', async () => {
  const store = await open()
  await store.txn([], [put('/a/b/c', '1'), put('/a/b', '2')])
  const keys = async (prefix: string) => value(await store.list(prefix)).map((item) => item.key)
  assert.equal(await read(store, '/a'), undefined)
  assert.deepEqual(await keys(''), ['/a/b', '/a/b/c'])
  assert.deepEqual(await keys('/a/b'), ['/a/b', '/a/b/c'])
  assert.deepEqual(await keys('/a/b/'), ['/a/b/c'])
  assert.equal(
    (await store.txn([{ key: '/a', version: 'absent' }], [put('/a', '3')])).status,
    'committed',
  )
  assert.deepEqual(await keys('/'), ['/a', '/a/b', '/a/b/c'])
  await store.txn([], [{ type: 'delete', key: '/a' }])
  assert.deepEqual(await keys('/a'), ['/a/b', '/a/b/c'])
  await store.txn(
    [],
    [
      { type: 'delete', key: '/a/b/c' },
      { type: 'delete', key: '/a/b' },
    ],
  )
  assert.deepEqual(await keys(''), [])
  await store.txn([], [put('/a/b/c/d', 'again')])
  assert.deepEqual(await keys(''), ['/a/b/c/d'])
})

test('a condition that a key is absent may stand on a key that the transaction leaves alone', async () => {
  const store = await open()
  const absent = (key: string) => ({ key, version: 'absent' }) as const
  await store.txn([], [put('/there/x', '1')])
  const conditions = ['/no/such/key', '/no/other', '/there/y', '/there'].map(absent)
  assert.equal((await store.txn(conditions, [put('/no/such/place', '1')])).status, 'committed')
  assert.deepEqual(value(await store.list('/no')).length, 1)
  assert.deepEqual(await store.txn([absent('/there/x')], [put('/k', '2')]), {
    status: 'conflict',
    key: '/there/x',
  })
  assert.equal(await read(store, '/k'), undefined)
})

test('a key that was deleted and put again has another version, though ZooKeeper begins at 0', async () => {
  const store = await open()
  await store.txn([], [put('/k', '1')])
  const version = value(await store.get('/k'))?.version ?? 0n
  await store.txn([], [{ type: 'delete', key: '/k' }])
  await store.txn([], [put('/k', '1')])
  const late = await store.txn([{ key: '/k', version }], [put('/other', '1')])
  assert.deepEqual(late, { status: 'conflict', key: '/k' })
})

test('a delete, a put of the parent and one of its child go in one transaction', async () => {
  const store = await open()
  await store.txn([], [put('/p', '1')])
  assert.equal(
    (await store.txn([], [put('/p/c', '2'), { type: 'delete', key: '/p' }])).status,
    'committed',
  )
  assert.equal(await read(store, '/p'), undefined)
  assert.equal(await read(store, '/p/c'), '2')
  assert.equal((await store.txn([], [put('/q/c', '2'), put('/q', '1')])).status, 'committed')
  assert.equal(await read(store, '/q'), '1')
})

test('many who put the same key without a condition all succeed', async () => {
  const root = `/millrace-${++roots}`
  const stores = [await open(root), await open(root)]
  const results = await Promise.all(
    stores.flatMap((store, index) =>
      Array.from({ length: 10 }, (_, n) => store.txn([], [put('/hot', `${index} ${n}`)])),
    ),
  )
  assert.deepEqual(new Set(results.map(({ status }) => status)), new Set(['committed']))
})

test('of two clients that race for a version one wins, and each knows', async () => {
  const root = `/millrace-${++roots}`
  const [one, two] = [await open(root), await open(root)]
  await one.txn([], [put('/race', 'start')])
  for (let round = 0; round < 20; round++) {
    const version = value(await two.get('/race'))?.version ?? 0n
    const statuses = (
      await Promise.all([
        one.txn([{ key: '/race', version }], [put('/race', 'one'), put(`/one/${round}`, 'won')]),
        two.txn([{ key: '/race', version }], [put('/race', 'two'), put(`/two/${round}`, 'won')]),
      ])
    ).map(({ status }) => status)
    assert.deepEqual([...statuses].sort(), ['committed', 'conflict'])
    assert.equal(await read(one, '/race'), statuses[0] === 'committed' ? 'one' : 'two')
    assert.equal(await read(two, `/one/${round}`), statuses[0] === 'committed' ? 'won' : undefined)
  }
})

test('a session takes a key over from another one, and keeps what it put when that one ends', async () => {
  const store = await open()
  const [first, second] = [
    value(await store.openSession(2000)),
    value(await store.openSession(2000)),
  ]
  const putFor = (session: typeof first, text: string) =>
    store.txn([], [{ type: 'put', key: '/brokers/1', value: bytes(text), session }])
  assert.equal((await putFor(first, 'first')).status, 'committed')
  assert.equal((await putFor(second, 'second')).status, 'committed')
  await first.close()
  assert.equal(await read(store, '/brokers/1'), 'second')
  const mixed = await store.txn(
    [],
    [
      { type: 'put', key: '/m/1', value: bytes('x'), session: first },
      { type: 'put', key: '/m/2', value: bytes('x'), session: second },
    ],
  )
  assert.equal(mixed.status, 'refused')
  const below = await store.txn([], [put('/brokers/1/below', 'x')])
  assert.equal(below.status, 'refused')
  await second.close()
  assert.equal(await read(store, '/brokers/1'), undefined)
})

test('what ZooKeeper cannot hold is refused before it is sent', async () => {
  const store = await open()
  const large = (bytes: number) => new Uint8Array(bytes)
  const refused = async (operations: Parameters<MetadataStore['txn']>[1], pattern: RegExp) => {
    const result = await store.txn([], operations)
    assert.ok(result.status === 'refused', result.status)
    assert.match(result.failure.message, pattern)
  }
  await refused([put(`/${'k'.repeat(MAX_KEY_BYTES)}`, 'x')], /1 to 1024 bytes/)
  await refused([put('no-slash', 'x')], /begin with a slash/)
  await refused([put('/a//b', 'x')], /empty name/)
  await refused([put('/a/../b', 'x')], /empty name/)
  await refused([put('/a\u0000', 'x')], /character/)
  await refused([{ type: 'put', key: '/v', value: large(MAX_VALUE_BYTES + 1) }], /1000001 bytes/)
  await refused(
    [
      { type: 'put', key: '/v1', value: large(MAX_VALUE_BYTES) },
      { type: 'put', key: '/v2', value: large(MAX_VALUE_BYTES) },
    ],
    /jute\.maxbuffer/,
  )
  const greatest = { type: 'put', key: '/v', value: large(MAX_VALUE_BYTES) } as const
  assert.equal((await store.txn([], [greatest])).status, 'committed')
  assert.equal(value(await store.get('/v'))?.value.length, MAX_VALUE_BYTES)
})

test('a list of more keys than are asked for at once is whole', async () => {
  const store = await open()
  const keys = Array.from({ length: 1000 }, (_, index) => `/many/${index % 10}/${index}`)
  for (let at = 0; at < keys.length; at += 250) {
    const some = keys.slice(at, at + 250)
    await store.txn(
      [],
      some.map((key) => put(key, key)),
    )
  }
  assert.deepEqual(
    value(await store.list('/many/')).map((item) => item.key),
    [...keys].sort(),
  )
})

test('a watch hints now and then without a change, and is quiet once stopped', async () => {
  const store = await open()
  let hints = 0
  let stop = () => {}
  await new Promise<void>((resolve) => {
    stop = store.watch('/quiet/', () => {
      if (++hints === 2) resolve()
    })
  })
  stop()
  const before = hints
  await store.txn([], [put('/quiet/x', '1')])
  await read(store, '/quiet/x')
  assert.equal(hints, before)
})

test('a closed store refuses, and an address that is none is named', async () => {
  const store = await open()
  await store.close()
  assert.equal((await store.txn([], [put('/k', '1')])).status, 'refused')
  assert.equal((await store.get('/k')).ok, false)
  assert.equal((await store.openSession(2000)).ok, false)
  for (const url of ['zookeeper://h:1', 'zookeeper://h:99999/x', 'zookeeper:///x', 'zk://h/x']) {
    const outcome = await openZooKeeperStore({ url })
    assert.ok(!outcome.ok)
    assert.match(outcome.failure.message, /zookeeper:\/\/|HOST:PORT/)
  }
})
