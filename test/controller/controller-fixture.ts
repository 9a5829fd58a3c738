// A controller over the embedded store and real folders, that can be stopped and started again.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Outcome } from '../../src/base/errors.js'
import type { LogFields, Logger } from '../../src/base/logger.js'
import { systemRandom } from '../../src/base/random.js'
import type { BrokerConfig } from '../../src/config/types.js'
import type { ControlNode } from '../../src/controller/control-node.js'
import type { NewTopic } from '../../src/controller/create-topic.js'
import { startControlNode } from '../../src/controller/start.js'
import type { MetadataDelta } from '../../src/metadata/image.js'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import { ManualClock } from '../partition/manual-clock.js'
import { MemoryDirectory } from './memory-directory.js'

export const brokerConfig: BrokerConfig = {
  brokerId: 1,
  rack: undefined,
  dataDirectories: ['unused'],
  listeners: [
    {
      name: 'KAFKA',
      protocol: 'kafka',
      bind: { host: '127.0.0.1', port: 0 },
      advertised: undefined,
      role: 'client',
    },
  ],
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

export function newTopic(name: string, change: Partial<NewTopic> = {}): NewTopic {
  return {
    name,
    partitionCount: -1,
    replicationFactor: -1,
    assignments: [],
    configs: [],
    ...change,
  }
}

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly fields: LogFields
}

export class ControllerFixture {
  readonly clock = new ManualClock()
  readonly lines: LogLine[] = []
  readonly deltas: MetadataDelta[] = []
  directories: MemoryDirectory[] = []
  config: BrokerConfig = brokerConfig
  private running: ControlNode | undefined
  private opened: MetadataStore | undefined

  private constructor(readonly root: string) {}

  static async make(names: readonly string[] = ['d1']): Promise<ControllerFixture> {
    const root = await mkdtemp(join(tmpdir(), 'millrace-controller-'))
    const fixture = new ControllerFixture(root)
    fixture.directories = names.map((name) => new MemoryDirectory(join(root, name)))
    return fixture
  }

  get controller(): ControlNode {
    assert.ok(this.running)
    return this.running
  }

  get store(): MetadataStore {
    assert.ok(this.opened)
    return this.opened
  }

  async tryStart(): Promise<Outcome<ControlNode>> {
    const path = join(this.directories[0]?.path ?? this.root, 'metadata.log')
    const store = await openEmbeddedStore({ path })
    assert.ok(store.ok)
    this.opened = store.value
    const started = await startControlNode({
      config: this.config,
      store: store.value,
      directories: this.directories.map((log) => ({ path: log.path, log })),
      endpoints: [{ listener: 'KAFKA', host: 'broker.test', port: 9092 }],
      incarnation: 'this-process',
      clock: this.clock,
      random: systemRandom,
      logger: recorder(this.lines),
    })
    if (!started.ok) await store.value.close()
    return started
  }

  async start(): Promise<ControlNode> {
    const started = await this.tryStart()
    assert.ok(started.ok, started.ok ? '' : started.failure.message)
    this.running = started.value
    this.deltas.length = 0
    this.running.onDelta((delta) => this.deltas.push(delta))
    return this.running
  }

  /** As a crash would: nothing is told, the directories are opened anew. */
  async restart(options: { clean?: boolean } = {}): Promise<ControlNode> {
    await this.store.close()
    this.directories = this.directories.map(({ path, quarantined }) => {
      const directory = new MemoryDirectory(path)
      directory.wasClean = options.clean ?? true
      for (const name of quarantined) directory.quarantined.add(name)
      return directory
    })
    return this.start()
  }

  async create(name: string, change: Partial<NewTopic> = {}): Promise<string> {
    const [created] = await this.controller.createTopics([newTopic(name, change)], {
      validateOnly: false,
    })
    assert.ok(created?.outcome.ok, JSON.stringify(created))
    return created.outcome.value.id
  }

  async dispose(): Promise<void> {
    await this.running?.close()
    await this.opened?.close()
    await rm(this.root, { recursive: true, force: true })
  }
}

function recorder(lines: LogLine[]): Logger {
  const record = (level: string) => (message: string, fields?: LogFields) => {
    lines.push({ level, message, fields: fields ?? {} })
  }
  const logger: Logger = {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    child: () => logger,
  }
  return logger
}
