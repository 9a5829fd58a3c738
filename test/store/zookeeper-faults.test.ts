// The store in ZooKeeper when a server or the way to it fails: nothing that was told to be so may be lost,
// and nobody may believe in a session longer than the others wait for its end.
import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import { openZooKeeperStore } from '../../src/store/zookeeper/zookeeper-store.js'
import { TcpRelay } from '../support/tcp-relay.js'
import { startEnsemble, startZooKeeper, type TestZooKeeper, TICK_MS } from '../support/zookeeper.js'
import { bytes, read, value } from './conformance.js'
import { assertKept, isOver, startLoad, until } from './under-load.js'

const TTL_MS = 4 * TICK_MS
const TIMEOUT_MS = 2_000

async function openStore(t: TestContext, addresses: readonly string[]): Promise<MetadataStore> {
  const root = `/${encodeURIComponent(t.name).replaceAll('%', '-')}`
  const url = `zookeeper://${addresses.join(',')}${root}`
  const sessionTimeoutMs = TTL_MS
  const options = { url, requestTimeoutMs: TIMEOUT_MS, sessionTimeoutMs, watchIntervalMs: 1_000 }
  const store = value(await openZooKeeperStore(options))
  t.after(() => store.close())
  return store
}

async function openRelay(t: TestContext, server: TestZooKeeper) {
  const relay = await TcpRelay.open(server.port)
  t.after(() => relay.close())
  return { relay, address: `127.0.0.1:${relay.endpoint.port}` }
}

describe('a single server', () => {
  let server: TestZooKeeper
  before(async () => {
    server = await startZooKeeper()
  })
  after(() => server.crash())

  test('killed under load and started again keeps what it said', async (t) => {
    const store = await openStore(t, [server.address])
    const load = startLoad(t, store)
    await load.more(50)
    for (let round = 0; round < 2; round++) {
      await server.restart()
      await load.more(50)
    }
    await assertKept(store, await load.stop())
  })

  test('paused under load is waited for no longer than asked, and then goes on', async (t) => {
    const store = await openStore(t, [server.address])
    const load = startLoad(t, store)
    await load.more(50)
    t.after(() => server.signal('SIGCONT'))
    server.signal('SIGSTOP')
    await until('an unknown result', () => load.attempts.some((a) => a.unknown.length > 0))
    server.signal('SIGCONT')
    await load.more(50)
    await assertKept(store, await load.stop())
  })

  for (const direction of ['requests', 'responses'] as const) {
    test(`whose ${direction} are held back under load loses nothing`, async (t) => {
      const { relay, address } = await openRelay(t, server)
      const store = await openStore(t, [address])
      const load = startLoad(t, store)
      await load.more(50)
      relay.hold(direction)
      assert.equal((await store.get('/works')).ok, false)
      relay.release()
      await load.more(50)
      await assertKept(store, await load.stop())
    })
  }

  test('a holder that is cut off stops believing before another sees its keys go', async (t) => {
    const { relay, address } = await openRelay(t, server)
    const holder = await openStore(t, [address])
    const witness = await openStore(t, [server.address])
    const session = value(await holder.openSession(TTL_MS))
    const held = { type: 'put', key: '/held', value: bytes('x'), session } as const
    assert.equal((await holder.txn([], [held])).status, 'committed')
    relay.hold('requests', 'responses')
    await until('the end of the session', async () => {
      const isThere = (await read(witness, '/held')) !== undefined
      assert.ok(isThere || isOver(session), 'its key is gone, and its holder believes in it')
      return !isThere
    })
  })
})

test('an ensemble whose leader is killed under load keeps what it said', async (t) => {
  const servers = await startEnsemble(3)
  t.after(() => Promise.all(servers.map((server) => server.crash())))
  const store = await openStore(
    t,
    servers.map(({ address }) => address),
  )
  const load = startLoad(t, store)
  await load.more(50)
  const modes = await Promise.all(servers.map((server) => server.serving()))
  const leader = servers[modes.indexOf('leader')]
  assert.ok(leader)
  await leader.crash()
  await load.more(50)
  await leader.restart()
  await load.more(50)
  await assertKept(store, await load.stop())
})
