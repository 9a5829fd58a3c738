// This broker's part in the control plane: its registration, its view of the cluster, its replicas, and
// the controller while it is elected. What only the controller does is refused with NOT_CONTROLLER
// elsewhere; whoever asks passes it on.
import type { Clock, Timer } from '../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { ClusterView } from '../cluster/cluster-view.js'
import { runForController } from '../cluster/controller-election.js'
import { ProducerIds } from '../cluster/producer-ids.js'
import type { Registration } from '../cluster/registration.js'
import { Touched } from '../cluster/touched.js'
import type { MetadataDelta, MetadataImage, TopicImage } from '../metadata/image.js'
import type { BrokerRecord, TopicRecord } from '../metadata/records.js'
import { DirectoryWatch } from '../replicas/directory-watch.js'
import type { ImagePublisher } from '../replicas/image-publisher.js'
import type { LocalReplicas } from '../replicas/local-replicas.js'
import {
  describeLogDirectories,
  type LogDirectoryDescription,
} from '../replicas/log-directories.js'
import type { ReplicaManager } from '../replicas/replica-manager.js'
import type { MetadataStore } from '../store/metadata-store.js'
import type { TopicConfigChange } from './alter-configs.js'
import type { InSyncChange } from './alter-in-sync.js'
import { Controller, type ControllerParts } from './controller.js'
import type { GrowTopic } from './create-partitions.js'
import type { NewTopic, TopicOutcome } from './create-topic.js'
import type { TopicReference } from './delete-topic.js'
import { leave } from './leaving.js'
import { alterInSync } from './store-in-sync.js'

export interface ControlNodeParts extends Omit<ControllerParts, 'writer' | 'onLost'> {
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly registration: Registration
  readonly replicas: LocalReplicas
  readonly manager: ReplicaManager
  readonly publisher: ImagePublisher
  readonly clock: Clock
  readonly logger: Logger
}

const CHECK_MS = 1000
const RECONCILE_AGAIN_MS = 500

export class ControlNode {
  private controller: Controller | undefined
  private running: Promise<void> | undefined
  private storeFailure: Failure | undefined
  private isClosed = false
  private readonly producerIds: ProducerIds
  private readonly directories: DirectoryWatch
  private readonly check: Timer
  private readonly admissions = new Set<() => void>()

  constructor(private readonly parts: ControlNodeParts) {
    const { view, clock, store } = parts
    this.producerIds = new ProducerIds(store, view)
    view.onChange((touched) => this.changed(touched))
    this.directories = new DirectoryWatch({ ...parts, state: view.state })
    this.check = clock.every(CHECK_MS, () => {
      this.directories.check()
      void this.runIfNobodyIs()
    })
  }

  /** Registers, and resolves when the controller, here or elsewhere, has let this broker in. */
  async join(): Promise<Outcome<void>> {
    const { registration, manager, view } = this.parts
    const registered = await registration.register()
    if (!registered.ok) return registered
    await this.runIfNobodyIs()
    await this.admitted()
    await this.controller?.forgetTombstones()
    const all = new Touched()
    all.brokers = true
    all.controller = true
    for (const topic of view.state.topics()) all.topicIds.add(topic.id)
    await manager.apply(all)
    if (this.parts.config.store !== undefined) await this.producerIds.prepare()
    return this.storeFailure === undefined
      ? succeed(undefined)
      : { ok: false, failure: this.storeFailure }
  }

  /** Stores a change of the in-sync set of a partition that this broker leads. */
  alterInSync(change: Omit<InSyncChange, 'brokerId'>): Promise<Outcome<true>> {
    const { config, store, view, manager } = this.parts
    return alterInSync({ ...change, brokerId: config.brokerId }, { config, store, view, manager })
  }

  get isController(): boolean {
    return this.controller !== undefined
  }

  /** Its process was found dead: nobody waits for its session to end. */
  brokerDied(broker: BrokerRecord): void {
    const { view } = this.parts
    if (this.controller !== undefined) void this.controller.expel(broker)
    else if (view.state.controller?.brokerId === broker.id) void this.runIfNobodyIs(broker)
  }

  get clusterId(): string {
    return this.parts.view.state.cluster?.clusterId ?? ''
  }

  get identityKey(): Uint8Array {
    const key = this.parts.view.state.cluster?.identityKey ?? ''
    return Uint8Array.from(Buffer.from(key, 'base64url'))
  }

  image(): MetadataImage {
    return this.parts.publisher.image()
  }

  /** Told of every change of the image before the command that made it is answered. */
  onDelta(listener: (delta: MetadataDelta) => void): () => void {
    return this.parts.publisher.onDelta(listener)
  }

  /** Why this broker is not fit to serve; undefined when it is. */
  unhealthy(): string | undefined {
    return this.storeFailure?.message ?? this.directories.unhealthy()
  }

  createTopics(
    topics: readonly NewTopic[],
    options: { readonly validateOnly: boolean },
  ): Promise<readonly TopicOutcome[]> {
    const elsewhere = () => topics.map(({ name }) => ({ name, outcome: this.notController() }))
    return this.controller?.createTopics(topics, options) ?? Promise.resolve(elsewhere())
  }

  autoCreateTopics(names: readonly string[]): Promise<ReadonlyMap<string, Outcome<TopicImage>>> {
    const elsewhere = () => new Map(names.map((name) => [name, this.notController()]))
    return this.controller?.autoCreateTopics(names) ?? Promise.resolve(elsewhere())
  }

  createPartitions(
    topics: readonly GrowTopic[],
    options: { readonly validateOnly: boolean },
  ): Promise<readonly TopicOutcome[]> {
    const elsewhere = () => topics.map(({ name }) => ({ name, outcome: this.notController() }))
    return this.controller?.createPartitions(topics, options) ?? Promise.resolve(elsewhere())
  }

  deleteTopics(references: readonly TopicReference[]): Promise<readonly Outcome<TopicRecord>[]> {
    const elsewhere = () => references.map(() => this.notController())
    return this.controller?.deleteTopics(references) ?? Promise.resolve(elsewhere())
  }

  alterTopicConfigs(
    asked: readonly TopicConfigChange[],
    options: { readonly validateOnly: boolean },
  ): Promise<readonly Outcome<void>[]> {
    const elsewhere = () => asked.map(() => this.notController())
    return this.controller?.alterTopicConfigs(asked, options) ?? Promise.resolve(elsewhere())
  }

  allocateProducerId(): Promise<Outcome<number>> {
    return this.producerIds.take()
  }

  logDirectories(): LogDirectoryDescription[] {
    return describeLogDirectories(this.parts.replicas, this.image())
  }

  /** Gives up what others can lead, and resolves when they lead it, or the time is up. */
  async leave(withinMs: number): Promise<void> {
    await leave(this.parts, {
      withinMs,
      marked: () => void this.reconcile(),
    })
    await this.parts.manager.settled()
  }

  /** Waits for what is being done. The store and the logs are closed by whoever opened them. */
  async close(): Promise<void> {
    this.isClosed = true
    this.check.cancel()
    await this.running
    await this.controller?.close()
    await this.parts.registration.close()
    await this.parts.manager.settled()
    this.parts.view.close()
  }

  private changed(touched: Touched): void {
    if (this.isClosed) return
    void this.parts.manager.apply(touched)
    if (touched.brokers) {
      this.parts.registration.check()
      void this.reconcile()
      for (const check of [...this.admissions]) check()
    }
    if (touched.topicIds.size > 0) void this.reconcile()
    if (touched.controller) {
      this.resignIfReplaced()
      void this.runIfNobodyIs()
    }
  }

  private admitted(): Promise<void> {
    const { view, config } = this.parts
    return new Promise((done) => {
      const check = () => {
        const isIn = view.state.isActive(config.brokerId)
        if (!isIn && this.storeFailure === undefined && !this.isClosed) return
        this.admissions.delete(check)
        done()
      }
      this.admissions.add(check)
      check()
    })
  }

  private runIfNobodyIs(dead?: BrokerRecord): Promise<void> {
    this.running ??= this.run(dead).finally(() => {
      this.running = undefined
    })
    return this.running
  }

  private async run(dead: BrokerRecord | undefined): Promise<void> {
    const { view, registration, store, config } = this.parts
    const { session } = registration
    if (this.isClosed || session === undefined || this.controller !== undefined) return
    if (this.storeFailure !== undefined) return
    const there = view.state.controller
    const { brokerId } = config
    // Under this broker's own id it is one that resigned, or a process before this one.
    const isReplaceable = there?.brokerId === dead?.id || there?.brokerId === brokerId
    const replaces = isReplaceable ? there : undefined
    if (there !== undefined && replaces === undefined) return
    const elected = await runForController(
      { store, view, brokerId },
      { session, ...(replaces === undefined ? {} : { replaces }) },
    )
    if (!elected.ok) {
      const { code, message } = elected.failure
      this.parts.logger.warn('the election of a controller failed', { code, reason: message })
      return
    }
    if (elected.value === undefined) return
    const controller = new Controller({
      ...this.parts,
      writer: elected.value,
      onLost: (failure) => this.resigned(failure),
    })
    this.controller = controller
    const { logger } = this.parts
    const tell = config.store === undefined ? logger.debug : logger.info
    tell('this broker is the controller now', { epoch: elected.value.epoch })
    if (dead !== undefined) await controller.expel(dead)
    await this.reconcile()
  }

  private async reconcile(): Promise<void> {
    const { controller } = this
    if (controller === undefined || (await controller.reconcile())) return
    this.parts.clock.after(RECONCILE_AGAIN_MS, () => {
      if (controller === this.controller) void this.reconcile()
    })
  }

  // Somebody else is, or the session that the key belonged to has ended: who writes on would be refused.
  private resignIfReplaced(): void {
    const { view, logger } = this.parts
    const { controller } = this
    if (controller === undefined || view.state.controller?.epoch === controller.epoch) return
    logger.info('this broker is not the controller any more', { epoch: controller.epoch })
    this.controller = undefined
  }

  // A single broker has nobody who could write in its place, and says so.
  private resigned(failure: Failure): void {
    this.controller = undefined
    if (this.parts.config.store === undefined) this.storeFailure = failure
    for (const check of [...this.admissions]) check()
  }

  private notController(): Outcome<never> {
    return this.storeFailure === undefined
      ? fail('NOT_CONTROLLER', 'This broker is not the controller.')
      : { ok: false, failure: this.storeFailure }
  }
}
