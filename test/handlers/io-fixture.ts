// One io worker's dispatcher over stand-ins: partitions on the in-memory log of memory-log.ts (a
// deliberate stand-in: what is tested here is what handlers make of a log's answers), a control plane
// that creates what it is asked for, a clock that the test moves. Requests go in and answers come out
// as frames, through the real codec.
import assert from 'node:assert/strict'
import { Deadlines } from '../../src/base/deadlines.js'
import { fail, type Outcome, succeed } from '../../src/base/errors.js'
import { silentLogger } from '../../src/base/logger.js'
import { systemRandom } from '../../src/base/random.js'
import type { BrokerConfig, ListenerConfig } from '../../src/config/types.js'
import type { ClientContext, IoServices } from '../../src/handlers/context.js'
import { Dispatcher, type DispatcherOptions } from '../../src/handlers/dispatcher.js'
import { ioTable } from '../../src/handlers/io-table.js'
import type { HandlerRow } from '../../src/handlers/table.js'
import type { PartitionLog } from '../../src/log/types.js'
import { MetadataImage, type TopicImage } from '../../src/metadata/image.js'
import type { FrameHandler } from '../../src/network/types.js'
import { ServedRegistry } from '../../src/partition/served-registry.js'
import { codecFor } from '../../src/protocol/codec.js'
import { encodeRequestFrame, skipResponseHeader } from '../../src/protocol/headers.js'
import { FrameReader } from '../../src/protocol/reader.js'
import type { Api, Draft, Fields, Infer } from '../../src/protocol/schema.js'
import { ManualClock } from '../partition/manual-clock.js'
import { MemoryLog, type MemoryLogOptions } from '../partition/memory-log.js'

export const listener: ListenerConfig = {
  name: 'KAFKA',
  protocol: 'kafka',
  bind: { host: '127.0.0.1', port: 9092 },
  advertised: undefined,
  role: 'client',
}

export const config: BrokerConfig = {
  brokerId: 1,
  rack: undefined,
  dataDirectories: ['unused'],
  listeners: [listener],
  workers: 0,
  flush: 'group',
  flushIntervalMs: 1000,
  writeMode: 'mmap',
  validateRecords: 'full',
  retentionCheckIntervalMs: 30_000,
  store: undefined,
  sessionMs: 9000,
  autoLeaderRebalance: true,
  leaderImbalanceCheckIntervalMs: 300_000,
  replicaLagMaxMs: 30_000,
  autoCreateTopics: true,
  defaultPartitions: 1,
  defaultReplicationFactor: 1,
  topicDefaults: {},
  maxRequestBytes: 100 << 20,
  maxConnections: 100,
  allowPublicBind: false,
  allowedOrigins: [],
  logLevel: 'silent',
}

/** The native log in place of the stand-in. */
export interface RealLogs {
  open(name: string): PartitionLog
  attach(handle: number): PartitionLog
  watch(handle: number): void
  unwatch(handle: number): void
}

export interface FixtureOptions {
  readonly realLogs?: RealLogs
  readonly config?: Partial<BrokerConfig>
  readonly log?: MemoryLogOptions
  readonly control?: readonly HandlerRow<never>[]
  readonly dispatcher?: Partial<DispatcherOptions<IoServices>>
}

export interface TopicChange {
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
  readonly isInternal?: boolean
  readonly leaderEpoch?: number
  readonly leaderId?: number
}

export class IoFixture {
  readonly clock = new ManualClock()
  readonly logs: MemoryLog[] = []
  readonly registry: ServedRegistry
  readonly services: IoServices
  readonly dispatcher: Dispatcher<IoServices>
  readonly client: ClientContext = {
    connectionId: 'c1',
    listener,
    remoteAddress: '127.0.0.1:5555',
    transport: 'tcp',
    softwareName: '',
    softwareVersion: '',
  }
  readonly connection: FrameHandler
  readonly autoCreated: string[] = []
  image = MetadataImage.empty
  private version = 0
  private correlationId = 0

  constructor(private readonly options: FixtureOptions = {}) {
    const deadlines = new Deadlines(this.clock)
    const brokerConfig = { ...config, ...options.config }
    this.registry = new ServedRegistry({
      brokerId: 1,
      deadlines,
      leaderPromise: brokerConfig.flush === 'group' ? 'durable' : 'published',
      isSessionAlive: () => true,
      ...(options.realLogs ?? {
        attach: (handle: number) => this.log(handle),
        watch: () => {},
        unwatch: () => {},
      }),
    })
    this.services = {
      config: brokerConfig,
      clock: this.clock,
      deadlines,
      random: systemRandom,
      logger: silentLogger,
      partitions: this.registry,
      control: {
        autoCreateTopics: (names) => this.autoCreate(names),
        createTopic: () => Promise.resolve(fail('UNEXPECTED', 'not part of this fixture')),
        deleteTopic: () => Promise.resolve(fail('UNEXPECTED', 'not part of this fixture')),
        alterInSync: async () => fail('NOT_LEADER', 'a single broker'),
        allocateProducerId: () => Promise.resolve(succeed(1)),
        forward: () => Promise.resolve([]),
      },
      incarnation: 'this-process',
      metadata: () => this.image,
    }
    this.dispatcher = new Dispatcher({
      table: ioTable(this.services, options.control ?? []),
      services: this.services,
      clock: this.clock,
      logger: silentLogger,
      ...options.dispatcher,
    })
    this.connection = this.dispatcher.connection(this.client)
    this.apply({
      version: 0,
      clusterId: 'a-cluster',
      controllerId: 1,
      brokers: [
        {
          id: 1,
          rack: 'r1',
          endpoints: [{ listener: 'KAFKA', host: 'broker.test', port: 9999 }],
          epoch: 1,
          isDraining: false,
          isDrained: false,
          interBroker: undefined,
        },
      ],
    })
  }

  /** Creates or changes a topic; its id is its name, padded. */
  topic(name: string, change: TopicChange = {}): TopicImage {
    const before = this.image.topic(name)
    const count = change.partitions ?? before?.partitions.length ?? 1
    const topic: TopicImage = {
      name,
      id: topicId(name),
      isInternal: change.isInternal ?? false,
      partitions: Array.from({ length: count }, (_, index) => ({
        index,
        leaderId: change.leaderId ?? 1,
        leaderEpoch: change.leaderEpoch ?? 0,
        replicas: [1],
        inSyncReplicas: [1],
        eligibleLeaders: [],
        logHandle:
          before === undefined && (change.leaderId ?? 1) !== 1
            ? undefined // a topic that comes with another leader has no replica here
            : (before?.partitions[index]?.logHandle ?? this.newLog(`${name}-${index}`)),
      })),
      configs: change.configs ?? {},
    }
    this.apply({ version: ++this.version, topicsChanged: [topic] })
    return topic
  }

  remove(name: string): void {
    this.apply({ version: ++this.version, topicsRemoved: [name] })
  }

  logOf(topic: string, index = 0): MemoryLog {
    return this.log(this.image.topic(topic)?.partitions[index]?.logHandle ?? -1)
  }

  /** What the native log would do after a move: at most once an event-loop turn. */
  moved(topic: string, index = 0): void {
    this.registry.onMoved([this.logOf(topic, index).handle])
  }

  async ask<Q extends Fields, S extends Fields>(
    api: Api<Q, S>,
    version: number,
    request: Draft<Q>,
  ): Promise<Infer<S>> {
    const answer = await this.send(api, version, request)
    assert.ok(answer !== null, 'the request has no answer')
    return decodeAnswer(api, version, answer)
  }

  send<Q extends Fields, S extends Fields>(api: Api<Q, S>, version: number, request: Draft<Q>) {
    const header = { correlationId: ++this.correlationId, clientId: 'test' }
    const frame = encodeRequestFrame(codecFor(api, version), header, request)
    return this.sendBytes(Buffer.concat(frame.chunks).subarray(4))
  }

  /** A frame without its length. */
  sendBytes(frame: Uint8Array) {
    return this.connection.onFrame([frame], frame.length)
  }

  private apply(delta: Parameters<MetadataImage['apply']>[0]): void {
    this.image = this.image.apply(delta)
    this.registry.apply(delta)
  }

  private newLog(name: string): number {
    if (this.options.realLogs !== undefined) return this.options.realLogs.open(name).handle
    const handle = this.logs.length
    this.logs.push(new MemoryLog(handle, name, this.options.log))
    return handle
  }

  private log(handle: number): MemoryLog {
    const log = this.logs[handle]
    assert.ok(log !== undefined)
    return log
  }

  private autoCreate(names: readonly string[]): Promise<Map<string, Outcome<TopicImage>>> {
    const created = new Map<string, Outcome<TopicImage>>()
    for (const name of names) {
      this.autoCreated.push(name)
      created.set(
        name,
        name.startsWith('full')
          ? fail('INVALID_PARTITIONS', 'too many partitions')
          : succeed(this.topic(name)),
      )
    }
    return Promise.resolve(created)
  }
}

export function topicId(name: string): string {
  return `${name.padEnd(21, '0').slice(0, 21)}A`
}

export function decodeAnswer<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  chunks: readonly Uint8Array[],
): Infer<S> {
  const reader = new FrameReader(chunks)
  const sizeBytes = reader.readInt32()
  assert.equal(sizeBytes, reader.remaining)
  reader.readInt32()
  skipResponseHeader(reader, api, version)
  const answer = codecFor(api, version).decodeResponse(reader)
  assert.equal(reader.remaining, 0)
  return answer
}

const HEADER_SIZE = 61

/** A record batch by its header alone, for logs that look no further. */
export function batch(count = 1, sizeBytes = 100, attributes = 0): Uint8Array {
  const bytes = new Uint8Array(Math.max(HEADER_SIZE, sizeBytes))
  const view = new DataView(bytes.buffer)
  view.setInt32(8, bytes.length - 12)
  view.setInt8(16, 2)
  view.setInt16(21, attributes)
  view.setInt32(57, count)
  return bytes
}
