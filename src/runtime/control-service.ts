// Puts the control plane of this broker together: data directories, metadata store, controller, and the
// dispatcher of the requests that the io workers pass on. Runs on whichever thread calls it.
import { hostname } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../base/clock.js'
import { type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import type { BrokerConfig } from '../config/types.js'
import type { ControlNode } from '../controller/control-node.js'
import { startControlNode } from '../controller/start.js'
import type { TopicCreation } from '../handlers/context.js'
import type { ControlServices } from '../handlers/control-services.js'
import { controlTable } from '../handlers/control-table.js'
import { Dispatcher, neverCloses } from '../handlers/dispatcher.js'
import type { BrokerEndpoint, TopicImage } from '../metadata/image.js'
import type { OpenedDirectory } from '../replicas/identify-directories.js'
import { openEmbeddedStore } from '../store/embedded/embedded-store.js'
import type { MetadataStore } from '../store/metadata-store.js'
import type { LocalControl } from './control-plane.js'
import { directoryFamilies } from './directory-families.js'
import type { BoundListener } from './messages.js'
import { closeDirectories, openDirectories } from './open-directories.js'

const METADATA_FILE = 'metadata.log'

export interface ControlServiceOptions {
  readonly config: BrokerConfig
  readonly listeners: readonly BoundListener[]
  readonly logger: Logger
}

export async function startControlService(
  options: ControlServiceOptions,
): Promise<Outcome<LocalControl>> {
  const { config, logger } = options
  const opened = await openDirectories(config, logger)
  if (!opened.ok) return opened
  const directories = opened.value
  const store = await openEmbeddedStore({
    path: join(config.dataDirectories[0] ?? '', METADATA_FILE),
  })
  if (!store.ok) {
    await closeDirectories(directories)
    return store
  }
  const controller = await startControlNode({
    config,
    store: store.value,
    directories,
    endpoints: options.listeners.map(endpointOf),
    clock: systemClock,
    random: systemRandom,
    logger,
  })
  if (!controller.ok) {
    await store.value.close()
    await closeDirectories(directories)
    return controller
  }
  return succeed(localControl(controller.value, store.value, directories, options))
}

function localControl(
  controller: ControlNode,
  store: MetadataStore,
  directories: readonly OpenedDirectory[],
  { config, logger }: ControlServiceOptions,
): LocalControl {
  const dispatcher = new Dispatcher<ControlServices>({
    table: controlTable,
    services: { config, controller },
    clock: systemClock,
    logger,
  })
  return {
    clusterId: controller.clusterId,
    identityKey: controller.identityKey,
    directories: directories.flatMap(({ log }) => (log === undefined ? [] : [log.handle])),
    image: () => controller.image(),
    onDelta: (listener) => controller.onDelta(listener),
    unhealthy: () => controller.unhealthy(),
    metricFamilies: () => directoryFamilies(directories, controller.logDirectories()),
    autoCreateTopics: (names) => controller.autoCreateTopics(names),
    createTopic: (request) => createTopic(controller, request),
    async deleteTopic(name) {
      const [outcome] = await controller.deleteTopics([{ name }])
      return outcome === undefined || outcome.ok ? succeed(true) : outcome
    },
    allocateProducerId: () => controller.allocateProducerId(),
    async forward(frame, client) {
      return (await dispatcher.dispatch([frame], { client, closed: neverCloses })) ?? []
    },
    async close() {
      await controller.close()
      await store.close()
      await closeDirectories(directories)
    },
  }
}

async function createTopic(
  controller: ControlNode,
  { name, partitions, configs = {} }: TopicCreation,
): Promise<Outcome<TopicImage>> {
  const [created] = await controller.createTopics(
    [
      {
        name,
        partitionCount: partitions ?? -1,
        replicationFactor: -1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    { validateOnly: false },
  )
  if (created !== undefined && !created.outcome.ok) return created.outcome
  const image = controller.image().topic(name)
  if (image === undefined) throw new Error(`the topic ${name} was created and is not in the image`)
  return succeed(image)
}

/** What clients are told: the advertised address, or the bound one where it means something to them. */
function endpointOf({ listener, address }: BoundListener): BrokerEndpoint {
  const { name, advertised, bind } = listener
  if (advertised !== undefined) return { listener: name, ...advertised }
  const isWildcard = bind.host === '0.0.0.0' || bind.host === '::'
  return { listener: name, host: isWildcard ? hostname() : bind.host, port: address.port }
}
