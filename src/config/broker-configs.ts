// The broker's own configs by Kafka's names, with the values this broker runs with: what
// DescribeConfigs shows to tools. None of them but one can be changed while the broker runs.
import { type ConfigDefinition, type ConfigType, canonical } from './config-definition.js'
import { topicConfigs } from './topic-configs.js'
import type { BrokerConfig, ListenerConfig } from './types.js'

/** The one that can be changed while the broker runs: it leads nothing that others can, and gets no new replicas. */
export const DRAIN = 'millrace.drain'

export interface BrokerConfigEntry extends ConfigDefinition {
  readonly value: string | null
  /** Set by whoever started the broker, or derived from what they set. */
  readonly isSet: boolean
}

/** Where clients are told to go, per listener: known once the ports are bound. */
export interface AdvertisedAddress {
  readonly listener: string
  readonly host: string
  readonly port: number
}

interface Described {
  readonly name: string
  readonly type: ConfigType
  readonly defaultValue: string | null
  readonly documentation: string
  readonly value?: (config: BrokerConfig, advertised: readonly AdvertisedAddress[]) => string | null
}

const described: readonly Described[] = [
  {
    name: 'advertised.listeners',
    type: 'LIST',
    defaultValue: null,
    documentation: 'Where clients are told to connect, per listener.',
    value: (config, advertised) =>
      advertised.map((a) => uri(a.listener, a, protocolOf(config, a.listener))).join(','),
  },
  {
    name: 'auto.create.topics.enable',
    type: 'BOOLEAN',
    defaultValue: 'true',
    documentation: 'Whether a topic that a client asks for is created.',
    value: (config) => String(config.autoCreateTopics),
  },
  {
    name: 'auto.leader.rebalance.enable',
    type: 'BOOLEAN',
    defaultValue: 'true',
    documentation: 'Whether preferred replicas lead again by themselves.',
    value: (config) => String(config.autoLeaderRebalance),
  },
  {
    name: 'broker.id',
    type: 'INT',
    defaultValue: '-1',
    documentation: 'The id of this broker; the same as node.id.',
    value: (config) => String(config.brokerId),
  },
  {
    name: 'broker.rack',
    type: 'STRING',
    defaultValue: null,
    documentation: 'Where this broker stands, for rack-aware clients.',
    value: (config) => config.rack ?? null,
  },
  {
    name: 'default.replication.factor',
    type: 'INT',
    defaultValue: '1',
    documentation: 'Replicas of a topic created without a count.',
    value: (config) => String(config.defaultReplicationFactor),
  },
  {
    name: 'delete.topic.enable',
    type: 'BOOLEAN',
    defaultValue: 'true',
    documentation: 'Whether topics can be deleted.',
  },
  {
    name: 'leader.imbalance.check.interval.seconds',
    type: 'LONG',
    defaultValue: '300',
    documentation: 'How often the controller looks for brokers that lead too little.',
    value: (config) => String(config.leaderImbalanceCheckIntervalMs / 1000),
  },
  {
    name: 'listener.security.protocol.map',
    type: 'STRING',
    defaultValue: null,
    documentation: 'What each listener speaks below the protocol.',
    value: (config) => config.listeners.map(({ name }) => `${name}:PLAINTEXT`).join(','),
  },
  {
    name: 'listeners',
    type: 'LIST',
    defaultValue: null,
    documentation: 'Where the broker listens, per listener; port 0 took a free one.',
    value: (config) => config.listeners.map((l) => uri(l.name, l.bind, l.protocol)).join(','),
  },
  {
    name: 'log.dir',
    type: 'STRING',
    defaultValue: null,
    documentation: 'The first data directory.',
    value: (config) => config.dataDirectories[0] ?? null,
  },
  {
    name: 'log.dirs',
    type: 'LIST',
    defaultValue: null,
    documentation: 'The data directories.',
    value: (config) => config.dataDirectories.join(','),
  },
  {
    name: 'log.retention.check.interval.ms',
    type: 'LONG',
    defaultValue: '30000',
    documentation: 'How often each partition is checked against its retention.',
    value: (config) => String(config.retentionCheckIntervalMs),
  },
  {
    name: 'max.connections',
    type: 'INT',
    defaultValue: '10000',
    documentation: 'Connections at once, all listeners together.',
    value: (config) => String(config.maxConnections),
  },
  {
    name: 'millrace.flush',
    type: 'STRING',
    defaultValue: 'group',
    documentation:
      'When data reaches the disk: group (before the acknowledgement), interval or os.',
    value: (config) => config.flush,
  },
  {
    name: 'millrace.flush.interval.ms',
    type: 'LONG',
    defaultValue: '1000',
    documentation: 'The interval of the flush policy interval.',
    value: (config) => String(config.flushIntervalMs),
  },
  {
    name: 'millrace.log.validate.records',
    type: 'STRING',
    defaultValue: 'full',
    documentation: 'full walks every record before it is stored; header trusts the batch header.',
    value: (config) => config.validateRecords,
  },
  {
    name: 'millrace.log.write.mode',
    type: 'STRING',
    defaultValue: 'mmap',
    documentation: 'How segments are written: mmap or pwrite.',
    value: (config) => config.writeMode,
  },
  {
    name: 'node.id',
    type: 'INT',
    defaultValue: null,
    documentation: 'The id of this broker, unique in its cluster.',
    value: (config) => String(config.brokerId),
  },
  {
    name: 'num.io.threads',
    type: 'INT',
    defaultValue: null,
    documentation: 'io workers; each serves connections and requests.',
    value: (config) => String(Math.max(1, config.workers)),
  },
  {
    name: 'num.partitions',
    type: 'INT',
    defaultValue: '1',
    documentation: 'Partitions of a topic created without a count.',
    value: (config) => String(config.defaultPartitions),
  },
  {
    name: 'process.roles',
    type: 'LIST',
    defaultValue: null,
    documentation: 'What this process is in the cluster.',
    value: () => 'broker,controller',
  },
  {
    name: 'socket.request.max.bytes',
    type: 'INT',
    defaultValue: '104857600',
    documentation: 'The largest request frame.',
    value: (config) => String(config.maxRequestBytes),
  },
]

/** By name. */
export function brokerConfigEntries(
  config: BrokerConfig,
  advertised: readonly AdvertisedAddress[],
): readonly BrokerConfigEntry[] {
  const own = described.map(({ value, ...definition }): BrokerConfigEntry => {
    const current = value === undefined ? definition.defaultValue : value(config, advertised)
    return { ...definition, value: current, isSet: current !== definition.defaultValue }
  })
  return [...own, ...topicDefaultEntries(config)].sort((a, b) => (a.name < b.name ? -1 : 1))
}

// The broker config that a topic config takes its default from, as log.segment.bytes for segment.bytes.
function topicDefaultEntries(config: BrokerConfig): BrokerConfigEntry[] {
  const entries: BrokerConfigEntry[] = []
  for (const definition of topicConfigs.values()) {
    const name = definition.brokerNames[0]
    if (name === undefined) continue
    const set = config.topicDefaults[definition.name]
    const { type, defaultValue } = definition
    const documentation = `Default of the topic config ${definition.name}. ${definition.documentation}`
    const value = canonical(type, set ?? defaultValue)
    entries.push({ name, type, defaultValue, documentation, value, isSet: set !== undefined })
  }
  return entries
}

function uri(
  listener: string,
  address: { host: string; port: number },
  protocol: ListenerConfig['protocol'],
): string {
  const scheme = protocol === 'websocket' ? `${listener}+ws` : listener
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  return `${scheme}://${host}:${address.port}`
}

function protocolOf(config: BrokerConfig, listener: string): ListenerConfig['protocol'] {
  return config.listeners.find(({ name }) => name === listener)?.protocol ?? 'kafka'
}
