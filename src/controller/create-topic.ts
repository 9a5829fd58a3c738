// Decides which topics of a request are created, and how. Kafka's rules, in Kafka's order: name, then
// existence, then configs, then partitions.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Random } from '../base/random.js'
import {
  type ConfigValues,
  checkTopicConfigs,
  type TopicConfigDefaults,
} from '../config/topic-config-values.js'
import type { BrokerConfig } from '../config/types.js'
import type { Change, ClusterState, Decision } from '../metadata/cluster-state.js'
import { randomId } from '../metadata/ids.js'
import type { ReplicaAssignment, TopicRecord } from '../metadata/records.js'
import { isReservedName, problemWithName } from '../metadata/topic-names.js'
import { type Placement, problemWithReplicas, tooFewBrokers } from './assignment.js'
import { spreadReplicas } from './spread-replicas.js'

/** Of one request, all topics together: a typo must not fill the disk with folders. */
export const MAX_PARTITIONS_PER_REQUEST = 10_000
const USE_DEFAULT = -1

export interface NewTopic {
  readonly name: string
  /** -1: the broker's default, or as many as are assigned. */
  readonly partitionCount: number
  readonly replicationFactor: number
  readonly assignments: readonly {
    readonly partitionIndex: number
    readonly brokerIds: readonly number[]
  }[]
  readonly configs: readonly { readonly name: string; readonly value: string | null }[]
}

export interface CreateSurroundings {
  readonly broker: TopicConfigDefaults &
    Pick<BrokerConfig, 'defaultPartitions' | 'defaultReplicationFactor'>
  readonly random: Random
  readonly placement: Placement
}

export interface TopicOutcome {
  readonly name: string
  readonly outcome: Outcome<TopicRecord>
}

export function decideCreateTopics(
  state: ClusterState,
  topics: readonly NewTopic[],
  surroundings: CreateSurroundings,
): Decision<readonly TopicOutcome[]> {
  const response: TopicOutcome[] = []
  const changes: Change[] = []
  const total = totalPartitions(topics, surroundings.broker.defaultPartitions)
  for (const topic of topics) {
    const outcome =
      total > MAX_PARTITIONS_PER_REQUEST
        ? fail('POLICY_VIOLATION', 'Excessively large number of partitions per request.')
        : createOne(state, topic, surroundings)
    response.push({ name: topic.name, outcome })
    if (outcome.ok) changes.push({ type: 'topic', record: outcome.value })
  }
  return { changes, response }
}

function totalPartitions(topics: readonly NewTopic[], defaultPartitions: number): number {
  return topics.reduce((sum, { assignments, partitionCount }) => {
    if (assignments.length > 0) return sum + assignments.length
    return sum + (partitionCount === USE_DEFAULT ? defaultPartitions : Math.max(0, partitionCount))
  }, 0)
}

function createOne(
  state: ClusterState,
  topic: NewTopic,
  surroundings: CreateSurroundings,
): Outcome<TopicRecord> {
  const { name } = topic
  if (isReservedName(name)) {
    return fail('INVALID_REQUEST', `Creation of internal topic ${name} is prohibited.`)
  }
  const nameProblem = problemWithName(name)
  if (nameProblem !== undefined) return fail('INVALID_TOPIC', nameProblem)
  if (state.topic(name) !== undefined)
    return fail('TOPIC_EXISTS', `Topic '${name}' already exists.`)
  const collision = state.collisionWith(name)
  if (collision !== undefined) {
    return fail('INVALID_TOPIC', `Topic '${name}' collides with existing topic: ${collision}`)
  }
  const configs = configsOf(topic, surroundings.broker)
  if (!configs.ok) return configs
  const replicas =
    topic.assignments.length > 0
      ? chosenReplicas(state, topic)
      : spreadOver(state, topic, surroundings)
  if (!replicas.ok) return replicas
  const partitions = placeAll(replicas.value, surroundings.placement)
  if (!partitions.ok) return partitions
  const id = randomId(surroundings.random)
  return succeed({
    id,
    name,
    isDeleted: false,
    configs: configs.value,
    partitions: partitions.value,
  })
}

function configsOf(topic: NewTopic, broker: TopicConfigDefaults): Outcome<ConfigValues> {
  const values: Record<string, string> = {}
  for (const { name, value } of topic.configs) {
    if (value === null) {
      return fail('INVALID_CONFIG', `Null value not supported for topic configs: ${name}`)
    }
    values[name] = value
  }
  return checkTopicConfigs(values, broker)
}

function spreadOver(
  state: ClusterState,
  topic: NewTopic,
  { broker, random }: CreateSurroundings,
): Outcome<number[][]> {
  const { partitionCount, replicationFactor } = topic
  if (replicationFactor !== USE_DEFAULT && replicationFactor < 1) {
    const message = 'Replication factor must be larger than 0, or -1 to use the default value.'
    return fail('INVALID_REPLICATION_FACTOR', message)
  }
  if (partitionCount !== USE_DEFAULT && partitionCount < 1) {
    const message = 'Number of partitions was set to an invalid non-positive value.'
    return fail('INVALID_PARTITIONS', message)
  }
  const factor =
    replicationFactor === USE_DEFAULT ? broker.defaultReplicationFactor : replicationFactor
  const brokers = state.placeableBrokers(factor)
  if (factor > brokers.length) {
    return fail('INVALID_REPLICATION_FACTOR', tooFewBrokers(factor, brokers.length))
  }
  const count = partitionCount === USE_DEFAULT ? broker.defaultPartitions : partitionCount
  const first = Math.floor(random.next() * brokers.length)
  return succeed(spreadReplicas({ brokers, replicationFactor: factor, first, count }))
}

function chosenReplicas(state: ClusterState, topic: NewTopic): Outcome<number[][]> {
  if (topic.replicationFactor !== USE_DEFAULT) {
    const message =
      'A manual partition assignment was specified, but replication factor was not set to -1.'
    return fail('INVALID_REQUEST', message)
  }
  if (topic.partitionCount !== USE_DEFAULT) {
    const message =
      'A manual partition assignment was specified, but numPartitions was not set to -1.'
    return fail('INVALID_REQUEST', message)
  }
  const chosen = new Map<number, number[]>()
  let factor: number | undefined
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (chosen.has(partitionIndex)) {
      const message = `Found multiple manual partition assignments for partition ${partitionIndex}`
      return fail('INVALID_REPLICA_ASSIGNMENT', message)
    }
    const problem = problemWithReplicas(brokerIds, state.brokers, factor)
    if (problem !== undefined) return fail('INVALID_REPLICA_ASSIGNMENT', problem)
    factor = brokerIds.length
    chosen.set(partitionIndex, [...brokerIds])
  }
  const replicas: number[][] = []
  for (let index = 0; index < chosen.size; index++) {
    const brokerIds = chosen.get(index)
    if (brokerIds === undefined) {
      const message = 'partitions should be a consecutive 0-based integer sequence'
      return fail('INVALID_REPLICA_ASSIGNMENT', message)
    }
    replicas.push(brokerIds)
  }
  return succeed(replicas)
}

export function placeAll(
  replicas: readonly (readonly number[])[],
  placement: Placement,
): Outcome<ReplicaAssignment[]> {
  const partitions: ReplicaAssignment[] = []
  for (const brokerIds of replicas) {
    const placed = placement.place(brokerIds)
    if (!placed.ok) return placed
    partitions.push(placed.value)
  }
  return succeed(partitions)
}
