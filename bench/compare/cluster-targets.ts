// Three brokers on this machine, of Millrace and of the real Kafka: each topic on all of them, acknowledged by two
// at least.
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { type ClusterStore, etcdStore, TestCluster } from '../../test/support/cluster.js'
import { KafkaCluster } from '../../test/support/kafka-cluster.js'
import { SERVER_JVM } from '../../test/support/kafka-server.js'
import type { Target } from './targets.js'

export interface PartitionPlace {
  readonly leader: number
  readonly inSync: readonly number[]
}

export interface ClusterTarget extends Target {
  pids(): readonly number[]
  pidOf(id: number): number
  /** Of partition 0. */
  place(topic: string): Promise<PartitionPlace>
  controller(): Promise<number>
  crash(id: number): Promise<void>
  /** Cleanly. */
  leave(id: number): Promise<void>
  signal(id: number, signal: 'SIGSTOP' | 'SIGCONT'): void
  restart(id: number): Promise<void>
}

const REPLICAS = 3
const MIN_IN_SYNC = '2'
/** Kafka's default. */
export const SESSION_MS = 9_000

export async function millraceCluster(flush: 'group' | 'os'): Promise<ClusterTarget> {
  const store: ClusterStore = await etcdStore()
  const flags = ['--flush', flush, '--session-ms', `${SESSION_MS}`, '--workers', '2']
  const cluster = await TestCluster.start({ store, flags: [...flags, '--log-level', 'warn'] })
  const pidOf = (id: number) => cluster.broker(id).pid
  return {
    name: `3 × Millrace flush=${flush}`,
    flush,
    address: cluster.bootstrap,
    pid: pidOf(1),
    http: undefined,
    pids: () => [1, 2, 3].map(pidOf),
    pidOf,
    ...withAdmin(cluster.bootstrap),
    crash: (id) => cluster.crash(id),
    leave: async (id) => {
      await cluster.broker(id).stop()
    },
    signal: (id, signal) => void process.kill(pidOf(id), signal),
    restart: (id) => cluster.restart(id),
    stop: () => cluster.stop(),
  }
}

/** Without fsync, as Kafka runs by default: the nearest is flush=os. */
export async function kafkaCluster(): Promise<ClusterTarget> {
  const cluster = await KafkaCluster.start(
    {
      'num.network.threads': '3',
      'num.io.threads': '8',
      'offsets.topic.replication.factor': '3',
      'min.insync.replicas': MIN_IN_SYNC,
    },
    SERVER_JVM,
  )
  return {
    name: '3 × Kafka 4.3.1',
    flush: 'os',
    address: cluster.bootstrap,
    pid: cluster.pids[0] ?? -1,
    http: undefined,
    pids: () => cluster.pids,
    pidOf: (id) => cluster.pids[id - 1] ?? -1,
    ...withAdmin(cluster.bootstrap),
    crash: (id) => cluster.end(id, 'SIGKILL'),
    leave: (id) => cluster.end(id, 'SIGTERM'),
    signal: (id, signal) => cluster.signal(id, signal),
    restart: (id) => cluster.restart(id),
    stop: () => cluster.stop(),
  }
}

function withAdmin(
  bootstrap: string,
): Pick<ClusterTarget, 'createTopic' | 'deleteTopic' | 'place' | 'controller'> {
  const ask = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const kafka = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING })
    const admin = kafka.admin()
    await admin.connect()
    try {
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
  }
  return {
    createTopic: (topic, numPartitions) =>
      ask(async (admin) => {
        const configEntries = [{ name: 'min.insync.replicas', value: MIN_IN_SYNC }]
        const wanted = { topic, numPartitions, replicationFactor: REPLICAS, configEntries }
        await admin.createTopics({ topics: [wanted], waitForLeaders: true, timeout: 30_000 })
      }),
    deleteTopic: (topic) => ask((admin) => admin.deleteTopics({ topics: [topic] })),
    place: (topic) =>
      ask(async (admin) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
        const [partition] = topics[0]?.partitions ?? []
        return { leader: partition?.leader ?? -1, inSync: partition?.isr ?? [] }
      }),
    controller: () => ask(async (admin) => (await admin.describeCluster()).controller ?? -1),
  }
}
