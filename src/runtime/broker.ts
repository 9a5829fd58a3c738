// A running broker as the main thread holds it: ports, control plane, io threads, in that order, and the
// other way round when it stops. A thread that fails takes the whole broker down: one that limps on
// would hold half of the connections.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { BrokerConfig, HostPort, ListenerConfig } from '../config/types.js'
import { lockFile } from '../log/sockets.js'
import { WorkerMetrics } from '../metrics/worker-metrics.js'
import { ConnectionCounters } from '../network/connection-counters.js'
import type { ControlLink } from './control-plane.js'
import type { BoundListener } from './messages.js'
import { PortGuard } from './port-guard.js'

const DRAIN_DEADLINE_MS = 5_000
/** A full page cache takes its time to reach a disk. */
const CLOSE_DEADLINE_MS = 300_000

/** The threads of a broker, however many: in workers, or all on the calling thread. */
export interface BrokerThreads {
  /** This thread's link to the control plane. */
  readonly control: ControlLink
  /** Opens the data directories and recovers what is in them. */
  open(listeners: readonly BoundListener[]): Promise<Outcome<{ clusterId: string }>>
  /** Makes the broker one of the cluster's: from then on it leads and follows. */
  join(): Promise<Outcome<true>>
  /** Gives up what others can lead, while it still serves. */
  leave(): Promise<void>
  /** May be called again, with others. */
  listen(listeners: readonly BoundListener[]): Promise<Outcome<true>>
  /** False: not in time, threads that stand still are left behind. */
  drain(deadlineMs: number): Promise<boolean>
  /** Closes metadata and data directories, and waits for the threads to be gone. False: not in time. */
  close(deadlineMs: number): Promise<boolean>
}

export interface ThreadsOptions {
  readonly config: BrokerConfig
  readonly logger: Logger
  readonly brokerVersion: string
  readonly metrics: ReadonlyMap<string, SharedArrayBuffer>
  readonly connections: SharedArrayBuffer
  failed(error: Error): void
}

export interface ServedListener {
  readonly listener: ListenerConfig
  /** As the user wrote the host, with the port that was found. */
  readonly address: HostPort
}

export class Broker {
  /** Resolves when a thread failed: the broker has stopped serving, or is about to. */
  readonly failed: Promise<Error>
  private reportFailure: (error: Error) => void = () => {}
  private stopping: Promise<boolean> | undefined
  private threads: BrokerThreads | undefined
  private guard: PortGuard | undefined
  private knownClusterId = ''
  private hasJoined = false

  private constructor(
    private readonly config: BrokerConfig,
    private readonly logger: Logger,
  ) {
    this.failed = new Promise((resolve) => {
      this.reportFailure = resolve
    })
  }

  static async start(
    config: BrokerConfig,
    logger: Logger,
    brokerVersion: string,
  ): Promise<Outcome<Broker>> {
    const broker = new Broker(config, logger)
    const started = await broker.start(brokerVersion)
    if (started.ok) return succeed(broker)
    await broker.stop()
    return started
  }

  get clusterId(): string {
    return this.knownClusterId
  }

  get listeners(): readonly ServedListener[] {
    const { listeners = [] } = this.guard ?? {}
    return listeners.map(({ listener, address }) => ({
      listener,
      address: { host: listener.bind.host, port: address.port },
    }))
  }

  get control(): ControlLink {
    if (this.threads === undefined) throw new Error('the broker has not started')
    return this.threads.control
  }

  /** Resolves to whether everything was answered and closed in time. */
  stop(): Promise<boolean> {
    this.stopping ??= this.stopInOrder()
    return this.stopping
  }

  // The threads load their code while the ports are claimed.
  private async start(brokerVersion: string): Promise<Outcome<true>> {
    const { config } = this
    const names = ['control', ...Array.from({ length: config.workers }, (_, i) => `io-${i}`)]
    const threads = await makeThreads({
      config,
      logger: this.logger,
      brokerVersion,
      metrics: new Map(names.map((name) => [name, WorkerMetrics.allocate()])),
      connections: ConnectionCounters.allocate(),
      failed: (error) => this.threadFailed(error),
    })
    this.threads = threads
    const guard = await PortGuard.claim(config.listeners, lockFile)
    if (!guard.ok) return guard
    this.guard = guard.value
    const opened = await this.unlessFailed(threads.open(guard.value.listeners))
    if (!opened.ok) return opened
    this.knownClusterId = opened.value.clusterId
    return this.serve(threads, guard.value.listeners)
  }

  // Other brokers look for this one where it says it is as soon as it is registered; clients come when
  // it serves.
  private async serve(
    threads: BrokerThreads,
    listeners: readonly BoundListener[],
  ): Promise<Outcome<true>> {
    const isForBrokers = ({ listener }: BoundListener) => listener.role === 'inter-broker'
    const forBrokers = listeners.filter(isForBrokers)
    if (forBrokers.length > 0) {
      const listening = await this.unlessFailed(threads.listen(forBrokers))
      if (!listening.ok) return listening
    }
    const joined = await this.unlessFailed(threads.join())
    if (!joined.ok) return joined
    this.hasJoined = true
    return this.unlessFailed(threads.listen(listeners.filter((one) => !isForBrokers(one))))
  }

  /** A thread that dies while it starts answers nothing. */
  private unlessFailed<T>(outcome: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const failed = this.failed.then((error) => fail('UNEXPECTED', error.message))
    return Promise.race([failed, outcome.catch(() => failed)])
  }

  private threadFailed(error: Error): void {
    this.logger.error('the broker stops because a thread failed', { reason: error.message })
    void this.stop().finally(() => this.reportFailure(error))
  }

  private async handOver(threads: BrokerThreads | undefined): Promise<boolean> {
    if (this.config.store !== undefined && this.hasJoined) await threads?.leave()
    return true
  }

  private async stopInOrder(): Promise<boolean> {
    const { threads, logger } = this
    let isClean = true
    const settle = async (what: string, step: () => Promise<boolean> | undefined) => {
      try {
        isClean = (await step()) !== false && isClean
      } catch (error) {
        isClean = false
        const reason = error instanceof Error ? error.message : String(error)
        logger.warn(`could not ${what} while stopping`, { reason })
      }
    }
    await settle('hand over what it leads', () => this.handOver(threads))
    await settle('answer everything', () => threads?.drain(DRAIN_DEADLINE_MS))
    await settle('close the data directories', () => threads?.close(CLOSE_DEADLINE_MS))
    this.guard?.release()
    return isClean
  }
}

// Only what is used is loaded: it decides how fast a broker starts.
async function makeThreads(options: ThreadsOptions): Promise<BrokerThreads> {
  if (options.config.workers === 0) {
    const { startOnThisThread } = await import('./this-thread.js')
    return startOnThisThread(options)
  }
  const { startThreads } = await import('./threads.js')
  return startThreads(options)
}
