// The thread of one io worker.
import type { MessagePort } from 'node:worker_threads'
import { workerData } from 'node:worker_threads'
import { fail, succeed } from '../base/errors.js'
import { RemoteControl } from './control-link.js'
import { forwardingLogger } from './forwarding-logger.js'
import { IoService } from './io-service.js'
import type { IoWorkerMethods, LogEvent } from './messages.js'
import { RpcPeer } from './rpc.js'
import type { WorkerData } from './worker-thread.js'

export type IoWorkerData = WorkerData<{
  readonly control: MessagePort
  readonly worker: number
  readonly connections: SharedArrayBuffer
  readonly brokerVersion: string
}>

const data = workerData as IoWorkerData
const { setup } = data
const control = new RemoteControl(data.control)
let service: IoService | undefined

// Large, so it loads while the data directories are opened; listen() finds it loaded.
if (setup.config.listeners.some(({ protocol }) => protocol === 'websocket')) {
  void import('../network/websocket-listener.js')
}

const peer = new RpcPeer<Record<string, never>, IoWorkerMethods, never, LogEvent>(data.main, {
  serve: {
    async listen(listeners) {
      try {
        const first = await control.ready
        service ??= new IoService({
          name: setup.name,
          worker: data.worker,
          workers: setup.config.workers,
          config: setup.config,
          control,
          ...first,
          brokerVersion: data.brokerVersion,
          logger: forwardingLogger(setup.config.logLevel, (event) => peer.send(event)),
          metrics: setup.metrics.get(setup.name) ?? new SharedArrayBuffer(0),
          connections: data.connections,
        })
        await service.listen(listeners)
        return succeed(true)
      } catch (error) {
        return fail('UNEXPECTED', error instanceof Error ? error.message : String(error))
      }
    },
    async drain(deadlineMs) {
      await service?.drain(deadlineMs)
      control.close()
      // The answer leaves first; then nothing keeps this thread.
      setImmediate(() => peer.close())
    },
  },
  onEvent: () => {},
})

// Whatever ends this thread, an open socket of uWebSockets would abort the process with it.
process.on('exit', () => service?.abandon())
