// The decisions as pure functions: a state and a command give changes and an answer. The sentences are
// those that Kafka 4.3.1 answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../src/base/errors.js'
import { systemRandom } from '../../src/base/random.js'
import { decideAlterTopicConfigs } from '../../src/controller/alter-configs.js'
import { Placement } from '../../src/controller/assignment.js'
import { decideCreatePartitions } from '../../src/controller/create-partitions.js'
import { decideCreateTopics, type NewTopic } from '../../src/controller/create-topic.js'
import { decideDeleteTopics } from '../../src/controller/delete-topic.js'
import { ClusterState } from '../../src/metadata/cluster-state.js'
import { brokerConfig, newTopic } from './controller-fixture.js'

const surroundings = () => ({
  broker: brokerConfig,
  random: systemRandom,
  placement: new Placement(1, [{ id: 'd1', partitionCount: 0 }]),
})

const admitted = {
  epoch: 1,
  incarnation: 'one',
  isFenced: false,
  isDraining: false,
  isDrained: false,
  isForgotten: false,
  rack: undefined,
  endpoints: [],
  stoppedCleanly: true,
  mayLackRecords: false,
  directories: [],
}

function stateWith(brokers: readonly number[], topics: readonly NewTopic[] = []): ClusterState {
  const state = new ClusterState()
  for (const id of brokers) {
    const record = { id, epoch: 1, rack: undefined, endpoints: [], interBroker: undefined }
    state.replay({ type: 'broker', record })
    state.replay({ type: 'broker-state', brokerId: id, record: admitted })
  }
  for (const change of decideCreateTopics(state, topics, surroundings()).changes) {
    state.replay(change)
  }
  return state
}

function failureOf(outcome: Outcome<unknown> | undefined): string {
  assert.ok(outcome !== undefined)
  return outcome.ok ? 'created' : `${outcome.failure.code}: ${outcome.failure.message}`
}

function creating(state: ClusterState, ...topics: NewTopic[]): string[] {
  const { response } = decideCreateTopics(state, topics, surroundings())
  return response.map(({ outcome }) => failureOf(outcome))
}

const assigned = (...lists: (readonly [number, ...number[]])[]) =>
  lists.map(([partitionIndex, ...brokerIds]) => ({ partitionIndex, brokerIds }))

test('a decision changes nothing by itself', () => {
  const state = stateWith([1])
  const { changes } = decideCreateTopics(state, [newTopic('orders')], surroundings())
  assert.equal(changes.length, 1)
  assert.equal(state.topic('orders'), undefined)
  for (const change of changes) state.replay(change)
  assert.equal(state.topic('orders')?.partitions.length, 1)
})

test('names', () => {
  const state = stateWith([1], [newTopic('a.b'), newTopic('plain')])
  const long = 'x'.repeat(250)
  const letters = "contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"
  const cases: [string, string][] = [
    ['', 'INVALID_TOPIC: Topic name is invalid: the empty string is not allowed'],
    ['.', "INVALID_TOPIC: Topic name is invalid: '.' is not allowed"],
    ['..', "INVALID_TOPIC: Topic name is invalid: '..' is not allowed"],
    ['a/b', `INVALID_TOPIC: Topic name is invalid: 'a/b' ${letters}`],
    ['ä', `INVALID_TOPIC: Topic name is invalid: 'ä' ${letters}`],
    [
      long,
      `INVALID_TOPIC: Topic name is invalid: the length of '${long}' is longer than the max allowed length 249`,
    ],
    ['plain', "TOPIC_EXISTS: Topic 'plain' already exists."],
    ['a_b', "INVALID_TOPIC: Topic 'a_b' collides with existing topic: a.b"],
    [
      '__cluster_metadata',
      'INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited.',
    ],
    ['x'.repeat(249), 'created'],
  ]
  for (const [name, expected] of cases)
    assert.deepEqual(creating(state, newTopic(name)), [expected])
})

test('a name that collided is free again when the other topic is deleted', () => {
  const state = stateWith([1], [newTopic('a.b')])
  for (const change of decideDeleteTopics(state, [{ name: 'a.b' }]).changes) state.replay(change)
  assert.deepEqual(creating(state, newTopic('a_b'), newTopic('a.b')), ['created', 'created'])
})

test('counts', () => {
  const state = stateWith([1])
  const partitions =
    'INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.'
  const factor =
    'INVALID_REPLICATION_FACTOR: Replication factor must be larger than 0, or -1 to use the default value.'
  const excessive = 'POLICY_VIOLATION: Excessively large number of partitions per request.'
  assert.deepEqual(creating(state, newTopic('a', { partitionCount: 0 })), [partitions])
  assert.deepEqual(creating(state, newTopic('a', { partitionCount: -2 })), [partitions])
  assert.deepEqual(creating(state, newTopic('a', { replicationFactor: 0 })), [factor])
  assert.deepEqual(creating(state, newTopic('a', { partitionCount: 10_001 })), [excessive])
  assert.deepEqual(
    creating(
      state,
      newTopic('a', { partitionCount: 5001 }),
      newTopic('b', { partitionCount: 5000 }),
    ),
    [excessive, excessive],
  )
  assert.match(
    creating(state, newTopic('a', { replicationFactor: 2 }))[0] ?? '',
    /^INVALID_REPLICATION_FACTOR: Unable to replicate the partition 2 time\(s\)/,
  )
})

test('assignments', () => {
  const state = stateWith([1, 2])
  const cases: [Partial<NewTopic>, string][] = [
    [{ assignments: assigned([0, 1], [1, 2]) }, 'created'],
    [
      { assignments: assigned([0, 1]), partitionCount: 1 },
      'INVALID_REQUEST: A manual partition assignment was specified, but numPartitions was not set to -1.',
    ],
    [
      { assignments: assigned([0, 1]), replicationFactor: 1 },
      'INVALID_REQUEST: A manual partition assignment was specified, but replication factor was not set to -1.',
    ],
    [
      { assignments: assigned([0, 1], [2, 1]) },
      'INVALID_REPLICA_ASSIGNMENT: partitions should be a consecutive 0-based integer sequence',
    ],
    [
      { assignments: assigned([0, 1], [0, 1]) },
      'INVALID_REPLICA_ASSIGNMENT: Found multiple manual partition assignments for partition 0',
    ],
    [
      { assignments: assigned([0, 9]) },
      'INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 9, but no such broker is registered.',
    ],
    [
      { assignments: assigned([0, 1, 1]) },
      'INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes the broker 1 more than once.',
    ],
    [
      { assignments: [{ partitionIndex: 0, brokerIds: [] }] },
      'INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes an empty replica list.',
    ],
    [
      { assignments: assigned([0, 1], [1, 1, 2]) },
      'INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes a partition with 2 replica(s), but this is not consistent with previous partitions, which have 1 replica(s).',
    ],
  ]
  for (const [change, expected] of cases) {
    assert.deepEqual(creating(state, newTopic('a', change)), [expected])
  }
})

test('replicas go round the brokers, and only this broker chooses a directory', () => {
  const state = stateWith([1, 2, 3])
  const random = { next: () => 0.5, bytes: systemRandom.bytes }
  const topic = newTopic('a', { partitionCount: 3, replicationFactor: 2 })
  const { changes } = decideCreateTopics(state, [topic], { ...surroundings(), random })
  for (const change of changes) state.replay(change)
  const partitions = state.topic('a')?.partitions ?? []
  assert.deepEqual(
    partitions.map(({ replicas }) => replicas),
    [
      [2, 3],
      [3, 1],
      [1, 3],
    ],
  )
  assert.deepEqual(
    partitions.map(({ directories }) => directories.indexOf('d1')),
    [-1, 1, 0],
  )
})

test('ids are random UUIDs of version 4 and never begin with a dash', () => {
  let seed = 0
  const random = { next: () => 0, bytes: (n: number) => new Uint8Array(n).fill(248 + seed++) }
  const { changes } = decideCreateTopics(stateWith([1]), [newTopic('a')], {
    ...surroundings(),
    random,
  })
  const [change] = changes
  assert.ok(change?.type === 'topic')
  assert.equal(change.record.id[0], '_')
  const bytes = Buffer.from(change.record.id, 'base64url')
  assert.equal((bytes[6] ?? 0) >> 4, 4)
  assert.equal((bytes[8] ?? 0) >> 6, 2)
})

test('deleting', () => {
  const state = stateWith([1], [newTopic('a'), newTopic('b')])
  const { changes, response } = decideDeleteTopics(state, [
    { name: 'a' },
    { name: 'a' },
    { name: 'nope' },
    { id: 'AAAAAAAAAAAAAAAAAAAAAQ' },
  ])
  assert.equal(changes.length, 1)
  assert.deepEqual(response.map(failureOf), [
    'created',
    'UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.',
    'UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.',
    'UNKNOWN_TOPIC_ID: This server does not host this topic ID.',
  ])
})

test('growing', () => {
  const state = stateWith([1], [newTopic('a', { partitionCount: 3 })])
  const growing = (count: number, brokers: number[][] | null = null) => {
    const assignments = brokers?.map((brokerIds) => ({ brokerIds })) ?? null
    const asked = [{ name: 'a', count, assignments }]
    return failureOf(decideCreatePartitions(state, asked, surroundings()).response[0]?.outcome)
  }
  assert.equal(growing(5), 'created')
  assert.equal(growing(5, [[1], [1]]), 'created')
  assert.equal(growing(3), 'INVALID_PARTITIONS: Topic already has 3 partition(s).')
  assert.equal(
    growing(-1),
    'INVALID_PARTITIONS: The topic a currently has 3 partition(s); -1 would not be an increase.',
  )
  assert.equal(
    growing(5, [[1]]),
    'INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified.',
  )
  assert.match(growing(4, [[9]]), /^INVALID_REPLICA_ASSIGNMENT: .*broker 9, but no such broker/)
  assert.match(growing(2 ** 31 - 1), /^POLICY_VIOLATION: 2147483647 partitions of a are too many/)
})

test('configs of a topic change as asked, or the reason says why not', () => {
  const configs = [{ name: 'retention.ms', value: '1000' }]
  const state = stateWith([1], [newTopic('a', { configs })])
  const alter = (
    mode: 'replace' | 'incremental',
    operation: 'set' | 'delete' | 'append' | 'subtract',
    ...[name, value]: [string, string | null]
  ) => {
    const asked = [{ topic: 'a', mode, operations: [{ name, operation, value }] }]
    const { changes, response } = decideAlterTopicConfigs(state, asked, brokerConfig)
    const [change] = changes
    return change?.type === 'topic' ? change.record.configs : failureOf(response[0])
  }
  assert.deepEqual(alter('incremental', 'set', 'segment.ms', '5'), {
    'retention.ms': '1000',
    'segment.ms': '5',
  })
  assert.deepEqual(alter('replace', 'set', 'segment.ms', '5'), { 'segment.ms': '5' })
  assert.deepEqual(alter('incremental', 'delete', 'retention.ms', null), {})
  assert.deepEqual(alter('incremental', 'delete', 'no.such', null), { 'retention.ms': '1000' })
  assert.deepEqual(alter('incremental', 'append', 'cleanup.policy', 'compact'), {
    'retention.ms': '1000',
    'cleanup.policy': 'delete,compact',
  })
  assert.deepEqual(alter('incremental', 'subtract', 'cleanup.policy', 'delete'), {
    'retention.ms': '1000',
    'cleanup.policy': '',
  })
  assert.equal(
    alter('incremental', 'append', 'retention.ms', '1'),
    "INVALID_CONFIG: Can't APPEND to key retention.ms because its type is not LIST.",
  )
  assert.equal(
    alter('incremental', 'set', 'retention.ms', null),
    'INVALID_REQUEST: Null value not supported for : retention.ms',
  )
  assert.equal(
    alter('incremental', 'set', 'no.such', '1'),
    'INVALID_CONFIG: Unknown topic config name: no.such',
  )
})
