// The first start of all gives the cluster its id. Of several brokers that start at once one does.
import type { Failure } from '../base/errors.js'
import type { Random } from '../base/random.js'
import { encodeChange } from '../metadata/change-codec.js'
import type { Change } from '../metadata/cluster-state.js'
import { randomId } from '../metadata/ids.js'
import { CLUSTER_KEY } from '../metadata/keys.js'
import type { MetadataStore } from '../store/metadata-store.js'
import type { ClusterView } from './cluster-view.js'

export async function foundCluster(
  store: MetadataStore,
  view: ClusterView,
  random: Random,
): Promise<Failure | undefined> {
  const identityKey = Buffer.from(random.bytes(32)).toString('base64url')
  const change: Change = { type: 'cluster', record: { clusterId: randomId(random), identityKey } }
  const { key, value = new Uint8Array() } = encodeChange(change)
  const result = await store.txn([{ key, version: 'absent' }], [{ type: 'put', key, value }])
  if (result.status === 'committed') view.committed([change], result.version)
  else await view.refresh([CLUSTER_KEY])
  if (view.state.cluster !== undefined) return undefined
  return result.status === 'refused' || result.status === 'unknown'
    ? result.failure
    : { code: 'UNEXPECTED', message: 'the cluster was founded by another broker and is gone' }
}
