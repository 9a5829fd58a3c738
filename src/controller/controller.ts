// The elected controller: one command at a time is decided on the state, stored under its epoch, brought
// to this broker's own folders and threads, and only then answered. Belongs to the control plane's thread;
// lives as long as its epoch is the highest.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { ClusterView } from '../cluster/cluster-view.js'
import type { CommitFailure, Committed, MetadataWriter } from '../cluster/metadata-writer.js'
import type { BrokerConfig } from '../config/types.js'
import type { Change, ClusterState } from '../metadata/cluster-state.js'
import type { TopicImage } from '../metadata/image.js'
import type { BrokerRecord, PartitionRecord, TopicRecord } from '../metadata/records.js'
import type { ImagePublisher } from '../replicas/image-publisher.js'
import type { LocalReplicas } from '../replicas/local-replicas.js'
import type { ReplicaManager } from '../replicas/replica-manager.js'
import { type DrainBroker, decideDrain, decideForgetBroker } from './alter-brokers.js'
import { decideAlterTopicConfigs, type TopicConfigChange } from './alter-configs.js'
import { alterPartitions, type NamedPartition } from './alter-partitions.js'
import { Placement } from './assignment.js'
import { decideAutoCreate } from './auto-create.js'
import { unbalancedPartitions } from './balance-leaders.js'
import { decideCreatePartitions, type GrowTopic } from './create-partitions.js'
import { decideCreateTopics, type NewTopic, type TopicOutcome } from './create-topic.js'
import { decideLiveness } from './decide-liveness.js'
import { decideDeleteTopics, type TopicReference } from './delete-topic.js'
import { partitionRules } from './partition-rules.js'
import { decideReassign, type Reassignment } from './reassign.js'
import { decideRequestedElection, type ElectionRequest } from './request-election.js'
import { TopicKeeper } from './topic-keeper.js'

export interface ControllerParts {
  readonly config: BrokerConfig
  readonly writer: MetadataWriter
  readonly view: ClusterView
  readonly replicas: LocalReplicas
  readonly manager: ReplicaManager
  readonly publisher: ImagePublisher
  readonly random: Random
  readonly logger: Logger
  /** Told once, when nothing can be written any more. */
  onLost(failure: CommitFailure): void
}

/** Leaders and brokers change records meanwhile; whoever is overtaken this often is told so. */
const MAX_DECISIONS = 20

export class Controller {
  private last: Promise<unknown> = Promise.resolve()
  private lost: CommitFailure | undefined
  private isClosing = false

  private readonly topics: TopicKeeper

  constructor(private readonly parts: ControllerParts) {
    this.topics = new TopicKeeper({ ...parts, commit: (changes) => this.commit(changes) })
  }

  get epoch(): number {
    return this.parts.writer.epoch
  }

  /** Lets in and shuts out brokers by their sessions, and elects. False: it has to be tried again. */
  reconcile(): Promise<boolean> {
    return this.exclusive(async () => {
      const rules = { of: partitionRules(this.parts.config) }
      for (let tries = 0; tries < MAX_DECISIONS && this.lost === undefined; tries++) {
        const { changes, response } = decideLiveness(this.state, rules)
        if (changes.length === 0) return true
        const { admitted, fenced } = response
        const { logger, config } = this.parts
        // A broker that is alone lets in itself.
        const tell = config.store === undefined ? logger.debug : logger.info
        tell('brokers or replicas came or went', {
          admitted: admitted.join(),
          fenced: fenced.join(),
          changes: changes.length,
        })
        const committed = await this.parts.writer.commitInOrder(changes)
        if (committed.status === 'failed') this.lose(committed.failure)
      }
      return false
    })
  }

  /** Of a broker whose process is dead: its session ends now. */
  expel(broker: BrokerRecord): Promise<void> {
    return this.exclusive(async () => {
      const { id, epoch } = broker
      const before = this.state.brokerStates.get(id)
      if (before?.epoch !== epoch || this.state.brokers.get(id)?.epoch !== epoch) return
      this.parts.logger.warn('the process of a broker is dead', { brokerId: id, epoch })
      await this.commit([
        { type: 'broker-state', brokerId: id, record: { ...before, isFenced: true } },
        { type: 'broker-gone', brokerId: id },
      ])
    })
  }

  createTopics(
    topics: readonly NewTopic[],
    options: { readonly validateOnly: boolean },
  ): Promise<readonly TopicOutcome[]> {
    return this.exclusive(() => {
      const decision = decideCreateTopics(this.state, topics, this.surroundings())
      return options.validateOnly ? decision.response : this.topics.store(decision.response)
    })
  }

  /** What exists already counts as created. */
  autoCreateTopics(names: readonly string[]): Promise<ReadonlyMap<string, Outcome<TopicImage>>> {
    return this.exclusive(async () => {
      const { response } = decideAutoCreate(this.state, names, this.surroundings())
      const stored = await this.topics.store(response)
      return new Map(
        stored.map(({ name, outcome }) => [
          name,
          outcome.ok ? this.imageOf(outcome.value) : outcome,
        ]),
      )
    })
  }

  createPartitions(
    topics: readonly GrowTopic[],
    options: { readonly validateOnly: boolean },
  ): Promise<readonly TopicOutcome[]> {
    return this.exclusive(() => {
      const decision = decideCreatePartitions(this.state, topics, this.surroundings())
      return options.validateOnly ? decision.response : this.topics.store(decision.response)
    })
  }

  deleteTopics(references: readonly TopicReference[]): Promise<readonly Outcome<TopicRecord>[]> {
    return this.exclusive(async () => {
      const { changes, response } = decideDeleteTopics(this.state, references)
      const failure = await this.commit(changes)
      if (failure !== undefined) return response.map(() => ({ ok: false, failure }))
      await this.topics.forget(response.flatMap((outcome) => (outcome.ok ? [outcome.value] : [])))
      return response
    })
  }

  alterTopicConfigs(
    asked: readonly TopicConfigChange[],
    options: { readonly validateOnly: boolean },
  ): Promise<readonly Outcome<void>[]> {
    return this.exclusive(async () => {
      const decision = decideAlterTopicConfigs(this.state, asked, this.parts.config)
      if (options.validateOnly) return decision.response
      const failure = await this.commit(decision.changes)
      if (failure !== undefined) return asked.map(() => ({ ok: false, failure }))
      return decision.response
    })
  }

  alterReassignments(asked: readonly Reassignment[]): Promise<readonly Outcome<true>[]> {
    return this.alterPartitions(asked, decideReassign)
  }

  electLeaders(asked: readonly ElectionRequest[]): Promise<readonly Outcome<true>[]> {
    const rules = partitionRules(this.parts.config)
    return this.alterPartitions(asked, (state, one) => decideRequestedElection(state, one, rules))
  }

  /** Has preferred replicas lead again where too many do not. */
  async balanceLeaders(): Promise<void> {
    const asked = unbalancedPartitions(this.state)
    if (asked.length === 0) return
    this.parts.logger.info('preferred replicas lead again', { partitions: asked.length })
    await this.electLeaders(asked)
  }

  drainBroker(asked: DrainBroker): Promise<Outcome<true>> {
    return this.alterBroker((state) => decideDrain(state, asked))
  }

  forgetBroker(brokerId: number): Promise<Outcome<true>> {
    return this.alterBroker((state) => decideForgetBroker(state, brokerId))
  }

  /** Finishes deletions that a stop cut off. */
  forgetTombstones(): Promise<void> {
    return this.exclusive(() => this.topics.forget(this.state.tombstones()))
  }

  /** Waits for what is being done. */
  async close(): Promise<void> {
    this.isClosing = true
    this.parts.writer.stop()
    await this.exclusive(() => undefined)
  }

  private get state() {
    return this.parts.view.state
  }

  private surroundings() {
    const { config, random, replicas } = this.parts
    const placement = new Placement(config.brokerId, replicas.loads())
    return { broker: config, random, placement }
  }

  private alterPartitions<T extends NamedPartition>(
    asked: readonly T[],
    decide: (state: ClusterState, one: T) => Outcome<PartitionRecord>,
  ): Promise<readonly Outcome<true>[]> {
    const { state, epoch: controllerEpoch } = this
    const commit = (changes: readonly Change[]) => this.tryCommit(changes)
    return this.exclusive(() => alterPartitions(asked, { state, controllerEpoch, decide, commit }))
  }

  private alterBroker(
    decide: (state: ClusterState) => Outcome<readonly Change[]>,
  ): Promise<Outcome<true>> {
    return this.exclusive(async () => {
      const decided = decide(this.state)
      if (!decided.ok) return decided
      const failure = await this.commit(decided.value)
      return failure === undefined ? succeed(true) : { ok: false, failure }
    })
  }

  private async tryCommit(changes: readonly Change[]): Promise<Committed> {
    if (this.lost !== undefined) {
      return { status: 'failed', failure: { ...this.lost, mayBeStored: false } }
    }
    const committed = await this.parts.writer.commitInOrder(changes)
    await this.parts.manager.settled()
    if (committed.status === 'failed') this.lose(committed.failure)
    return committed
  }

  private async commit(changes: readonly Change[]): Promise<CommitFailure | undefined> {
    const committed = await this.tryCommit(changes)
    switch (committed.status) {
      case 'committed':
        return undefined
      case 'overtaken':
        return {
          ...fail('TIMED_OUT', `${committed.key} changed meanwhile`).failure,
          mayBeStored: false,
        }
      case 'failed':
        return committed.failure
    }
  }

  private lose(failure: CommitFailure): void {
    this.lost = failure
    if (this.isClosing) return
    this.parts.logger.error('the metadata cannot be written any more', {
      code: failure.code,
      reason: failure.message,
    })
    this.parts.onLost(failure)
  }

  private imageOf(topic: TopicRecord): Outcome<TopicImage> {
    const image = this.parts.publisher.image().topicById(topic.id)
    return image === undefined
      ? fail('UNKNOWN_TOPIC_OR_PARTITION', `${topic.name} is gone again`)
      : succeed(image)
  }

  private exclusive<T>(act: () => T | Promise<T>): Promise<T> {
    const done = this.last.then(act)
    this.last = done.catch(() => {})
    return done
  }
}
