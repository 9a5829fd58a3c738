// Topic configs as a whole: which values a topic runs with, whether they are allowed together, and
// what the log makes of them.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { LogConfig } from '../log/types.js'
import { canonical, listItems, problemWith } from './config-definition.js'
import { topicConfigs } from './topic-configs.js'
import type { BrokerConfig } from './types.js'

/** Values by Kafka's name, as stored: set on the topic, or the broker's defaults. */
export type ConfigValues = Readonly<Record<string, string>>

export type TopicConfigDefaults = Pick<BrokerConfig, 'topicDefaults' | 'validateRecords'>

/** What a topic without configs of its own has: Kafka's default unless the broker has another. */
export function defaultOf(name: string, broker: TopicConfigDefaults): string {
  const definition = topicConfigs.get(name)
  if (definition === undefined) return ''
  const set = broker.topicDefaults[name]
  return canonical(definition.type, set ?? definition.defaultValue)
}

/** What a topic runs with: its own value, or the default. */
export function topicConfigValue(
  name: string,
  values: ConfigValues,
  broker: TopicConfigDefaults,
): string {
  return values[name] ?? defaultOf(name, broker)
}

/** Checks each value and all together; gives them in their one way of writing. */
export function checkTopicConfigs(
  values: ConfigValues,
  broker: TopicConfigDefaults,
): Outcome<ConfigValues> {
  const checked: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    const definition = topicConfigs.get(name)
    if (definition === undefined)
      return fail('INVALID_CONFIG', `Unknown topic config name: ${name}`)
    const problem = problemWith(definition, value)
    if (problem !== undefined) return fail('INVALID_CONFIG', problem)
    checked[name] = canonical(definition.type, value)
  }
  const conflict = conflictIn(checked, broker)
  return conflict === undefined ? succeed(checked) : fail('INVALID_CONFIG', conflict)
}

function conflictIn(values: ConfigValues, broker: TopicConfigDefaults): string | undefined {
  const value = (name: string) => topicConfigValue(name, values, broker)
  const minLagMs = value('min.compaction.lag.ms')
  const maxLagMs = value('max.compaction.lag.ms')
  if (BigInt(minLagMs) > BigInt(maxLagMs)) {
    return `conflict topic config setting min.compaction.lag.ms (${minLagMs}) > max.compaction.lag.ms (${maxLagMs})`
  }
  if (value('remote.storage.enable') === 'true') {
    return 'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.'
  }
  return undefined
}

/** The values must have passed checkTopicConfigs. */
export function toLogConfig(values: ConfigValues, broker: TopicConfigDefaults): LogConfig {
  const value = (name: string) => topicConfigValue(name, values, broker)
  const policies = listItems(value('cleanup.policy'))
  const deletes = policies.includes('delete')
  return {
    segmentBytes: numberOf(value('segment.bytes')),
    segmentMs: numberOf(value('segment.ms')),
    retentionBytes: deletes ? limitOf(value('retention.bytes')) : -1,
    retentionMs: deletes ? limitOf(value('retention.ms')) : -1,
    indexIntervalBytes: numberOf(value('index.interval.bytes')),
    maxMessageBytes: numberOf(value('max.message.bytes')),
    timestampType:
      value('message.timestamp.type') === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    timestampBeforeMaxMs: numberOf(value('message.timestamp.before.max.ms')),
    timestampAfterMaxMs: numberOf(value('message.timestamp.after.max.ms')),
    compression: compressionOf(value('compression.type')),
    compact: policies.includes('compact'),
    validateRecords: broker.validateRecords,
  }
}

// Kafka's "never" is 2^63 - 1; a number holds 2^53 - 1, which is as long.
function numberOf(value: string): number {
  return Math.min(Number(value), Number.MAX_SAFE_INTEGER)
}

/** Anything negative is no limit, as Kafka takes it. */
function limitOf(value: string): number {
  return Math.max(-1, numberOf(value))
}

const compressions = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const

function compressionOf(value: string): LogConfig['compression'] {
  return compressions.find((name) => name === value) ?? 'producer'
}
