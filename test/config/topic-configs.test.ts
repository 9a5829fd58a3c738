// Topic configs: the table is Kafka 4.3's, what is refused is refused in Kafka's words, and the log
// gets what the values mean.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfigEntries } from '../../src/config/broker-configs.js'
import { LONG_MAX_TEXT, problemWith } from '../../src/config/config-definition.js'
import { checkTopicConfigs, toLogConfig } from '../../src/config/topic-config-values.js'
import { topicConfigs } from '../../src/config/topic-configs.js'
import { brokerConfig } from '../controller/controller-fixture.js'

// From DescribeConfigs of Apache Kafka 4.3.1: name, default, type, the broker configs behind it.
const KAFKA = `
cleanup.policy delete LIST log.cleanup.policy
compression.gzip.level -1 INT compression.gzip.level
compression.lz4.level 9 INT compression.lz4.level
compression.type producer STRING compression.type
compression.zstd.level 3 INT compression.zstd.level
delete.retention.ms 86400000 LONG log.cleaner.delete.retention.ms
file.delete.delay.ms 60000 LONG log.segment.delete.delay.ms
flush.messages 9223372036854775807 LONG log.flush.interval.messages
flush.ms 9223372036854775807 LONG log.flush.interval.ms
follower.replication.throttled.replicas - LIST -
index.interval.bytes 4096 INT log.index.interval.bytes
leader.replication.throttled.replicas - LIST -
local.retention.bytes -2 LONG log.local.retention.bytes
local.retention.ms -2 LONG log.local.retention.ms
max.compaction.lag.ms 9223372036854775807 LONG log.cleaner.max.compaction.lag.ms
max.message.bytes 1048588 INT message.max.bytes
message.timestamp.after.max.ms 3600000 LONG log.message.timestamp.after.max.ms
message.timestamp.before.max.ms 9223372036854775807 LONG log.message.timestamp.before.max.ms
message.timestamp.type CreateTime STRING log.message.timestamp.type
min.cleanable.dirty.ratio 0.5 DOUBLE log.cleaner.min.cleanable.ratio
min.compaction.lag.ms 0 LONG log.cleaner.min.compaction.lag.ms
min.insync.replicas 1 INT min.insync.replicas
preallocate false BOOLEAN log.preallocate
remote.log.copy.disable false BOOLEAN -
remote.log.delete.on.disable false BOOLEAN -
remote.storage.enable false BOOLEAN -
retention.bytes -1 LONG log.retention.bytes
retention.ms 604800000 LONG log.retention.ms
segment.bytes 1073741824 INT log.segment.bytes
segment.index.bytes 10485760 INT log.index.size.max.bytes
segment.jitter.ms 0 LONG log.roll.jitter.ms
segment.ms 604800000 LONG log.roll.ms
unclean.leader.election.enable false BOOLEAN unclean.leader.election.enable`

test('every topic config of Kafka is known, with its default, type and broker config', () => {
  const ours = Array.from(topicConfigs.values(), (definition) =>
    [
      definition.name,
      definition.defaultValue || '-',
      definition.type,
      definition.brokerNames[0] ?? '-',
    ].join(' '),
  )
  assert.deepEqual(ours, KAFKA.trim().split('\n'))
})

test('every default is a value that is taken', () => {
  for (const definition of topicConfigs.values()) {
    assert.equal(problemWith(definition, definition.defaultValue), undefined)
  }
})

test('what is refused is refused in the words of Kafka', () => {
  const refused: [string, string, string][] = [
    ['retention.ms', 'abc', 'Not a number of type LONG'],
    ['retention.ms', '-5', 'Value must be at least -1'],
    ['segment.bytes', '10', 'Value must be at least 1048576'],
    ['segment.bytes', '99999999999', 'Not a number of type INT'],
    ['segment.bytes', '1.5', 'Not a number of type INT'],
    ['retention.ms', '9223372036854775808', 'Not a number of type LONG'],
    ['min.cleanable.dirty.ratio', '1.5', 'Value must be no more than 1'],
    ['min.cleanable.dirty.ratio', 'x', 'Not a number of type DOUBLE'],
    ['compression.gzip.level', '10', 'Value must be between 1 and 9 or equal to -1'],
    ['compression.gzip.level', '0', 'Value must be between 1 and 9 or equal to -1'],
    ['compression.lz4.level', '18', 'Value must be no more than 17'],
    ['compression.zstd.level', '23', 'Value must be no more than 22'],
    ['preallocate', 'maybe', 'Expected value to be either true or false'],
    ['cleanup.policy', 'foo', 'String must be one of: compact, delete'],
    ['message.timestamp.type', 'x', 'String must be one of: CreateTime, LogAppendTime'],
    [
      'compression.type',
      'brotli',
      'String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer',
    ],
  ]
  for (const [name, value, reason] of refused) {
    const outcome = checkTopicConfigs({ [name]: value }, brokerConfig)
    const message = `Invalid value ${value} for configuration ${name}: ${reason}`
    assert.equal(outcome.ok ? 'taken' : outcome.failure.message, message)
  }
  const throttle = checkTopicConfigs(
    { 'leader.replication.throttled.replicas': 'foo' },
    brokerConfig,
  )
  assert.match(
    throttle.ok ? '' : throttle.failure.message,
    /^Invalid value \[foo\] for configuration leader\.replication.*must be the literal '\*' or/,
  )
})

test('values that only fail together', () => {
  const lags = { 'min.compaction.lag.ms': '100', 'max.compaction.lag.ms': '10' }
  const outcome = checkTopicConfigs(lags, brokerConfig)
  assert.equal(
    outcome.ok ? '' : outcome.failure.message,
    'conflict topic config setting min.compaction.lag.ms (100) > max.compaction.lag.ms (10)',
  )
  const tiered = checkTopicConfigs({ 'remote.storage.enable': 'true' }, brokerConfig)
  assert.match(tiered.ok ? '' : tiered.failure.message, /^Tiered Storage functionality is disabled/)
})

test('a value is kept in one way of writing', () => {
  const given = {
    'segment.bytes': ' +2097152 ',
    preallocate: 'TRUE',
    'cleanup.policy': 'delete, compact,delete',
  }
  const outcome = checkTopicConfigs(given, brokerConfig)
  assert.deepEqual(outcome.ok && outcome.value, {
    'segment.bytes': '2097152',
    preallocate: 'true',
    'cleanup.policy': 'delete,compact',
  })
})

test('the log gets the topic over the broker over the default', () => {
  const broker = { ...brokerConfig, topicDefaults: { 'segment.ms': '7', 'retention.ms': '8' } }
  const log = toLogConfig({ 'retention.ms': '9', 'retention.bytes': '-2' }, broker)
  assert.equal(log.segmentMs, 7)
  assert.equal(log.retentionMs, 9)
  assert.equal(log.retentionBytes, -1)
  assert.equal(log.segmentBytes, 1 << 30)
  assert.equal(log.timestampBeforeMaxMs, Number.MAX_SAFE_INTEGER)
  assert.equal(log.compact, false)
})

test('without delete in the policy nothing is deleted', () => {
  for (const policy of ['compact', '']) {
    const log = toLogConfig({ 'cleanup.policy': policy, 'retention.ms': '1' }, brokerConfig)
    assert.deepEqual(
      [log.retentionMs, log.retentionBytes, log.compact],
      [-1, -1, policy === 'compact'],
    )
  }
})

test("the broker's configs show what it runs with, topic defaults included", () => {
  const config = { ...brokerConfig, topicDefaults: { 'segment.bytes': '2097152' } }
  const address = { listener: 'KAFKA', host: 'broker.test', port: 19092 }
  const entries = new Map(brokerConfigEntries(config, [address]).map((e) => [e.name, e]))
  assert.equal(entries.get('advertised.listeners')?.value, 'KAFKA://broker.test:19092')
  assert.equal(entries.get('node.id')?.value, '1')
  assert.deepEqual(
    [entries.get('log.segment.bytes')?.value, entries.get('log.segment.bytes')?.isSet],
    ['2097152', true],
  )
  assert.deepEqual(
    [entries.get('log.flush.interval.messages')?.value, entries.get('num.partitions')?.isSet],
    [LONG_MAX_TEXT, false],
  )
  const names = [...entries.keys()]
  assert.deepEqual(names, [...new Set(names)].sort())
})
