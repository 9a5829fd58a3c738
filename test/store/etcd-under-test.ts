// What the tests of the store over etcd share.
import type { TestContext } from 'node:test'
import { type EtcdEndpoint, nameOf } from '../../src/store/etcd/address.js'
import { type EtcdStoreOptions, openEtcdStore } from '../../src/store/etcd/etcd-store.js'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import type { EtcdMember } from '../support/etcd.js'
import { TcpRelay } from '../support/tcp-relay.js'
import { value } from './conformance.js'

interface Options extends Omit<EtcdStoreOptions, 'url'> {
  readonly endpoints: readonly EtcdEndpoint[]
  readonly prefix?: string
}

export const NEVER = Number.NEGATIVE_INFINITY
/** The shortest that etcd grants. */
export const TTL_MS = 2_000

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
