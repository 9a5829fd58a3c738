// The library: `import { createBroker } from 'millrace'` runs a broker inside the application.

import { systemClock } from './base/clock.js'
import type { Logger } from './base/logger.js'
import { silentLogger } from './base/logger.js'
import type { BrokerConfig, HostPort } from './config/types.js'
import { attachDirectory } from './log/log.js'
import { EmbeddedBroker, EmbeddedBrokerError } from './runtime/embedded/embedded-broker.js'
import { WriteBudget } from './runtime/write-budget.js'

export type { Logger } from './base/logger.js'
export {
  type Acknowledgement,
  type AppendOptions,
  AppendReceipt,
  type Durability,
} from './runtime/embedded/append-receipt.js'
export {
  EmbeddedBroker,
  EmbeddedBrokerError,
  type TopicOptions,
} from './runtime/embedded/embedded-broker.js'
export type {
  EmbeddedRecord,
  ReadOptions,
  ReadRecords,
  StoredRecord,
} from './runtime/embedded/records.js'

export interface CreateBrokerOptions {
  /** One directory or several. */
  readonly data: string | readonly string[]
  /** Where Kafka clients connect, "host:port"; left out: nowhere. */
  readonly kafka?: string
  /** Where WebSocket clients and HTTP connect, "host:port"; left out: nowhere. */
  readonly websocket?: string
  /** What an acknowledgement promises; default 'group': it is on the disk. */
  readonly flush?: BrokerConfig['flush']
  /** io threads beside the application's; 0 runs all on the application's. */
  readonly workers?: number
  /** Any other setting by its name in the configuration file: `{'log.write.mode': 'pwrite'}`. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>
  readonly logger?: Logger
}

/** Starts a broker. Rejects with an EmbeddedBrokerError that says what is wrong. */
export async function createBroker(options: CreateBrokerOptions): Promise<EmbeddedBroker> {
  const config = await configOf(options)
  const { startBroker } = await import('./main.js')
  const started = await startBroker(config, options.logger ?? silentLogger)
  if (!started.ok) throw new EmbeddedBrokerError(started.failure)
  const directories = started.value.control.directories.map(attachDirectory)
  return new EmbeddedBroker(started.value, config, new WriteBudget(directories, systemClock))
}

async function configOf(options: CreateBrokerOptions): Promise<BrokerConfig> {
  const { loadConfig } = await import('./config/load.js')
  const { kafka, websocket, logger, settings, ...rest } = options
  const wanted = { kafka, websocket }
  const loaded = loadConfig({
    flags: { ...settings, ...rest, ...wanted },
    environment: {},
    file: undefined,
  })
  if (!loaded.ok) throw new EmbeddedBrokerError(loaded.failure)
  const config = loaded.value
  const listeners = config.listeners.filter(({ protocol }) => wanted[protocol] !== undefined)
  // Without listeners one thread does what io threads do beside serving.
  const workers = options.workers ?? (listeners.length === 0 ? 1 : config.workers)
  return { ...config, listeners, workers }
}

export type { HostPort }
