// Puts one io thread together: partitions, dispatcher, sessions and, once told to, its listeners. Runs in
// a worker, or on the calling thread with `workers: 0`.
import { systemClock } from '../base/clock.js'
import { Deadlines } from '../base/deadlines.js'
import type { Logger } from '../base/logger.js'
import { systemRandom } from '../base/random.js'
import type { BrokerConfig } from '../config/types.js'
import type { IoServices } from '../handlers/context.js'
import { controlTable } from '../handlers/control-table.js'
import { Dispatcher } from '../handlers/dispatcher.js'
import { errorOf } from '../handlers/error-mapping.js'
import { interBrokerTable } from '../handlers/inter-broker/table.js'
import { ioTable } from '../handlers/io-table.js'
import { BuilderPool } from '../handlers/millrace/producer-channel/builder-pool.js'
import { MillraceSessions } from '../handlers/millrace/sessions.js'
import { TurnQueue } from '../handlers/millrace/turn-queue.js'
import type { HandlerTable } from '../handlers/table.js'
import {
  attachDirectory,
  attachPartition,
  decompress,
  onMoved,
  subscribeMoved,
  unsubscribeMoved,
} from '../log/log.js'
import { observeThread } from '../metrics/thread-observer.js'
import { WorkerMetrics } from '../metrics/worker-metrics.js'
import type { FrameHandlerFactory } from '../network/types.js'
import { ServedRegistry } from '../partition/served-registry.js'
import { tcpTransport } from '../peer/tcp-transport.js'
import { LeaderLinks } from '../relay/leader-links.js'
import { RemotePartitions } from '../relay/remote-partitions.js'
import { Follower } from '../replication/follower.js'
import { startLeaderDuty } from '../replication/leader-duty.js'
import { SharedWatches } from '../replication/shared-watches.js'
import type { ControlLink } from './control-plane.js'
import { countedFrames } from './counted-frames.js'
import { httpEndpoints } from './http-endpoints.js'
import { IoListeners } from './io-listeners.js'
import type { BoundListener } from './messages.js'
import { nativeCrc32c } from './native-crc.js'
import { requestObserver } from './request-observer.js'
import { startRetentionDuty } from './retention-duty.js'
import { WriteBudget } from './write-budget.js'

export interface IoServiceOptions {
  readonly name: string
  /** This io thread's number among `workers`. */
  readonly worker: number
  readonly workers: number
  readonly config: BrokerConfig
  readonly control: ControlLink
  readonly identityKey: Uint8Array
  /** Of this process, among all that served under this broker id. */
  readonly incarnation: string
  /** Handles of the data directories. */
  readonly directories: readonly number[]
  readonly brokerVersion: string
  readonly logger: Logger
  readonly metrics: SharedArrayBuffer
  readonly connections: SharedArrayBuffer
}

export class IoService {
  private readonly listeners: IoListeners
  private readonly deadlines = new Deadlines(systemClock)
  private readonly partitions: ServedRegistry
  private readonly watches = new SharedWatches({
    watch: subscribeMoved,
    unwatch: unsubscribeMoved,
  })
  private readonly sessions: MillraceSessions
  private readonly stops: (() => void)[] = []
  private isServing = false

  constructor(private readonly options: IoServiceOptions) {
    const { config, control, logger } = options
    const metrics = new WorkerMetrics(options.metrics)
    const budget = new WriteBudget(options.directories.map(attachDirectory), systemClock)
    this.stops.push(() => budget.close())
    this.partitions = this.servePartitions()
    this.followLeaders()
    const services: IoServices = {
      config,
      clock: systemClock,
      deadlines: this.deadlines,
      random: systemRandom,
      logger,
      partitions: this.partitions,
      control,
      incarnation: options.incarnation,
      metadata: () => control.image(),
    }
    this.sessions = new MillraceSessions({
      ...services,
      identityKey: options.identityKey,
      brokerVersion: options.brokerVersion,
      turns: new TurnQueue((run) => setImmediate(run)),
      remote: this.remotePartitions(),
      writeBudget: budget,
      builders: new BuilderPool(nativeCrc32c),
      decompress,
    })
    this.listeners = new IoListeners({
      name: options.name,
      config,
      logger,
      metrics,
      connections: options.connections,
      handlers: {
        kafka: countedFrames(this.kafkaHandlers(services, metrics), metrics, budget),
        millrace: this.sessions.open,
        http: httpEndpoints(control, () => this.isServing),
      },
    })
    this.stops.push(observeThread(metrics, systemClock))
    this.stops.push(
      startRetentionDuty({
        clock: systemClock,
        logger,
        periodMs: config.retentionCheckIntervalMs,
        worker: options.worker,
        workers: options.workers,
        image: () => control.image(),
        attach: attachPartition,
      }),
    )
  }

  async listen(listeners: readonly BoundListener[]): Promise<void> {
    await this.listeners.listen(listeners)
    this.isServing = true
  }

  /** Accepts no more, answers what is in flight, closes. */
  async drain(deadlineMs: number): Promise<void> {
    this.isServing = false
    this.sessions.announceDrain()
    await this.listeners.drain('the broker stops', deadlineMs, () => this.sessions.close())
    for (const stop of this.stops.splice(0)) stop()
    this.partitions.close()
    this.deadlines.close()
  }

  /** For a thread that ends in any other way: open sockets would take the process with them. */
  abandon(): void {
    this.listeners.close()
  }

  private servePartitions(): ServedRegistry {
    const { config, control } = this.options
    const partitions = new ServedRegistry({
      brokerId: config.brokerId,
      deadlines: this.deadlines,
      leaderPromise: config.flush === 'group' ? 'durable' : 'published',
      isSessionAlive: () => systemClock.monotonicMs() < control.sessionUntilMs(),
      attach: attachPartition,
      watch: (handle) => this.watches.watch(handle),
      unwatch: (handle) => this.watches.unwatch(handle),
    })
    partitions.apply(control.image().toDelta())
    this.stops.push(control.onDelta((delta) => partitions.apply(delta)))
    this.stops.push(onMoved((handles) => partitions.onMoved(handles)))
    return partitions
  }

  private remotePartitions(): RemotePartitions {
    const { config, control } = this.options
    const { brokerId } = config
    const image = () => control.image()
    const transport = tcpTransport
    const clock = systemClock
    const links = new LeaderLinks({ brokerId, image, transport, clock })
    const remote = new RemotePartitions({ links, clock, image, errorOf })
    this.stops.push(() => remote.close())
    return remote
  }

  // After the partitions have heard of a change: one that is led no more is followed then.
  private followLeaders(): void {
    const { config, control, worker, workers, logger } = this.options
    const follower = new Follower({
      brokerId: config.brokerId,
      worker,
      workers,
      reportsDurable: config.flush === 'group',
      image: () => control.image(),
      attach: attachPartition,
      watch: (handle) => this.watches.watch(handle),
      unwatch: (handle) => this.watches.unwatch(handle),
      transport: tcpTransport,
      clock: systemClock,
      random: systemRandom,
      logger,
    })
    follower.update()
    this.stops.push(control.onDelta((delta) => follower.update(delta)))
    this.stops.push(onMoved((handles) => follower.onMoved(handles)))
    this.stops.push(() => follower.close())
    this.stops.push(
      startLeaderDuty({
        brokerId: config.brokerId,
        worker,
        workers,
        lagMaxMs: config.replicaLagMaxMs,
        clock: systemClock,
        logger,
        image: () => control.image(),
        attach: attachPartition,
        alterInSync: (change) => control.alterInSync(change),
      }),
    )
  }

  private kafkaHandlers(services: IoServices, metrics: WorkerMetrics): FrameHandlerFactory {
    const { control, logger } = this.options
    const forClients = ioTable(services, controlTable)
    const dispatcherOf = (table: HandlerTable<IoServices>) =>
      new Dispatcher<IoServices>({
        table,
        services,
        clock: systemClock,
        logger,
        forward: (frame, client) => control.forward(frame, client),
        observer: requestObserver(metrics),
      })
    const clients = dispatcherOf(forClients)
    const brokers = dispatcherOf(interBrokerTable(forClients))
    return (connection) =>
      (connection.listener.role === 'inter-broker' ? brokers : clients).connection({
        connectionId: connection.id,
        listener: connection.listener,
        remoteAddress: connection.remoteAddress,
        transport: connection.transport,
        softwareName: '',
        softwareVersion: '',
      })
  }
}
