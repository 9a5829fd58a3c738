// How this broker's part in the control plane comes to be: what the metadata says, whose directories
// these are, which partitions are here. Any of it that does not agree ends the start with a sentence.
import type { Clock } from '../base/clock.js'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import { ClusterView } from '../cluster/cluster-view.js'
import { foundCluster } from '../cluster/found-cluster.js'
import { type Probe, Registration } from '../cluster/registration.js'
import type { Registrant } from '../cluster/registration-decision.js'
import { checkTopicConfigs } from '../config/topic-config-values.js'
import type { BrokerConfig } from '../config/types.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import type { BrokerEndpoint, HostPort } from '../metadata/image.js'
import { identifyDirectories, type OpenedDirectory } from '../replicas/identify-directories.js'
import { ImagePublisher } from '../replicas/image-publisher.js'
import { type LoadReport, type LocalPartition, loadReplicas } from '../replicas/load-replicas.js'
import { type LocalFiles, nodeLocalFiles } from '../replicas/local-files.js'
import { LocalReplicas } from '../replicas/local-replicas.js'
import { MetadataHistory, type MetadataHistoryOptions } from '../replicas/metadata-history.js'
import { ReplicaManager } from '../replicas/replica-manager.js'
import { unavailablePartitions } from '../replicas/unavailable.js'
import type { MetadataStore } from '../store/metadata-store.js'
import { ControlNode } from './control-node.js'
import { minInSyncOf } from './elect-leader.js'
import { partitionRules } from './partition-rules.js'

export interface ControlNodeOptions {
  readonly config: BrokerConfig
  readonly store: MetadataStore
  readonly directories: readonly OpenedDirectory[]
  /** Where clients are told to connect, per listener. */
  readonly endpoints: readonly BrokerEndpoint[]
  /** Where other brokers reach this one; undefined: there are none. */
  readonly interBroker?: HostPort
  /** Of this process. */
  readonly incarnation: string
  readonly probe?: Probe
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly files?: LocalFiles
}

/** Opens what is here; ControlNode.join() makes it one of the cluster's. */
export async function openControlNode(options: ControlNodeOptions): Promise<Outcome<ControlNode>> {
  const { config, store, clock, random, logger } = options
  const { brokerId } = config
  const defaults = checkTopicConfigs(config.topicDefaults, { ...config, topicDefaults: {} })
  if (!defaults.ok) return fail('INVALID_CONFIG', `topic.defaults: ${defaults.failure.message}`)
  const opened = await ClusterView.open({ store, clock, logger })
  if (!opened.ok) return opened
  const view = opened.value
  const { state } = view
  const files = options.files ?? nodeLocalFiles
  const found = () => foundCluster(store, view, random)
  const identified = await identifyDirectories(options.directories, {
    state,
    found,
    brokerId,
    files,
    random,
  })
  if (!identified.ok) {
    view.close()
    return identified
  }
  const directories = identified.value
  const history = openHistory(options, { directories, files, state })
  if (!history.ok) {
    view.close()
    return history
  }
  const replicas = new LocalReplicas({ brokerId, directories, broker: config, files, logger })
  const publisher = new ImagePublisher({ brokerId, state, replicas })
  const rulesOf = partitionRules(config)
  const manager = new ReplicaManager({
    brokerId,
    state,
    replicas,
    publisher,
    minInSync: (topic, index) =>
      minInSyncOf({ replicas: state.replicasOf(topic, index), rules: rulesOf(topic) }),
    logger,
  })
  const report = await loadReplicas(state, replicas, random)
  await replicas.removeTopics(state.tombstones())
  for (const { topic, index } of report.leaving) await replicas.remove(topic, index)
  const mayLackRecords = settleMissing(options, { state, replicas, manager, report })
  const self: Registrant = {
    id: brokerId,
    incarnation: options.incarnation,
    rack: config.rack,
    endpoints: options.endpoints,
    interBroker: options.interBroker,
    directories: directories.map(({ id }) => id),
    stoppedCleanly: !report.isUnclean,
    mayLackRecords: mayLackRecords || (report.isUnclean && config.flush !== 'group'),
  }
  const probe = options.probe ?? (async () => 'silent')
  const sessionTtlMs = config.sessionMs
  const registration = new Registration({
    store,
    view,
    self,
    sessionTtlMs,
    unavailable: () => unavailablePartitions(state, replicas),
    probe,
    clock,
    logger,
  })
  return succeed(
    new ControlNode({
      ...options,
      view,
      registration,
      replicas,
      manager,
      publisher,
      history: history.value,
    }),
  )
}

// Before anything is moved or made on the word of an old copy.
function openHistory(
  { logger }: ControlNodeOptions,
  { state, ...kept }: Omit<MetadataHistoryOptions, 'logger'> & { readonly state: ClusterState },
): Outcome<MetadataHistory> {
  const opened = MetadataHistory.open({ ...kept, logger })
  if (!opened.ok) return opened
  const failure = opened.value.whyOlder({ controllerEpoch: state.controllerEpoch })
  return failure === undefined ? opened : { ok: false, failure }
}

export async function startControlNode(options: ControlNodeOptions): Promise<Outcome<ControlNode>> {
  const node = await openControlNode(options)
  if (!node.ok) return node
  const joined = await node.value.join()
  if (joined.ok) return node
  await node.value.close()
  return joined
}

interface Settling {
  readonly state: ClusterState
  readonly replicas: LocalReplicas
  readonly manager: ReplicaManager
  readonly report: LoadReport
}

// A partition that has other replicas is begun anew and filled by them; until then this broker may not
// be asked for its records. A single replica whose folder was here stays offline: an empty one in its
// place would hide the loss.
function settleMissing(
  { config, logger }: ControlNodeOptions,
  { state, replicas, manager, report }: Settling,
): boolean {
  const knownBefore = state.brokerStates.get(config.brokerId)?.directories ?? []
  const isHere = (id: string) => replicas.directories.some((directory) => directory.id === id)
  const lacksDirectory = !knownBefore.every(isHere)
  let lacksRecords = false
  for (const damaged of report.damaged) manager.markLost(damaged)
  for (const missing of report.missing) {
    const { topic, index } = missing
    const { length } = state.replicasOf(topic, index)
    const wasRecorded = replicas.recordedDirectory(topic, index) !== undefined
    if (length === 1 && (wasRecorded || lacksDirectory)) {
      manager.markLost(missing)
      tellLost(logger, missing)
    } else if (length > 1 && isTrusted(state, missing, config.brokerId)) {
      lacksRecords = true
      logger.warn('the folder of a replica is missing; it is filled by the others', {
        partition: `${topic.name}-${index}`,
      })
    }
  }
  return lacksRecords
}

function isTrusted(state: ClusterState, { topic, index }: LocalPartition, brokerId: number) {
  const { inSyncReplicas, eligibleLeaders } = state.partition(topic, index)
  return inSyncReplicas.includes(brokerId) || eligibleLeaders.includes(brokerId)
}

function tellLost(logger: Logger, { topic, index }: LocalPartition): void {
  logger.error('the folder of a partition is missing', {
    partition: `${topic.name}-${index}`,
    advice: 'its records are gone; bring the folder back, or delete the topic',
  })
}
