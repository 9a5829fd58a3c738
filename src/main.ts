// The composition root: what `millrace serve` and the embedded broker start. Nothing else wires.
import { readFileSync } from 'node:fs'
import { type Outcome, succeed } from './base/errors.js'
import type { Logger } from './base/logger.js'
import type { BrokerConfig, HostPort } from './config/types.js'
import { Broker, type ServedListener } from './runtime/broker.js'
import type { ControlLink } from './runtime/control-plane.js'

export interface RunningBroker {
  /** Of the first listener of each protocol; undefined without one. */
  readonly kafka: HostPort | undefined
  readonly websocket: HostPort | undefined
  readonly listeners: readonly ServedListener[]
  readonly clusterId: string
  /** For the thread that started it: topics, and what is known of the cluster. */
  readonly control: ControlLink
  /** Answers what is in flight and closes everything; false: not all of it in time. Idempotent. */
  stop(): Promise<boolean>
  /** Resolves when the broker failed and has stopped; never otherwise. */
  readonly failed: Promise<Error>
}

/** Serves when it resolves with success; on failure nothing of it is left. */
export async function startBroker(
  config: BrokerConfig,
  logger: Logger,
): Promise<Outcome<RunningBroker>> {
  const started = await Broker.start(config, logger, packageVersion())
  if (!started.ok) return started
  const broker = started.value
  const addressOf = (protocol: 'kafka' | 'websocket') =>
    broker.listeners.find(
      ({ listener }) => listener.protocol === protocol && listener.role === 'client',
    )?.address
  return succeed({
    kafka: addressOf('kafka'),
    websocket: addressOf('websocket'),
    listeners: broker.listeners,
    clusterId: broker.clusterId,
    control: broker.control,
    stop: () => broker.stop(),
    failed: broker.failed,
  })
}

function packageVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  return version
}
