// What `millrace cluster` asks one broker, in Kafka's own requests: any broker answers, and passes on what the
// controller decides.
import { codecFor } from '../../protocol/codec.js'
import { kafkaErrorName } from '../../protocol/error-codes.js'
import { alterPartitionReassignments } from '../../protocol/messages/alter-partition-reassignments.js'
import { describeCluster } from '../../protocol/messages/describe-cluster.js'
import { describeConfigs } from '../../protocol/messages/describe-configs.js'
import {
  type DescribeTopicPartitionsResponse,
  describeTopicPartitions,
} from '../../protocol/messages/describe-topic-partitions.js'
import { electLeaders } from '../../protocol/messages/elect-leaders.js'
import { listPartitionReassignments } from '../../protocol/messages/list-partition-reassignments.js'
import { CommandFailure, ExitCode } from '../exit.js'
import type { KafkaWire } from '../kafka-wire.js'
import { askDrained } from './ask-brokers.js'
import type { ClusterPartition, ClusterSnapshot } from './health.js'
import { refuse } from './refuse.js'

const TOPIC = 2
const TIMEOUT_MS = 30_000
const MIN_IN_SYNC = 'min.insync.replicas'
const UNKNOWN_TOPIC = 3

export async function askSnapshot(
  wire: KafkaWire,
  topics: readonly string[],
): Promise<ClusterSnapshot> {
  const cluster = await wire.request(codecFor(describeCluster, 2), {
    includeClusterAuthorizedOperations: false,
    endpointType: 1,
    includeFencedBrokers: true,
  })
  refuse(cluster.errorCode, cluster.errorMessage)
  const partitions = await askPartitions(wire, topics)
  const drained = await askDrained(wire, cluster.brokers)
  const lacking = partitions.filter(({ replicas, inSync }) => inSync.length < replicas.length)
  return {
    clusterId: cluster.clusterId,
    controllerId: cluster.controllerId,
    brokers: cluster.brokers
      .map(({ brokerId: id, ...rest }) => ({ id, isDrained: drained.has(id), ...rest }))
      .sort((a, b) => a.id - b.id),
    partitions,
    minInSync: await askMinInSync(wire, [...new Set(lacking.map(({ topic }) => topic))]),
  }
}

async function askPartitions(
  wire: KafkaWire,
  names: readonly string[],
): Promise<readonly ClusterPartition[]> {
  const found: ClusterPartition[] = []
  const topics = names.map((name) => ({ name }))
  let cursor: DescribeTopicPartitionsResponse['nextCursor'] = null
  do {
    const page: DescribeTopicPartitionsResponse = await wire.request(
      codecFor(describeTopicPartitions, 0),
      { topics, cursor },
    )
    for (const topic of page.topics) found.push(...partitionsOf(topic))
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}

type DescribedTopic = DescribeTopicPartitionsResponse['topics'][number]

function partitionsOf({ errorCode, name, partitions }: DescribedTopic): ClusterPartition[] {
  const topic = name ?? ''
  if (errorCode === UNKNOWN_TOPIC) {
    throw new CommandFailure(`there is no topic ${topic}`, ExitCode.notFound)
  }
  refuse(errorCode, `topic ${topic}`)
  return partitions.map((partition) => ({
    topic,
    index: partition.partitionIndex,
    leader: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    replicas: partition.replicaNodes,
    inSync: partition.isrNodes,
    eligibleLeaders: partition.eligibleLeaderReplicas ?? [],
  }))
}

async function askMinInSync(
  wire: KafkaWire,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (topics.length === 0) return new Map()
  const { results } = await wire.request(codecFor(describeConfigs, 4), {
    resources: topics.map((resourceName) => ({
      resourceType: TOPIC,
      resourceName,
      configurationKeys: [MIN_IN_SYNC],
    })),
  })
  return new Map(
    results.map(({ resourceName, configs }) => [resourceName, Number(configs[0]?.value ?? 1)]),
  )
}

export interface PartitionPlan {
  readonly topic: string
  readonly index: number
  /** null: stop what is going on. */
  readonly replicas: readonly number[] | null
}

/** Fails with the first that is refused. */
export async function askReassign(wire: KafkaWire, plans: readonly PartitionPlan[]): Promise<void> {
  const answer = await wire.request(codecFor(alterPartitionReassignments, 1), {
    timeoutMs: TIMEOUT_MS,
    topics: plans.map(({ topic, index, replicas }) => ({
      name: topic,
      partitions: [{ partitionIndex: index, replicas: replicas === null ? null : [...replicas] }],
    })),
  })
  refuse(answer.errorCode, answer.errorMessage)
  for (const { name, partitions } of answer.responses) {
    for (const { partitionIndex, errorCode, errorMessage } of partitions) {
      refuse(errorCode, errorMessage, `${name}-${partitionIndex}`)
    }
  }
}

export interface MovingReplicas {
  readonly topic: string
  readonly index: number
  readonly replicas: readonly number[]
  readonly adding: readonly number[]
  readonly removing: readonly number[]
}

export async function askMoving(wire: KafkaWire): Promise<readonly MovingReplicas[]> {
  const codec = codecFor(listPartitionReassignments, 0)
  const answer = await wire.request(codec, { timeoutMs: TIMEOUT_MS, topics: null })
  refuse(answer.errorCode, answer.errorMessage)
  return answer.topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, replicas, addingReplicas, removingReplicas }) => ({
      topic: name,
      index: partitionIndex,
      replicas,
      adding: addingReplicas,
      removing: removingReplicas,
    })),
  )
}

export interface Elected {
  readonly topic: string
  readonly index: number
  /** 'NONE': elected. */
  readonly result: string
  readonly message: string
}

/** `partitions` undefined: all, and of those only the ones that needed it are told. */
export async function askElect(
  wire: KafkaWire,
  type: 'preferred' | 'unclean',
  partitions: readonly { readonly topic: string; readonly index: number }[] | undefined,
): Promise<readonly Elected[]> {
  const answer = await wire.request(codecFor(electLeaders, 2), {
    electionType: type === 'preferred' ? 0 : 1,
    timeoutMs: TIMEOUT_MS,
    topicPartitions:
      partitions?.map(({ topic, index }) => ({ topic, partitions: [index] })) ?? null,
  })
  refuse(answer.errorCode, null)
  return answer.replicaElectionResults.flatMap(({ topic, partitionResult }) =>
    partitionResult.map(({ partitionId, errorCode, errorMessage }) => ({
      topic,
      index: partitionId,
      result: kafkaErrorName(errorCode) ?? String(errorCode),
      message: errorMessage ?? '',
    })),
  )
}
