// The broker's workers: the control plane in one, the io threads in theirs. All start at once.
import { MessageChannel } from 'node:worker_threads'
import { systemClock } from '../base/clock.js'
import { succeed } from '../base/errors.js'
import { entryOf } from '../base/joined.js'
import type { BrokerThreads, ThreadsOptions } from './broker.js'
import { RemoteControl } from './control-link.js'
import type { ControlWorkerMethods, IoWorkerMethods } from './messages.js'
import { WorkerThread } from './worker-thread.js'

/** How long a thread that is done may take to say so, and to leave. */
const ANSWER_MS = 1_000

export function startThreads(options: ThreadsOptions): BrokerThreads {
  const { config, logger, metrics, failed } = options
  const links = Array.from({ length: config.workers + 1 }, () => new MessageChannel())
  const common = { logger, failed }
  const setup = (name: string) => ({ name, config, metrics })
  const controlThread = new WorkerThread<ControlWorkerMethods>({
    ...common,
    entry: entryOf('control-worker', new URL('./control-worker.js', import.meta.url)),
    setup: setup('control'),
    data: {},
    ports: { links: links.map(({ port1 }) => port1) },
  })
  const ioEntry = entryOf('io-worker', new URL('./io-worker.js', import.meta.url))
  const ioThreads = links.slice(1).map(
    ({ port2 }, worker) =>
      new WorkerThread<IoWorkerMethods>({
        ...common,
        entry: ioEntry,
        setup: setup(`io-${worker}`),
        data: { worker, connections: options.connections, brokerVersion: options.brokerVersion },
        ports: { control: port2 },
      }),
  )
  const own = links[0]
  if (own === undefined) throw new Error('there is always a link for this thread')
  const control = new RemoteControl(own.port2)
  return {
    control,
    async open(listeners) {
      const opened = await controlThread.call('open', [listeners])
      if (opened.ok) await control.ready
      return opened
    },
    join: () => controlThread.call('join', []),
    leave: () => controlThread.call('leave', []),
    async listen(listeners) {
      const outcomes = await Promise.all(ioThreads.map((io) => io.call('listen', [listeners])))
      const refused = outcomes.find((outcome) => !outcome.ok)
      return refused ?? succeed(true)
    },
    async drain(deadlineMs) {
      for (const io of ioThreads) io.expectExit()
      const drained = Promise.allSettled(ioThreads.map((io) => io.call('drain', [deadlineMs])))
      // A thread that stands still answers nothing; one that works does so within the deadline.
      await Promise.race([drained, after(deadlineMs + ANSWER_MS)])
      const deadline = after(ANSWER_MS)
      const left = await Promise.all(ioThreads.map((io) => io.end(deadline)))
      return left.every(Boolean)
    },
    async close(deadlineMs) {
      controlThread.expectExit()
      control.close()
      const closed = controlThread.call('close', []).then(() => true)
      const inTime = await Promise.race([closed, after(deadlineMs).then(() => false)])
      return (await controlThread.end(after(ANSWER_MS))) && inTime
    },
  }
}

function after(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(delayMs, resolve)
  })
}
