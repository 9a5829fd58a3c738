// DescribeTopicPartitions: topics page by page, in the order of their names (KIP-966). v0.

import type { PartitionImage, TopicImage } from '../metadata/image.js'
import { problemWithName } from '../metadata/topic-names.js'
import type {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
} from '../protocol/messages/describe-topic-partitions.js'
import { ZERO_UUID } from '../protocol/uuid.js'
import { OPERATIONS_NOT_ASKED, TOPIC_OPERATIONS } from './authorized-operations.js'
import type { IoServices } from './context.js'
import { kafkaError } from './error-mapping.js'

type TopicResponse = DescribeTopicPartitionsResponse['topics'][number]
type Cursor = NonNullable<DescribeTopicPartitionsResponse['nextCursor']>

/** max.request.partition.size.limit */
const MAX_PARTITIONS = 2000

export function describeTopicPartitions(
  request: DescribeTopicPartitionsRequest,
  services: IoServices,
): DescribeTopicPartitionsResponse {
  const { cursor } = request
  if (cursor !== null && !fits(cursor, request)) return refused(request, kafkaError.INVALID_REQUEST)
  if (request.topics.some(({ name }) => name === '')) {
    return refused(request, kafkaError.UNKNOWN_SERVER_ERROR) // as Kafka, whatever else was asked
  }
  const image = services.metadata()
  const names = namesFrom(request, image.topics(), cursor?.topicName ?? '')
  const topics: TopicResponse[] = []
  let left = Math.max(1, Math.min(MAX_PARTITIONS, request.responsePartitionLimit))
  for (const name of names) {
    const topic = image.topic(name)
    const from = cursor?.topicName === name ? cursor.partitionIndex : 0
    if (left === 0) return answer(topics, { topicName: name, partitionIndex: from })
    if (topic === undefined) {
      topics.push(unknownTopic(name))
      continue
    }
    const partitions = topic.partitions.slice(from, from + left)
    left -= partitions.length
    topics.push(knownTopic(topic, partitions))
    if (from + partitions.length < topic.partitions.length) {
      return answer(topics, { topicName: name, partitionIndex: from + partitions.length })
    }
  }
  return answer(topics, null)
}

/** A cursor into topics that are asked for by name must be at one of them. */
function fits(cursor: Cursor, { topics }: DescribeTopicPartitionsRequest): boolean {
  if (cursor.partitionIndex < 0) return false
  return topics.length === 0 || topics.some(({ name }) => name === cursor.topicName)
}

function refused(
  request: DescribeTopicPartitionsRequest,
  errorCode: number,
): DescribeTopicPartitionsResponse {
  const topics = request.topics.map(({ name }) => ({
    ...unknownTopic(name),
    errorCode,
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  }))
  return answer(topics, null)
}

/** Nothing asked for asks for all. */
function namesFrom(
  request: DescribeTopicPartitionsRequest,
  all: Iterable<TopicImage>,
  first: string,
): string[] {
  const asked =
    request.topics.length > 0
      ? request.topics.map((topic) => topic.name)
      : Array.from(all, (topic) => topic.name)
  return [...new Set(asked)].filter((name) => name >= first).sort()
}

function answer(topics: TopicResponse[], nextCursor: Cursor | null) {
  return { throttleTimeMs: 0, topics, nextCursor }
}

function knownTopic(topic: TopicImage, partitions: readonly PartitionImage[]): TopicResponse {
  return {
    errorCode: kafkaError.NONE,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.isInternal,
    partitions: partitions.map((partition) => ({
      errorCode: partition.leaderId < 0 ? kafkaError.LEADER_NOT_AVAILABLE : kafkaError.NONE,
      partitionIndex: partition.index,
      leaderId: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: [...partition.replicas],
      isrNodes: [...partition.inSyncReplicas],
      eligibleLeaderReplicas: [...partition.eligibleLeaders],
      lastKnownElr: [],
      offlineReplicas: [],
    })),
    topicAuthorizedOperations: TOPIC_OPERATIONS,
  }
}

function unknownTopic(name: string): TopicResponse {
  return {
    errorCode:
      problemWithName(name) === undefined
        ? kafkaError.UNKNOWN_TOPIC_OR_PARTITION
        : kafkaError.INVALID_TOPIC_EXCEPTION,
    name,
    topicId: ZERO_UUID,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: TOPIC_OPERATIONS,
  }
}
