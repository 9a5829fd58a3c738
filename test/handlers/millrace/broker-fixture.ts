// The millrace.v1 side of a broker over stand-ins: real sessions, channels and partitions, logs in
// memory (sequenced-log.ts), a control plane that does at once what it is asked.
import assert from 'node:assert/strict'
import { Deadlines } from '../../../src/base/deadlines.js'
import { fail, type Outcome, succeed } from '../../../src/base/errors.js'
import { type Logger, silentLogger } from '../../../src/base/logger.js'
import { systemRandom } from '../../../src/base/random.js'
import type { TopicCreation } from '../../../src/handlers/context.js'
import { errorOf } from '../../../src/handlers/error-mapping.js'
import { BuilderPool } from '../../../src/handlers/millrace/producer-channel/builder-pool.js'
import type { MillraceServices } from '../../../src/handlers/millrace/services.js'
import { MillraceSessions } from '../../../src/handlers/millrace/sessions.js'
import { TurnQueue } from '../../../src/handlers/millrace/turn-queue.js'
import { MetadataImage, type TopicImage } from '../../../src/metadata/image.js'
import type { MessageHandler, MessageSocket } from '../../../src/network/types.js'
import { ServedRegistry } from '../../../src/partition/served-registry.js'
import { crc32c } from '../../../src/protocol/records/crc32c.js'
import { LeaderLinks } from '../../../src/relay/leader-links.js'
import { RemotePartitions } from '../../../src/relay/remote-partitions.js'
import { WriteBudget } from '../../../src/runtime/write-budget.js'
import { ManualClock } from '../../partition/manual-clock.js'
import type { MemoryLogOptions } from '../../partition/memory-log.js'
import { config, listener } from '../io-fixture.js'
import { SequencedLog } from './sequenced-log.js'

export interface BrokerFixtureOptions {
  readonly log?: MemoryLogOptions
  readonly autoCreateTopics?: boolean
  /** Default: the test runs turns itself. */
  readonly defer?: (run: () => void) => void
  readonly flush?: 'group' | 'os'
}

export class BrokerFixture {
  readonly clock = new ManualClock()
  readonly sessions: MillraceSessions
  readonly registry: ServedRegistry
  readonly services: MillraceServices
  readonly defects: string[] = []
  image = MetadataImage.empty
  isOverBudget = false
  private readonly logs: SequencedLog[] = []
  private deferred: (() => void)[] = []
  private version = 0
  private nextProducerId = 1000
  private topicsMade = 0

  constructor(private readonly options: BrokerFixtureOptions = {}) {
    const deadlines = new Deadlines(this.clock)
    this.registry = new ServedRegistry({
      brokerId: 1,
      deadlines,
      leaderPromise: options.flush === 'os' ? 'published' : 'durable',
      isSessionAlive: () => true,
      attach: (handle) => this.log(handle),
      watch: () => {},
      unwatch: () => {},
    })
    const logger: Logger = { ...silentLogger, error: (_, fields) => this.noteDefect(fields) }
    this.services = {
      config: { ...config, autoCreateTopics: options.autoCreateTopics ?? true },
      clock: this.clock,
      deadlines,
      random: systemRandom,
      logger,
      partitions: this.registry,
      control: {
        autoCreateTopics: async (names) =>
          new Map(names.map((name) => [name, succeed(this.topic(name))])),
        createTopic: async (request) => this.createTopic(request),
        deleteTopic: async (name) => this.deleteTopic(name),
        alterInSync: async () => fail('NOT_LEADER', 'a single broker'),
        allocateProducerId: async () => succeed(this.nextProducerId++),
        forward: () => Promise.resolve([]),
      },
      incarnation: 'this-process',
      metadata: () => this.image,
      identityKey: new TextEncoder().encode('a key of the tests'),
      brokerVersion: '0.0.0-test',
      turns: new TurnQueue(options.defer ?? ((run) => this.deferred.push(run))),
      writeBudget: new WriteBudget([{ overBudget: () => this.isOverBudget }], this.clock),
      remote: this.nobodyElse(),
      builders: new BuilderPool(crc32c),
      decompress: () => assert.fail('nothing here is compressed'),
    }
    this.apply({ version: 0, clusterId: 'a-cluster', controllerId: 1 })
    this.sessions = new MillraceSessions(this.services)
  }

  private nobodyElse(): RemotePartitions {
    const image = () => this.image
    const transport = { connect: () => assert.fail('there is no other broker') }
    const links = new LeaderLinks({ brokerId: 1, image, transport, clock: this.clock })
    return new RemotePartitions({ links, clock: this.clock, image, errorOf })
  }

  topic(name: string, partitions = 1): TopicImage {
    const id = `${name.replaceAll(/[^a-z]/g, '')}${this.topicsMade++}`.padEnd(21, '0')
    const topic: TopicImage = {
      name,
      id: `${id.slice(0, 21)}A`,
      isInternal: false,
      partitions: Array.from({ length: partitions }, (_, index) => ({
        index,
        leaderId: 1,
        leaderEpoch: 0,
        replicas: [1],
        inSyncReplicas: [1],
        eligibleLeaders: [],
        logHandle: this.newLog(`${name}-${index}`),
      })),
      configs: {},
    }
    this.apply({ version: ++this.version, topicsChanged: [topic] })
    return topic
  }

  removeTopic(name: string): void {
    this.apply({ version: ++this.version, topicsRemoved: [name] })
  }

  logOf(topic: string, index = 0): SequencedLog {
    return this.log(this.image.topic(topic)?.partitions[index]?.logHandle ?? -1)
  }

  /** All partitions become durable and visible, and those who wait are told. */
  settle(): void {
    for (const log of this.logs) log.settle()
    this.moved()
  }

  moved(): void {
    this.registry.onMoved(this.logs.map((log) => log.handle))
  }

  connect(socket: MessageSocket): MessageHandler {
    const info = { id: 'c1', listener, remoteAddress: '127.0.0.1:1', requestedHost: undefined }
    return this.sessions.open({ ...info, transport: 'websocket' }, socket)
  }

  /** Ends event-loop turns until nothing is left to do in them. */
  async turn(): Promise<void> {
    for (;;) {
      await new Promise(setImmediate)
      const runs = this.deferred
      if (runs.length === 0) return
      this.deferred = []
      for (const run of runs) run()
    }
  }

  private noteDefect(fields: Parameters<Logger['error']>[1]): void {
    this.defects.push(String(fields?.error))
  }

  private createTopic({ name, partitions }: TopicCreation): Outcome<TopicImage> {
    if (this.image.topic(name) !== undefined) return fail('TOPIC_EXISTS', `${name} exists`)
    return succeed(this.topic(name, partitions))
  }

  private deleteTopic(name: string): Outcome<true> {
    if (this.image.topic(name) === undefined) {
      return fail('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`)
    }
    this.removeTopic(name)
    return succeed(true)
  }

  private apply(delta: Parameters<MetadataImage['apply']>[0]): void {
    this.image = this.image.apply(delta)
    this.registry.apply(delta)
  }

  private newLog(name: string): number {
    const handle = this.logs.length
    this.logs.push(new SequencedLog(handle, name, this.options.log))
    return handle
  }

  private log(handle: number): SequencedLog {
    const log = this.logs[handle]
    assert.ok(log !== undefined)
    return log
  }
}
