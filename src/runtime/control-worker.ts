// The thread of the control plane: metadata, controller, data directories.
import type { MessagePort } from 'node:worker_threads'
import { workerData } from 'node:worker_threads'
import { systemClock } from '../base/clock.js'
import { fail, succeed } from '../base/errors.js'
import { observeThread } from '../metrics/thread-observer.js'
import { WorkerMetrics } from '../metrics/worker-metrics.js'
import { serveControlLink } from './control-link.js'
import type { LocalControl } from './control-plane.js'
import { startControlService } from './control-service.js'
import { forwardingLogger } from './forwarding-logger.js'
import type { ControlWorkerMethods, LogEvent } from './messages.js'
import { metricsRenderer } from './render-metrics.js'
import { RpcPeer } from './rpc.js'
import type { WorkerData } from './worker-thread.js'

export type ControlWorkerData = WorkerData<{ readonly links: readonly MessagePort[] }>

const { setup, main, links } = workerData as ControlWorkerData
const logger = forwardingLogger(setup.config.logLevel, (event) => peer.send(event))
const stops: (() => void)[] = [
  observeThread(new WorkerMetrics(setup.metrics.get(setup.name)), systemClock),
]
let control: LocalControl | undefined

const peer = new RpcPeer<Record<string, never>, ControlWorkerMethods, never, LogEvent>(main, {
  serve: {
    async open(listeners) {
      const started = await startControlService({ config: setup.config, listeners, logger })
      if (!started.ok) return started
      const local = started.value
      control = local
      const renderMetrics = metricsRenderer(setup.metrics, () => local.metricFamilies())
      for (const link of links) {
        stops.push(serveControlLink(link, local, { clock: systemClock, renderMetrics }))
      }
      return succeed({ clusterId: local.clusterId })
    },
    async leave() {
      await control?.leave()
    },
    async join() {
      return control?.join() ?? fail('CLOSED', 'the data directories are not open')
    },
    async close() {
      for (const stop of stops.splice(0)) stop()
      for (const link of links) link.close()
      await control?.close()
      setImmediate(() => peer.close())
    },
  },
  onEvent: () => {},
})
