// Three brokers over one coordination service, each a process of its own, as a user starts them.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startBroker, type TestBroker, temporaryDirectory } from './broker.js'
import { startEtcd } from './etcd.js'
import { startZooKeeper } from './zookeeper.js'

/** The coordination service: how brokers find it, and how it dies and comes back. */
export interface ClusterStore {
  readonly url: string
  crash(): Promise<void>
  start(): Promise<void>
}

export async function etcdStore(): Promise<ClusterStore> {
  const etcd = await startEtcd()
  const url = `etcd://127.0.0.1:${etcd.port}/millrace`
  return { url, crash: () => etcd.crash(), start: () => etcd.start() }
}

export async function zooKeeperStore(): Promise<ClusterStore> {
  const server = await startZooKeeper()
  const url = `zookeeper://${server.address}/millrace`
  return { url, crash: () => server.crash(), start: () => server.restart() }
}

export interface ClusterOptions {
  readonly store: ClusterStore
  readonly brokers?: number
  readonly flags?: readonly string[]
  /** Broker 1 in the rack r1, broker 2 in r2, and so on. */
  readonly hasRacks?: boolean
}

export class TestCluster {
  readonly brokers = new Map<number, TestBroker>()

  private constructor(
    readonly store: ClusterStore,
    private readonly options: ClusterOptions,
  ) {}

  static async start(options: ClusterOptions): Promise<TestCluster> {
    const cluster = new TestCluster(options.store, options)
    const ids = Array.from({ length: options.brokers ?? 3 }, (_, index) => index + 1)
    await Promise.all(ids.map((id) => cluster.add(id)))
    return cluster
  }

  /** Of those that run. */
  get bootstrap(): string {
    return [...this.brokers.values()].map(({ kafka }) => kafka).join(',')
  }

  flagsOf(id: number): readonly string[] {
    const own = ['--id', String(id), '--store', this.store.url, '--workers', '1']
    const rack = this.options.hasRacks === true ? ['--rack', `r${id}`] : []
    return [...own, ...rack, '--session-ms', '3000', ...(this.options.flags ?? [])]
  }

  broker(id: number): TestBroker {
    const broker = this.brokers.get(id)
    if (broker === undefined) throw new Error(`broker ${id} does not run`)
    return broker
  }

  async add(id: number): Promise<void> {
    const dataDirectory = temporaryDirectory()
    this.brokers.set(id, await startBroker({ dataDirectory, flags: this.flagsOf(id) }))
  }

  async crash(id: number): Promise<void> {
    await this.broker(id).crash()
  }

  async restart(id: number): Promise<void> {
    this.brokers.set(id, await this.broker(id).restart())
  }

  /** Cleanly, all at once. */
  async stop(): Promise<void> {
    await Promise.all([...this.brokers.values()].map((broker) => broker.stop()))
    await this.store.crash()
  }

  /** Every segment of a partition, joined, as each broker has it. After a clean stop. */
  logsOf(partition: string): readonly Buffer[] {
    return [...this.brokers.values()].map(({ dataDirectory }) => {
      const folder = join(dataDirectory, partition)
      const segments = readdirSync(folder).filter((name) => name.endsWith('.log'))
      return Buffer.concat(segments.sort().map((name) => readFileSync(join(folder, name))))
    })
  }

  log(): string {
    return [...this.brokers].map(([id, broker]) => `--- ${id}\n${broker.log()}`).join('\n')
  }
}
