// Every topic config of Kafka 4.3, by Kafka's name. `acts` says whether Millrace does anything about
// it today: the others are stored and shown, so that tools written for Kafka keep working.
import {
  atLeast,
  between,
  type ConfigDefinition,
  eachOf,
  LONG_MAX_TEXT,
  oneOf,
} from './config-definition.js'

export interface TopicConfigDefinition extends ConfigDefinition {
  readonly defaultValue: string
  /** The broker configs that give the default, the one that wins first. */
  readonly brokerNames: readonly string[]
  readonly acts: boolean
}

function throttledReplicas(name: string): (value: string) => string | undefined {
  return (value) =>
    /^(\*|(\d+:\d+(,\d+:\d+)*)?)$/.test(value)
      ? undefined
      : `${name} must be the literal '*' or a list of replicas in the following format: ` +
        '[partitionId]:[brokerId],[partitionId]:[brokerId],...'
}

const gzipLevel = (value: string) =>
  value === '-1' || (Number(value) >= 1 && Number(value) <= 9)
    ? undefined
    : 'Value must be between 1 and 9 or equal to -1'

const definitions: readonly TopicConfigDefinition[] = [
  {
    name: 'cleanup.policy',
    type: 'LIST',
    defaultValue: 'delete',
    refuse: eachOf('compact', 'delete'),
    brokerNames: ['log.cleanup.policy'],
    acts: true,
    documentation:
      'What happens to old segments: delete drops those beyond the retention limits, compact keeps the latest value of each key. Both may be given; with neither everything is kept. Compaction does not run yet.',
  },
  {
    name: 'compression.gzip.level',
    type: 'INT',
    defaultValue: '-1',
    refuse: gzipLevel,
    brokerNames: ['compression.gzip.level'],
    acts: false,
    documentation: 'Level of gzip where compression.type is gzip; -1 is the default of the codec.',
  },
  {
    name: 'compression.lz4.level',
    type: 'INT',
    defaultValue: '9',
    refuse: between(1, 17),
    brokerNames: ['compression.lz4.level'],
    acts: false,
    documentation: 'Level of lz4 where compression.type is lz4.',
  },
  {
    name: 'compression.type',
    type: 'STRING',
    defaultValue: 'producer',
    refuse: oneOf('uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'),
    brokerNames: ['compression.type'],
    acts: true,
    documentation:
      'The codec of stored batches. producer keeps what each producer chose; any other value recompresses what differs.',
  },
  {
    name: 'compression.zstd.level',
    type: 'INT',
    defaultValue: '3',
    refuse: between(-131072, 22),
    brokerNames: ['compression.zstd.level'],
    acts: false,
    documentation: 'Level of zstd where compression.type is zstd.',
  },
  {
    name: 'delete.retention.ms',
    type: 'LONG',
    defaultValue: '86400000',
    refuse: atLeast(0),
    brokerNames: ['log.cleaner.delete.retention.ms'],
    acts: false,
    documentation: 'How long a compacted topic keeps the tombstone of a deleted key.',
  },
  {
    name: 'file.delete.delay.ms',
    type: 'LONG',
    defaultValue: '60000',
    refuse: atLeast(0),
    brokerNames: ['log.segment.delete.delay.ms'],
    acts: false,
    documentation:
      'How long a removed file stays on disk. Millrace removes it when its last reader lets go.',
  },
  {
    name: 'flush.messages',
    type: 'LONG',
    defaultValue: LONG_MAX_TEXT,
    refuse: atLeast(1),
    brokerNames: ['log.flush.interval.messages'],
    acts: false,
    documentation:
      "Messages between two syncs of a log. Millrace syncs by the broker's flush policy instead.",
  },
  {
    name: 'flush.ms',
    type: 'LONG',
    defaultValue: LONG_MAX_TEXT,
    refuse: atLeast(0),
    brokerNames: ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
    acts: false,
    documentation:
      "Time between two syncs of a log. Millrace syncs by the broker's flush policy instead.",
  },
  {
    name: 'follower.replication.throttled.replicas',
    type: 'LIST',
    defaultValue: '',
    refuse: throttledReplicas('follower.replication.throttled.replicas'),
    brokerNames: [],
    acts: false,
    documentation:
      'Replicas whose fetching is throttled, as partition:broker pairs, or * for all of the topic.',
  },
  {
    name: 'index.interval.bytes',
    type: 'INT',
    defaultValue: '4096',
    refuse: atLeast(0),
    brokerNames: ['log.index.interval.bytes'],
    acts: true,
    documentation: 'Bytes of log between two entries of the offset index.',
  },
  {
    name: 'leader.replication.throttled.replicas',
    type: 'LIST',
    defaultValue: '',
    refuse: throttledReplicas('leader.replication.throttled.replicas'),
    brokerNames: [],
    acts: false,
    documentation:
      'Replicas to which the leader sends with a throttle, as partition:broker pairs, or * for all.',
  },
  {
    name: 'local.retention.bytes',
    type: 'LONG',
    defaultValue: '-2',
    refuse: atLeast(-2),
    brokerNames: ['log.local.retention.bytes'],
    acts: false,
    documentation: 'Of a tiered topic, bytes kept on the local disk; -2 means retention.bytes.',
  },
  {
    name: 'local.retention.ms',
    type: 'LONG',
    defaultValue: '-2',
    refuse: atLeast(-2),
    brokerNames: ['log.local.retention.ms'],
    acts: false,
    documentation: 'Of a tiered topic, time kept on the local disk; -2 means retention.ms.',
  },
  {
    name: 'max.compaction.lag.ms',
    type: 'LONG',
    defaultValue: LONG_MAX_TEXT,
    refuse: atLeast(1),
    brokerNames: ['log.cleaner.max.compaction.lag.ms'],
    acts: false,
    documentation: 'The longest time that a record of a compacted topic stays uncompacted.',
  },
  {
    name: 'max.message.bytes',
    type: 'INT',
    defaultValue: '1048588',
    refuse: atLeast(0),
    brokerNames: ['message.max.bytes'],
    acts: true,
    documentation: 'The largest record batch that is taken, as sent, compressed or not.',
  },
  {
    name: 'message.timestamp.after.max.ms',
    type: 'LONG',
    defaultValue: '3600000',
    refuse: atLeast(0),
    brokerNames: ['log.message.timestamp.after.max.ms'],
    acts: true,
    documentation:
      "How far a record's timestamp may lie in the broker's future. Not used with LogAppendTime.",
  },
  {
    name: 'message.timestamp.before.max.ms',
    type: 'LONG',
    defaultValue: LONG_MAX_TEXT,
    refuse: atLeast(0),
    brokerNames: ['log.message.timestamp.before.max.ms'],
    acts: true,
    documentation:
      "How far a record's timestamp may lie in the broker's past. Not used with LogAppendTime.",
  },
  {
    name: 'message.timestamp.type',
    type: 'STRING',
    defaultValue: 'CreateTime',
    refuse: oneOf('CreateTime', 'LogAppendTime'),
    brokerNames: ['log.message.timestamp.type'],
    acts: true,
    documentation: "Whose clock stamps a record: the producer's or, on append, the broker's.",
  },
  {
    name: 'min.cleanable.dirty.ratio',
    type: 'DOUBLE',
    defaultValue: '0.5',
    refuse: between(0, 1),
    brokerNames: ['log.cleaner.min.cleanable.ratio'],
    acts: false,
    documentation: 'The share of a compacted log that must be uncompacted before it is cleaned.',
  },
  {
    name: 'min.compaction.lag.ms',
    type: 'LONG',
    defaultValue: '0',
    refuse: atLeast(0),
    brokerNames: ['log.cleaner.min.compaction.lag.ms'],
    acts: false,
    documentation: 'The shortest time that a record of a compacted topic stays uncompacted.',
  },
  {
    name: 'min.insync.replicas',
    type: 'INT',
    defaultValue: '1',
    refuse: atLeast(1),
    brokerNames: ['min.insync.replicas'],
    acts: false,
    documentation:
      'How many replicas must be in sync for a write with acks=all to be taken. Stored; this broker keeps one replica.',
  },
  {
    name: 'preallocate',
    type: 'BOOLEAN',
    defaultValue: 'false',
    brokerNames: ['log.preallocate'],
    acts: false,
    documentation:
      "Whether a new segment's space is allocated at once. Millrace always allocates ahead of the writes.",
  },
  {
    name: 'remote.log.copy.disable',
    type: 'BOOLEAN',
    defaultValue: 'false',
    brokerNames: [],
    acts: false,
    documentation: 'Of a tiered topic: no more segments are copied to remote storage.',
  },
  {
    name: 'remote.log.delete.on.disable',
    type: 'BOOLEAN',
    defaultValue: 'false',
    brokerNames: [],
    acts: false,
    documentation: 'Of a tiered topic: whether ending tiering deletes what is remote.',
  },
  {
    name: 'remote.storage.enable',
    type: 'BOOLEAN',
    defaultValue: 'false',
    brokerNames: [],
    acts: false,
    documentation: 'Whether old segments move to remote storage. Millrace has none, so false only.',
  },
  {
    name: 'retention.bytes',
    type: 'LONG',
    defaultValue: '-1',
    brokerNames: ['log.retention.bytes'],
    acts: true,
    documentation:
      'Bytes that a partition may hold before its oldest segments are deleted; -1 sets no limit.',
  },
  {
    name: 'retention.ms',
    type: 'LONG',
    defaultValue: '604800000',
    refuse: atLeast(-1),
    brokerNames: ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
    acts: true,
    documentation: 'How long records are kept at least, counted by whole segments; -1 is for ever.',
  },
  {
    name: 'segment.bytes',
    type: 'INT',
    defaultValue: '1073741824',
    refuse: atLeast(1048576),
    brokerNames: ['log.segment.bytes'],
    acts: true,
    documentation: 'The size at which a segment is closed and a new one begun.',
  },
  {
    name: 'segment.index.bytes',
    type: 'INT',
    defaultValue: '10485760',
    refuse: atLeast(4),
    brokerNames: ['log.index.size.max.bytes'],
    acts: false,
    documentation: "The largest size of a segment's offset index.",
  },
  {
    name: 'segment.jitter.ms',
    type: 'LONG',
    defaultValue: '0',
    refuse: atLeast(0),
    brokerNames: ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
    acts: false,
    documentation:
      'Up to this much is randomly taken off segment.ms, so that segments do not all close at once.',
  },
  {
    name: 'segment.ms',
    type: 'LONG',
    defaultValue: '604800000',
    refuse: atLeast(1),
    brokerNames: ['log.roll.ms', 'log.roll.hours'],
    acts: true,
    documentation: 'The age at which a segment is closed although it is not full.',
  },
  {
    name: 'unclean.leader.election.enable',
    type: 'BOOLEAN',
    defaultValue: 'false',
    brokerNames: ['unclean.leader.election.enable'],
    acts: false,
    documentation:
      'Whether a replica that is not in sync may lead as a last resort, at the price of lost records.',
  },
]

export const topicConfigs: ReadonlyMap<string, TopicConfigDefinition> = new Map(
  definitions.map((definition) => [definition.name, definition]),
)
