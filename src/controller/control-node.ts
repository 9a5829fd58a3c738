// This broker's part in the control plane: its registration, its view of the cluster, its replicas, and
// the controller while it is elected. What only the controller does is refused with NOT_CONTROLLER
// elsewhere; whoever asks passes it on.
import type { Clock, Timer } from '../base/clock.js'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { ClusterView } from '../cluster/cluster-view.js'
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
import type { MetadataHistory, SeenMetadata } from '../replicas/metadata-history.js'
import type { ReplicaManager } from '../replicas/replica-manager.js'
import type { MetadataStore } from '../store/metadata-store.js'
import type { DrainBroker } from './alter-brokers.js'
import type { TopicConfigChange } from './alter-configs.js'
import type { InSyncChange } from './alter-in-sync.js'
import type { Controller, ControllerParts } from './controller.js'
import { ControllerSeat } from './controller-seat.js'
import type { GrowTopic } from './create-partitions.js'
import type { NewTopic, TopicOutcome } from './create-topic.js'
import type { TopicReference } from './delete-topic.js'
import { leave } from './leaving.js'
import { type MovingPartition, movingPartitions, type Reassignment } from './reassign.js'
import type { ElectionRequest } from './request-election.js'
import { InSyncWriter } from './store-in-sync.js'

export interface ControlNodeParts extends Omit<ControllerParts, 'writer' | 'onLost'> {
  readonly store: MetadataStore
  readonly view: ClusterView
  readonly registration: Registration
  readonly replicas: LocalReplicas
  readonly manager: ReplicaManager
  readonly publisher: ImagePublisher
  readonly history: MetadataHistory
  readonly clock: Clock
  readonly logger: Logger
}

const CHECK_MS = 1000

export class ControlNode {
  private readonly seat: ControllerSeat
  private isClosed = false
  /** The controller knows what this broker cannot serve. */
  private isTold = true
  private readonly producerIds: ProducerIds
  private readonly inSync: InSyncWriter
  private readonly directories: DirectoryWatch
  private readonly check: Timer
  private readonly admissions = new Set<() => void>()

  constructor(private readonly parts: ControlNodeParts) {
    const { view, clock, store } = parts
    this.producerIds = new ProducerIds(store, view)
    this.inSync = new InSyncWriter(parts)
    this.seat = new ControllerSeat({ ...parts, onFailed: () => this.lookAtAdmission() })
    view.onChange((touched) => this.changed(touched))
    this.directories = new DirectoryWatch({ ...parts, state: view.state })
    this.check = clock.every(CHECK_MS, () => {
      void this.checkDirectories()
      void this.seat.runIfNobodyIs()
    })
  }

  /** Registers, and resolves when the controller, here or elsewhere, has let this broker in. */
  async join(): Promise<Outcome<void>> {
    const { registration, manager } = this.parts
    // Before it registers: what cannot be made is told with the registration.
    const all = this.everything()
    await manager.apply(all)
    const registered = await registration.register()
    if (!registered.ok) return registered
    const older = this.parts.history.whyOlder(this.seenMetadata())
    if (older !== undefined) return { ok: false, failure: older }
    await this.seat.runIfNobodyIs()
    await this.admitted()
    await this.controller?.forgetTombstones()
    await manager.apply(this.everything())
    if (this.parts.config.store !== undefined) await this.producerIds.prepare()
    const { failure } = this.seat
    return failure === undefined ? succeed(undefined) : { ok: false, failure }
  }

  /** Stores a change of the in-sync set of a partition that this broker leads. */
  alterInSync(change: Omit<InSyncChange, 'brokerId'>): Promise<Outcome<true>> {
    return this.inSync.alter({ ...change, brokerId: this.parts.config.brokerId })
  }

  get isController(): boolean {
    return this.controller !== undefined
  }

  /** Its process was found dead: nobody waits for its session to end. */
  brokerDied(broker: BrokerRecord): void {
    const { view } = this.parts
    if (this.controller !== undefined) void this.controller.expel(broker)
    else if (view.state.controller?.brokerId === broker.id) void this.seat.runIfNobodyIs(broker)
  }

  /**
   * On the monotonic clock: until then nobody else leads what the threads were told that this broker leads.
   * What they were told under an earlier registration is over.
   */
  sessionUntilMs(): number {
    const { registration, manager } = this.parts
    const isTold = registration.epoch !== undefined && registration.epoch === manager.servedEpoch
    return isTold ? registration.validUntilMs() : Number.NEGATIVE_INFINITY
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
    return this.seat.failure?.message ?? this.directories.unhealthy()
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

  alterReassignments(asked: readonly Reassignment[]): Promise<readonly Outcome<true>[]> {
    const elsewhere = () => asked.map(() => this.notController())
    return this.controller?.alterReassignments(asked) ?? Promise.resolve(elsewhere())
  }

  electLeaders(asked: readonly ElectionRequest[]): Promise<readonly Outcome<true>[]> {
    const elsewhere = () => asked.map(() => this.notController())
    return this.controller?.electLeaders(asked) ?? Promise.resolve(elsewhere())
  }

  drainBroker(asked: DrainBroker): Promise<Outcome<true>> {
    return this.controller?.drainBroker(asked) ?? Promise.resolve(this.notController())
  }

  forgetBroker(brokerId: number): Promise<Outcome<true>> {
    return this.controller?.forgetBroker(brokerId) ?? Promise.resolve(this.notController())
  }

  /** The partitions that are on the move, as far as this broker knows. */
  reassignments(): readonly MovingPartition[] {
    return movingPartitions(this.parts.view.state)
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
      marked: () => void this.seat.reconcile(),
    })
    await this.parts.manager.settled()
  }

  /** Waits for what is being done. The store and the logs are closed by whoever opened them. */
  async close(): Promise<void> {
    this.isClosed = true
    this.check.cancel()
    await this.seat.close()
    await this.parts.registration.close()
    await this.parts.manager.settled()
    this.parts.view.close()
    this.parts.history.note(this.seenMetadata())
    await this.parts.history.close()
  }

  private changed(touched: Touched): void {
    if (this.isClosed) return
    void this.parts.manager.apply(touched)
    if (touched.brokers || touched.controller) this.parts.history.note(this.seenMetadata())
    if (touched.brokers) {
      this.parts.registration.check()
      void this.seat.reconcile()
      this.lookAtAdmission()
    }
    if (touched.hasTopics) void this.seat.reconcile()
    if (touched.controller) {
      this.seat.resignIfReplaced()
      void this.seat.runIfNobodyIs()
    }
  }

  private everything(): Touched {
    const all = new Touched()
    all.brokers = true
    all.controller = true
    for (const topic of this.parts.view.state.topics()) all.addTopic(topic.id)
    return all
  }

  // What could not be stored is told a period later.
  private async checkDirectories(): Promise<void> {
    const { manager, registration } = this.parts
    if (this.directories.check() || manager.failedToMake) this.isTold = false
    if (!this.isTold) this.isTold = await registration.tellUnavailable()
  }

  private seenMetadata(): SeenMetadata {
    const { view } = this.parts
    return { controllerEpoch: view.state.controllerEpoch, version: view.highestVersion }
  }

  private lookAtAdmission(): void {
    for (const check of [...this.admissions]) check()
  }

  private admitted(): Promise<void> {
    const { view, config } = this.parts
    return new Promise((done) => {
      const check = () => {
        const isIn = view.state.isActive(config.brokerId)
        if (!isIn && this.seat.failure === undefined && !this.isClosed) return
        this.admissions.delete(check)
        done()
      }
      this.admissions.add(check)
      check()
    })
  }

  private get controller(): Controller | undefined {
    return this.seat.controller
  }

  private notController(): Outcome<never> {
    const { failure } = this.seat
    return failure === undefined
      ? fail('NOT_CONTROLLER', 'This broker is not the controller.')
      : { ok: false, failure }
  }
}
