// Brokers on this machine, each a process of its own, and the coordination service between them.
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { planEtcd } from './etcd.js'
import { Supervised } from './supervised.js'

export interface LocalClusterOptions {
  readonly brokers: number
  readonly data: string
  /** Ports of the first broker; the others follow. */
  readonly kafka: number
  readonly websocket: number
  /** undefined: an etcd of its own. */
  readonly store?: string
  /** To a person. */
  tell(line: string): void
}

export interface LocalBroker {
  readonly id: number
  readonly kafka: string
  readonly websocket: string
  readonly logFile: string
  readonly process: Supervised
}

const MAX_REPLICAS = 3

export class LocalCluster {
  readonly brokers: readonly LocalBroker[]
  private etcd: Supervised | undefined
  private url = ''
  private isStopped = false

  constructor(private readonly options: LocalClusterOptions) {
    const { brokers } = options
    this.brokers = Array.from({ length: brokers }, (_, place) => this.plan(place + 1))
  }

  get store(): string {
    return this.url
  }

  /** Resolves when all serve; fails when one of them cannot. */
  async start(): Promise<void> {
    const { data, store, tell } = this.options
    mkdirSync(data, { recursive: true })
    writeConfig(this.configFile, this.brokers.length)
    if (store === undefined) {
      const dataDirectory = join(data, 'etcd')
      const { service, url } = await planEtcd({
        dataDirectory,
        logFile: join(data, 'etcd.log'),
        tell,
      })
      this.etcd = service
      this.url = url
      await this.startUnlessStopped(service)
    } else {
      this.url = store
    }
    await Promise.all(this.brokers.map(({ process }) => process.start()))
  }

  // Somebody may have lost patience while ports were looked for.
  private async startUnlessStopped(service: Supervised): Promise<void> {
    if (this.isStopped) await service.stop()
    await service.start()
  }

  /** The brokers first, which hand over what they lead. */
  async stop(): Promise<void> {
    this.isStopped = true
    await Promise.all(this.brokers.map(({ process }) => process.stop()))
    await this.etcd?.stop()
  }

  private get configFile(): string {
    return join(resolve(this.options.data), 'brokers.json')
  }

  private plan(id: number): LocalBroker {
    const { data, tell } = this.options
    const kafka = `127.0.0.1:${this.options.kafka + id - 1}`
    const websocket = `127.0.0.1:${this.options.websocket + id - 1}`
    const logFile = join(data, `broker-${id}.log`)
    const args = () => [
      ...[process.argv[1] ?? '', 'serve', '--json', '--id', String(id)],
      ...['--store', this.url, '--config', this.configFile],
      ...['--data', join(resolve(data), `broker-${id}`)],
      ...['--kafka', kafka, '--websocket', websocket],
    ]
    const name = `broker ${id}`
    const started = { name, command: process.execPath, args, logFile, serves: firstLine, tell }
    return { id, kafka, websocket, logFile, process: new Supervised(started) }
  }
}

/** `serve --json` writes a line when it serves. */
function firstLine({ stdout }: ChildProcess): Promise<void> {
  return new Promise((done) => {
    stdout?.once('data', () => done())
  })
}

// Each record on three brokers, acknowledged by two at least.
function writeConfig(path: string, brokers: number): void {
  const factor = Math.min(MAX_REPLICAS, brokers)
  const topicDefaults = { 'min.insync.replicas': Math.max(1, factor - 1) }
  const settings = { 'replication.factor': factor, 'topic.defaults': topicDefaults }
  writeFileSync(path, `${JSON.stringify(settings, undefined, 2)}\n`)
}
