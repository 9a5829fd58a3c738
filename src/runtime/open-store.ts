// Where the metadata is kept: in a file of the first data directory, or in a coordination service.
import { join } from 'node:path'
import { foregroundClock } from '../base/clock.js'
import type { Outcome } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { BrokerConfig } from '../config/types.js'
import { openEmbeddedStore } from '../store/embedded/embedded-store.js'
import type { MetadataStore } from '../store/metadata-store.js'

const METADATA_FILE = 'metadata.log'

export async function openStore(
  config: BrokerConfig,
  logger: Logger,
): Promise<Outcome<MetadataStore>> {
  const { store: url, dataDirectories } = config
  if (url === undefined) {
    return openEmbeddedStore({ path: join(dataDirectories[0] ?? '', METADATA_FILE) })
  }
  if (url.startsWith('zookeeper://')) {
    const { openZooKeeperStore } = await import('../store/zookeeper/zookeeper-store.js')
    return openZooKeeperStore({ url, logger, clock: foregroundClock })
  }
  const { openEtcdStore } = await import('../store/etcd/etcd-store.js')
  return openEtcdStore({ url, logger, clock: foregroundClock })
}
