// How a controller comes to be: whose directories these are, what the metadata says, which partitions
// are here. Any of it that does not agree ends the start with a sentence.
import type { Clock } from '../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import { checkTopicConfigs } from '../config/topic-config-values.js'
import type { BrokerConfig } from '../config/types.js'
import type { BrokerEndpoint } from '../metadata/image.js'
import type { MetadataStore } from '../store/metadata-store.js'
import { Controller } from './controller.js'
import { decideForgetTopics } from './delete-topic.js'
import { identifyDirectories, type OpenedDirectory } from './identify-directories.js'
import { loadReplicas } from './load-replicas.js'
import { type LocalFiles, nodeLocalFiles } from './local-files.js'
import { LocalReplicas } from './local-replicas.js'
import { MetadataLog } from './metadata-log.js'
import { decideRaiseEpochs } from './raise-epochs.js'
import type { Change, ClusterState } from './state.js'

export interface ControllerOptions {
  readonly config: BrokerConfig
  readonly store: MetadataStore
  readonly directories: readonly OpenedDirectory[]
  /** Where clients are told to connect, per listener. */
  readonly endpoints: readonly BrokerEndpoint[]
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly files?: LocalFiles
}

export async function startController(options: ControllerOptions): Promise<Outcome<Controller>> {
  const { config, logger } = options
  const defaults = checkTopicConfigs(config.topicDefaults, { ...config, topicDefaults: {} })
  if (!defaults.ok) return fail('INVALID_CONFIG', `topic.defaults: ${defaults.failure.message}`)
  const opened = await MetadataLog.open(options.store, config.brokerId)
  if (!opened.ok) return opened
  const metadata = opened.value
  const files = options.files ?? nodeLocalFiles
  const { brokerId } = config
  const { random } = options
  const directories = await identifyDirectories(options.directories, {
    metadata,
    brokerId,
    files,
    random,
  })
  if (!directories.ok) return directories
  const replicas = new LocalReplicas({
    brokerId,
    directories: directories.value,
    broker: config,
    files,
    logger,
  })
  const failure = (await register(options, metadata)) ?? (await settle(metadata, replicas, random))
  if (failure !== undefined) return { ok: false, failure }
  return succeed(new Controller({ ...options, metadata, replicas }))
}

function register(
  { config, endpoints }: ControllerOptions,
  metadata: MetadataLog,
): Promise<Failure | undefined> {
  const record = { id: config.brokerId, rack: config.rack, endpoints }
  return metadata.commit([{ type: 'broker', record }])
}

// Opens what is here, finishes deletions that a stop cut off, and begins new epochs where records may
// have been lost.
async function settle(
  metadata: MetadataLog,
  replicas: LocalReplicas,
  random: Random,
): Promise<Failure | undefined> {
  const { state } = metadata
  await loadReplicas(state, replicas, random)
  const gone = await replicas.removeTopics(state.tombstones())
  const changes: Change[] = [...decideForgetTopics(gone).changes]
  const unclean = [...replicas.replicas()].filter(({ log }) => !log.recovery().wasClean)
  changes.push(...decideRaiseEpochs(state, unclean).changes)
  const failure = await metadata.commit(changes)
  if (failure === undefined) setLeaderEpochs(state, replicas)
  return failure
}

function setLeaderEpochs(state: ClusterState, replicas: LocalReplicas): void {
  for (const { topicId, index, log } of replicas.replicas()) {
    const topic = state.topicById(topicId)
    if (topic === undefined) continue
    const { leaderEpoch } = state.partition(topic, index)
    // Raising it is written to disk.
    if (leaderEpoch > log.state().leaderEpoch) log.setLeaderEpoch(leaderEpoch)
  }
}
