// The shell around the decisions: one command at a time is decided on the state, its folders are made,
// its changes stored, then published to all threads, and only then answered. Belongs to the control
// plane's thread.
import type { Clock, Timer } from '../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { BrokerConfig } from '../config/types.js'
import { type MetadataDelta, MetadataImage, type TopicImage } from '../metadata/image.js'
import type { TopicRecord } from '../metadata/records.js'
import { decideAlterTopicConfigs, type TopicConfigChange } from './alter-configs.js'
import { Placement } from './assignment.js'
import { decideAutoCreate } from './auto-create.js'
import { decideCreatePartitions, type GrowTopic } from './create-partitions.js'
import { decideCreateTopics, type NewTopic, type TopicOutcome } from './create-topic.js'
import { decideDeleteTopics, decideForgetTopics, type TopicReference } from './delete-topic.js'
import { isUsable, type LocalReplicas } from './local-replicas.js'
import { describeLogDirectories, type LogDirectoryDescription } from './log-directories.js'
import type { CommitFailure, MetadataLog } from './metadata-log.js'
import { ProducerIds } from './producer-ids.js'
import type { Change } from './state.js'
import { topicImage } from './topic-image.js'

const DIRECTORY_CHECK_MS = 1000

export interface ControllerParts {
  readonly config: BrokerConfig
  readonly metadata: MetadataLog
  readonly replicas: LocalReplicas
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export class Controller {
  private current: MetadataImage
  private readonly listeners = new Set<(delta: MetadataDelta) => void>()
  private last: Promise<unknown> = Promise.resolve()
  private storeFailure: Failure | undefined
  private readonly producerIds: ProducerIds
  private readonly offline = new Set<string>()
  private readonly check: Timer

  constructor(private readonly parts: ControllerParts) {
    const { metadata, config, clock } = parts
    const topics = Array.from(metadata.state.topics(), (topic) => this.imageOf(topic))
    this.current = MetadataImage.empty.apply({
      version: 1,
      clusterId: metadata.state.cluster?.clusterId ?? '',
      controllerId: config.brokerId,
      brokers: [...metadata.state.brokers.values()],
      topicsChanged: topics,
    })
    this.producerIds = new ProducerIds(metadata.state, (changes) => this.commit(changes))
    this.noteOffline()
    this.check = clock.every(DIRECTORY_CHECK_MS, () => this.checkDirectories())
  }

  get clusterId(): string {
    return this.current.clusterId
  }

  get identityKey(): Uint8Array {
    const key = this.parts.metadata.state.cluster?.identityKey ?? ''
    return Uint8Array.from(Buffer.from(key, 'base64url'))
  }

  image(): MetadataImage {
    return this.current
  }

  /** Told of every change of the image before the command that made it is answered. */
  onDelta(listener: (delta: MetadataDelta) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Why this broker is not fit to serve; undefined when it is. */
  unhealthy(): string | undefined {
    if (this.storeFailure !== undefined) return this.storeFailure.message
    const offline = this.parts.replicas.directories.find((directory) => !isUsable(directory))
    if (offline === undefined) return undefined
    const reason = offline.log?.offlineReason() ?? offline.problem
    return `the data directory ${offline.path} is offline: ${reason}`
  }

  createTopics(
    topics: readonly NewTopic[],
    options: { readonly validateOnly: boolean },
  ): Promise<readonly TopicOutcome[]> {
    return this.exclusive(() => {
      const decision = decideCreateTopics(this.state, topics, this.surroundings())
      return options.validateOnly ? decision.response : this.store(decision.response)
    })
  }

  /** What exists already counts as created. */
  autoCreateTopics(names: readonly string[]): Promise<ReadonlyMap<string, Outcome<TopicImage>>> {
    return this.exclusive(async () => {
      const { response } = decideAutoCreate(this.state, names, this.surroundings())
      const stored = await this.store(response)
      return new Map(
        stored.map(({ name, outcome }) => [
          name,
          outcome.ok ? succeed(this.imageOf(outcome.value)) : outcome,
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
      return options.validateOnly ? decision.response : this.store(decision.response)
    })
  }

  deleteTopics(references: readonly TopicReference[]): Promise<readonly Outcome<TopicRecord>[]> {
    return this.exclusive(async () => {
      const { changes, response } = decideDeleteTopics(this.state, references)
      const failure = await this.commit(changes)
      if (failure !== undefined) return response.map(() => ({ ok: false, failure }))
      const deleted = response.flatMap((outcome) => (outcome.ok ? [outcome.value] : []))
      this.publish({ topicsRemoved: deleted.map(({ name }) => name) })
      const gone = await this.parts.replicas.removeTopics(deleted)
      await this.commit(decideForgetTopics(gone).changes)
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
      const changed = decision.changes.flatMap((c) => (c.type === 'topic' ? [c.record] : []))
      for (const topic of changed) this.parts.replicas.configure(topic)
      this.publishTopics(changed)
      return decision.response
    })
  }

  allocateProducerId(): Promise<Outcome<number>> {
    const spare = this.producerIds.takeSpare()
    return spare === undefined
      ? this.exclusive(() => this.producerIds.take())
      : Promise.resolve(succeed(spare))
  }

  logDirectories(): LogDirectoryDescription[] {
    return describeLogDirectories(this.parts.replicas, this.current)
  }

  /** Waits for what is being done. The store and the logs are closed by whoever opened them. */
  async close(): Promise<void> {
    this.check.cancel()
    await this.exclusive(() => this.parts.metadata.close())
  }

  private get state() {
    return this.parts.metadata.state
  }

  private surroundings() {
    const { config, random, replicas } = this.parts
    const placement = new Placement(config.brokerId, replicas.loads())
    return { broker: config, random, placement }
  }

  // Folders come first: a full disk refuses the topic instead of leaving one that cannot be written.
  private async store(outcomes: readonly TopicOutcome[]): Promise<readonly TopicOutcome[]> {
    const made: TopicRecord[] = []
    const refused = new Map<string, Failure>()
    for (const { name, outcome } of outcomes) {
      if (!outcome.ok || this.state.topicById(outcome.value.id) === outcome.value) continue
      const failure = await this.parts.replicas.create(outcome.value)
      if (failure === undefined) made.push(outcome.value)
      else refused.set(name, failure)
    }
    const failure = await this.commit(made.map((record) => ({ type: 'topic', record })))
    for (const record of made) {
      if (failure === undefined) continue
      const before = this.state.topic(record.name)?.partitions.length ?? 0
      if (!failure.mayBeStored) await this.parts.replicas.discard(record, before)
      refused.set(record.name, failure)
    }
    if (failure === undefined) this.publishTopics(made)
    return outcomes.map(({ name, outcome }) => {
      const refusal = outcome.ok ? refused.get(name) : undefined
      return refusal === undefined
        ? { name, outcome }
        : { name, outcome: fail(refusal.code, refusal.message) }
    })
  }

  private async commit(changes: readonly Change[]): Promise<CommitFailure | undefined> {
    if (this.storeFailure !== undefined) return { ...this.storeFailure, mayBeStored: false }
    const failure = await this.parts.metadata.commit(changes)
    if (failure !== undefined) {
      this.storeFailure = failure
      this.parts.logger.error('the metadata cannot be written any more', {
        code: failure.code,
        reason: failure.message,
      })
    }
    return failure
  }

  private publishTopics(topics: readonly TopicRecord[]): void {
    this.publish({ topicsChanged: topics.map((topic) => this.imageOf(topic)) })
  }

  private publish(change: Omit<MetadataDelta, 'version'>): void {
    if (change.topicsChanged?.length === 0 || change.topicsRemoved?.length === 0) return
    const delta = { version: this.current.version + 1, ...change }
    this.current = this.current.apply(delta)
    for (const listener of this.listeners) listener(delta)
  }

  private imageOf(topic: TopicRecord): TopicImage {
    return topicImage(topic, this.parts.metadata.state, this.parts.replicas)
  }

  private exclusive<T>(act: () => T | Promise<T>): Promise<T> {
    const done = this.last.then(act)
    this.last = done.catch(() => {})
    return done
  }

  // A disk that fails takes its partitions' handles out of every thread's image.
  private checkDirectories(): void {
    const failed = this.noteOffline()
    if (failed.size === 0) return
    const touched = Array.from(this.state.topics()).filter((topic) =>
      topic.partitions.some((_, index) =>
        failed.has(this.parts.replicas.assignedDirectory(topic, index) ?? ''),
      ),
    )
    this.publishTopics(touched)
  }

  private noteOffline(): ReadonlySet<string> {
    const failed = new Set<string>()
    for (const { id, path, log } of this.parts.replicas.directories) {
      if (log === undefined || !log.offline() || this.offline.has(id)) continue
      this.offline.add(id)
      failed.add(id)
      const fields = { directory: path, reason: log.offlineReason() }
      this.parts.logger.error('a data directory went offline', fields)
    }
    return failed
  }
}
