import { MessageChannel } from 'node:worker_threads'
import { fail, succeed } from '../base/errors.js'
import { WorkerMetrics } from '../metrics/worker-metrics.js'
import type { BrokerThreads, ThreadsOptions } from './broker.js'
import type { ControlLink, LocalControl } from './control-plane.js'
import { startControlService } from './control-service.js'
import { IoService } from './io-service.js'
import { metricsRenderer } from './render-metrics.js'

export function startOnThisThread(options: ThreadsOptions): BrokerThreads {
  const { config, logger, metrics } = options
  const shared = metrics.get('control') ?? WorkerMetrics.allocate()
  // As workers do, an open broker keeps the process alive: the log's wake-ups alone would not.
  const { port1: alive } = new MessageChannel()
  alive.on('message', () => {})
  let local: LocalControl | undefined
  let io: IoService | undefined
  const opened = () => {
    if (local === undefined) throw new Error('the data directories are not open')
    return local
  }
  const render = metricsRenderer(metrics, () => opened().metricFamilies())
  const control = directControl(opened, render)
  return {
    control,
    async open(listeners) {
      const started = await startControlService({ config, listeners, logger })
      if (!started.ok) return started
      local = started.value
      return succeed({ clusterId: local.clusterId })
    },
    join: () => opened().join(),
    leave: async () => local?.leave(),
    async listen(listeners) {
      try {
        io ??= new IoService({
          name: 'io-0',
          worker: 0,
          workers: 1,
          config,
          control,
          identityKey: opened().identityKey,
          directories: opened().directories,
          incarnation: opened().incarnation,
          brokerVersion: options.brokerVersion,
          logger,
          metrics: shared,
          connections: options.connections,
        })
        await io.listen(listeners)
        return succeed(true)
      } catch (error) {
        return fail('UNEXPECTED', error instanceof Error ? error.message : String(error))
      }
    },
    async drain(deadlineMs) {
      await io?.drain(deadlineMs)
      return true
    },
    async close() {
      await local?.close()
      alive.close()
      return true
    },
  }
}

function directControl(
  opened: () => LocalControl,
  renderMetrics: () => Promise<string>,
): ControlLink {
  return {
    get directories() {
      return opened().directories
    },
    image: () => opened().image(),
    onDelta: (listener) => opened().onDelta(listener),
    sessionUntilMs: () => opened().sessionUntilMs(),
    renderMetrics,
    unhealthy: async () => opened().unhealthy(),
    autoCreateTopics: (names) => opened().autoCreateTopics(names),
    createTopic: (request) => opened().createTopic(request),
    deleteTopic: (name) => opened().deleteTopic(name),
    allocateProducerId: () => opened().allocateProducerId(),
    alterInSync: (change) => opened().alterInSync(change),
    forward: (frame, client) => opened().forward(frame, client),
  }
}
