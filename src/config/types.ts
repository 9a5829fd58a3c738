// The broker's configuration after validation: what every other folder takes.
import type { FlushPolicy, WriteMode } from '../log/types.js'

export interface HostPort {
  readonly host: string
  readonly port: number
}

export interface ListenerConfig {
  /** Unique, upper case by custom: "KAFKA", "WEBSOCKET". */
  readonly name: string
  readonly protocol: 'kafka' | 'websocket'
  /** Port 0 takes a free one. */
  readonly bind: HostPort
  /** What clients are told; undefined: the bound address. */
  readonly advertised: HostPort | undefined
  readonly role: 'client' | 'inter-broker'
}

export interface BrokerConfig {
  readonly brokerId: number
  readonly rack: string | undefined
  readonly dataDirectories: readonly string[]
  readonly listeners: readonly ListenerConfig[]
  /** io workers; 0 runs everything on the calling thread. */
  readonly workers: number
  readonly flush: FlushPolicy
  readonly flushIntervalMs: number
  readonly writeMode: WriteMode
  readonly validateRecords: 'full' | 'header'
  readonly retentionCheckIntervalMs: number
  /** etcd://… or zookeeper://…; undefined: the broker keeps its metadata itself and is alone. */
  readonly store: string | undefined
  /** How long a silent broker counts as one of the cluster. */
  readonly sessionMs: number
  /** A follower that lags for longer leaves the in-sync set. */
  readonly replicaLagMaxMs: number
  /** Preferred replicas lead again by themselves. */
  readonly autoLeaderRebalance: boolean
  readonly leaderImbalanceCheckIntervalMs: number
  readonly autoCreateTopics: boolean
  /** Partitions of a topic created without a count. */
  readonly defaultPartitions: number
  /** Replicas of a topic created without a number of them. */
  readonly defaultReplicationFactor: number
  /** Defaults of topic configs by Kafka's name ("retention.ms"), as strings; validated. */
  readonly topicDefaults: Readonly<Record<string, string>>
  readonly maxRequestBytes: number
  readonly maxConnections: number
  readonly allowPublicBind: boolean
  /** Of web pages that may connect beside loopback's and the broker's own: "https://app.example.com". */
  readonly allowedOrigins: readonly string[]
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent'
}
