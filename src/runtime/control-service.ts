// Puts the control plane of this broker together: data directories, metadata store, this broker's part in
// the cluster, and the dispatcher of the requests that the io workers pass on. Runs on whichever thread
// calls it.
import { hostname } from 'node:os'
import { systemClock } from '../base/clock.js'
import { type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import type { BrokerConfig } from '../config/types.js'
import type { ControlNode } from '../controller/control-node.js'
import { openControlNode } from '../controller/start.js'
import type { ControlServices } from '../handlers/control-services.js'
import { controlTable } from '../handlers/control-table.js'
import { Dispatcher } from '../handlers/dispatcher.js'
import { attachPartition } from '../log/log.js'
import { randomId } from '../metadata/ids.js'
import type { BrokerEndpoint, HostPort } from '../metadata/image.js'
import { probeProcess } from '../peer/hello.js'
import { tcpTransport } from '../peer/tcp-transport.js'
import type { OpenedDirectory } from '../replicas/identify-directories.js'
import type { MetadataStore } from '../store/metadata-store.js'
import { clusterFamilies } from './cluster-families.js'
import type { LocalControl } from './control-plane.js'
import { ControllerRequests } from './controller-requests.js'
import { directoryFamilies } from './directory-families.js'
import type { BoundListener } from './messages.js'
import { Neighbours } from './neighbours.js'
import { closeDirectories, openDirectories } from './open-directories.js'
import { openStore } from './open-store.js'

export interface ControlServiceOptions {
  readonly config: BrokerConfig
  readonly listeners: readonly BoundListener[]
  readonly logger: Logger
}

export async function startControlService(
  options: ControlServiceOptions,
): Promise<Outcome<LocalControl>> {
  const { config, listeners, logger } = options
  const opened = await openDirectories(config, logger)
  if (!opened.ok) return opened
  const directories = opened.value
  const store = await openStore(config, logger)
  if (!store.ok) {
    await closeDirectories(directories)
    return store
  }
  const incarnation = randomId(systemRandom)
  const forBrokers = listeners.find(({ listener }) => listener.role === 'inter-broker')
  const node = await openControlNode({
    config,
    store: store.value,
    directories,
    endpoints: listeners.filter((one) => one !== forBrokers).map(endpointOf),
    ...(forBrokers === undefined ? {} : { interBroker: addressOf(forBrokers) }),
    incarnation,
    probe: (record) =>
      probeProcess(record, {
        clusterId: node.ok ? node.value.clusterId : '',
        brokerId: config.brokerId,
        transport: tcpTransport,
        clock: systemClock,
        incarnation,
      }),
    clock: systemClock,
    random: systemRandom,
    logger,
  })
  if (!node.ok) {
    await store.value.close()
    await closeDirectories(directories)
    return node
  }
  return succeed(
    localControl({ node: node.value, store: store.value, directories, incarnation }, options),
  )
}

const LEAVE_WITHIN_MS = 5_000

interface Parts {
  readonly node: ControlNode
  readonly store: MetadataStore
  readonly directories: readonly OpenedDirectory[]
  readonly incarnation: string
}

function localControl(parts: Parts, { config, logger }: ControlServiceOptions): LocalControl {
  const { node, store, directories, incarnation } = parts
  const dispatcher = new Dispatcher<ControlServices>({
    table: controlTable,
    services: { config, controller: node },
    clock: systemClock,
    logger,
  })
  const neighbours = new Neighbours({ node, brokerId: config.brokerId, incarnation })
  const requests = new ControllerRequests({ node, dispatcher, link: neighbours.controller })
  return {
    clusterId: node.clusterId,
    identityKey: node.identityKey,
    incarnation,
    directories: directories.flatMap(({ log }) => (log === undefined ? [] : [log.handle])),
    async join() {
      const joined = await node.join()
      if (!joined.ok) return joined
      neighbours.watch()
      return succeed(true)
    },
    leave: () => node.leave(LEAVE_WITHIN_MS),
    image: () => node.image(),
    onDelta: (listener) => node.onDelta(listener),
    sessionUntilMs: () => node.sessionUntilMs(),
    unhealthy: () => node.unhealthy(),
    metricFamilies: () => [
      ...directoryFamilies(directories, node.logDirectories()),
      ...clusterFamilies({
        brokerId: config.brokerId,
        image: node.image(),
        defaultMinInSync: Number(config.topicDefaults['min.insync.replicas'] ?? 1),
        led: ledPartition,
      }),
    ],
    autoCreateTopics: (names) => requests.autoCreateTopics(names),
    createTopic: (request) => requests.createTopic(request),
    deleteTopic: (name) => requests.deleteTopic(name),
    allocateProducerId: () => node.allocateProducerId(),
    alterInSync: (change) => node.alterInSync(change),
    forward: (frame, client) => requests.forward(frame, client),
    async close() {
      neighbours.close()
      await node.close()
      await store.close()
      await closeDirectories(directories)
    },
  }
}

// One that was closed meanwhile has nothing to tell.
function ledPartition(logHandle: number) {
  try {
    const log = attachPartition(logHandle)
    return { endOffset: log.state().logEndOffset, replicas: log.replicas() }
  } catch {
    return undefined
  }
}

/** What clients are told: the advertised address, or the bound one where it means something to them. */
function endpointOf(bound: BoundListener): BrokerEndpoint {
  return { listener: bound.listener.name, ...addressOf(bound) }
}

function addressOf({ listener, address }: BoundListener): HostPort {
  const { advertised, bind } = listener
  if (advertised !== undefined) return advertised
  const isWildcard = bind.host === '0.0.0.0' || bind.host === '::'
  return { host: isWildcard ? hostname() : bind.host, port: address.port }
}
