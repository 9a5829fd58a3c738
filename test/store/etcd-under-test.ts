// What the tests of the store over etcd share.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type EtcdEndpoint, nameOf } from '../../src/store/etcd/address.js'
import { type EtcdStoreOptions, openEtcdStore } from '../../src/store/etcd/etcd-store.js'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import type { EtcdMember } from '../support/etcd.js'
import { TcpRelay } from '../support/tcp-relay.js'
import { bytes, value } from './conformance.js'

interface Options extends Omit<EtcdStoreOptions, 'url'> {
  readonly endpoints: readonly EtcdEndpoint[]
  readonly prefix?: string
}

export const NEVER = Number.NEGATIVE_INFINITY
/** The shortest that etcd grants. */
export const TTL_MS = 2_000
/** How long anything may take on a busy machine. */
const PATIENCE_MS = 60_000

/** A store that is closed when the test ends. */
export async function openStore(t: TestContext, options: Options): Promise<MetadataStore> {
  const { endpoints, prefix = `/${encodeURIComponent(t.name)}`, ...rest } = options
  const store = value(await openEtcdStore({ url: urlOf(endpoints, prefix), ...rest }))
  t.after(() => store.close())
  return store
}

export function urlOf(endpoints: readonly EtcdEndpoint[], prefix: string): string {
  return `etcd://${endpoints.map(nameOf).join(',')}${prefix}`
}

export async function openRelay(t: TestContext, member: EtcdMember): Promise<TcpRelay> {
  const relay = await TcpRelay.open(member.port)
  t.after(() => relay.close())
  return relay
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS
  while (!(await holds())) {
    assert.ok(performance.now() < deadlineMs, `${what} did not happen`)
    await pause(20)
  }
}

export function isOver(session: { validUntilMs(): number }): boolean {
  return session.validUntilMs() < performance.now()
}

export interface Attempts {
  readonly committed: string[]
  readonly refused: string[]
  readonly unknown: string[]
}

/** Puts one new key after another until `stopped()`, and notes in `attempts` what it was told of each. */
export async function putMany(
  store: MetadataStore,
  name: string,
  stopped: () => boolean,
  attempts: Attempts,
): Promise<Attempts> {
  for (let index = 0; !stopped(); index++) {
    const key = `/many/${name}-${index}`
    const result = await store.txn(
      [{ key, version: 'absent' }],
      [
        { type: 'put', key, value: bytes('x') },
        { type: 'put', key: `${key}/twin`, value: bytes('x') },
      ],
    )
    assert.notEqual(result.status, 'conflict')
    if (result.status !== 'conflict') attempts[result.status].push(key)
    await pause(1)
  }
  return attempts
}

/** What was told is true, and no transaction was done by half. */
export async function assertKept(store: MetadataStore, attempts: readonly Attempts[]) {
  const found = new Set(value(await store.list('/many/')).map(({ key }) => key))
  for (const { committed, refused, unknown } of attempts) {
    for (const key of committed) assert.ok(found.has(key), `${key} was committed`)
    for (const key of refused) assert.ok(!found.has(key), `${key} was refused`)
    for (const key of [...committed, ...refused, ...unknown]) {
      assert.equal(found.has(key), found.has(`${key}/twin`), `${key} was done by half`)
    }
  }
}
