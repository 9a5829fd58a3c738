// Metadata: which topics there are, who leads their partitions, and where the brokers listen.
//
// v0    an empty list asks for all topics      v1  null asks for all, an empty list for none
// v4    allowAutoTopicCreation                 v8  authorized operations (KIP-430)
// v10   topic ids (KIP-516); asking by id from v12 on
// v11   no cluster operations: DescribeCluster has them (KIP-700)      v13 top-level errorCode

import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image.js'
import { problemWithName } from '../metadata/topic-names.js'
import type { MetadataRequest, MetadataResponse } from '../protocol/messages/metadata.js'
import { ZERO_UUID } from '../protocol/uuid.js'
import {
  CLUSTER_OPERATIONS,
  OPERATIONS_NOT_ASKED,
  TOPIC_OPERATIONS,
} from './authorized-operations.js'
import type { IoServices, RequestContext } from './context.js'
import { brokersOn } from './endpoints.js'
import { errorNumber, kafkaError } from './error-mapping.js'

type TopicResponse = MetadataResponse['topics'][number]
type PartitionResponse = TopicResponse['partitions'][number]

const FIRST_VERSION_BY_ID = 12
const FIRST_VERSION_WITH_LISTENER_ERRORS = 6

export async function metadata(
  request: MetadataRequest,
  services: IoServices,
  context: RequestContext,
): Promise<MetadataResponse> {
  const version = context.header.apiVersion
  const invalid = whyInvalid(request, version)
  if (invalid !== undefined) return refused(request, invalid)
  // As Kafka, the answer is from before: a client asks again until the topic it named is there.
  const image = services.metadata()
  const reasons = await createMissing(request, services)
  const describe = new TopicDescriber(image, request, context)
  const topics = asksForAll(request, version)
    ? Array.from(image.topics(), (topic) => describe.known(topic))
    : withoutTwins(request.topics ?? []).map(({ name, topicId }) =>
        name === null || topicId !== ZERO_UUID
          ? describe.byId(topicId)
          : describe.byName(name, reasons),
      )
  return {
    throttleTimeMs: 0,
    brokers: brokersOn(image, context.client.listener.name).map(({ broker, endpoint }) => ({
      nodeId: broker.id,
      host: endpoint.host,
      port: endpoint.port,
      rack: broker.rack ?? null,
    })),
    clusterId: image.clusterId,
    controllerId: image.controllerId,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED,
    errorCode: kafkaError.NONE,
  }
}

type Asked = NonNullable<MetadataRequest['topics']>[number]

/** undefined: the request as a whole makes sense. */
function whyInvalid(request: MetadataRequest, version: number): number | undefined {
  for (const { name, topicId } of request.topics ?? []) {
    const hasId = topicId !== ZERO_UUID
    if (version < FIRST_VERSION_BY_ID && (hasId || name === null)) return kafkaError.INVALID_REQUEST
    if (name === null && !hasId) return kafkaError.UNKNOWN_SERVER_ERROR
  }
  return undefined
}

function refused(request: MetadataRequest, errorCode: number): MetadataResponse {
  return {
    throttleTimeMs: 0,
    brokers: [],
    clusterId: null,
    controllerId: -1,
    topics: (request.topics ?? []).map((t) => unknownTopic(errorCode, t.name ?? '', t.topicId)),
    clusterAuthorizedOperations: OPERATIONS_NOT_ASKED,
    errorCode,
  }
}

function withoutTwins(topics: readonly Asked[]): readonly Asked[] {
  return [...new Map(topics.map((asked) => [`${asked.topicId}/${asked.name}`, asked])).values()]
}

function asksForAll(request: MetadataRequest, version: number): boolean {
  return request.topics === null || (version === 0 && request.topics.length === 0)
}

type Reasons = ReadonlyMap<string, number>
const noReasons: Reasons = new Map()

/** Why topics that were asked for by name could not be created; empty when nothing had to be. */
async function createMissing(request: MetadataRequest, services: IoServices): Promise<Reasons> {
  if (!request.allowAutoTopicCreation || !services.config.autoCreateTopics) return noReasons
  const image = services.metadata()
  const missing = new Set<string>()
  for (const { name } of request.topics ?? []) {
    if (name !== null && problemWithName(name) === undefined && image.topic(name) === undefined)
      missing.add(name)
  }
  if (missing.size === 0) return noReasons
  const reasons = new Map<string, number>()
  for (const [name, outcome] of await services.control.autoCreateTopics([...missing])) {
    if (!outcome.ok) reasons.set(name, errorNumber(outcome.failure.code))
  }
  return reasons
}

class TopicDescriber {
  private readonly operations: number

  constructor(
    private readonly image: MetadataImage,
    request: MetadataRequest,
    private readonly context: RequestContext,
  ) {
    this.operations = request.includeTopicAuthorizedOperations
      ? TOPIC_OPERATIONS
      : OPERATIONS_NOT_ASKED
  }

  byName(name: string, reasons: Reasons): TopicResponse {
    const topic = this.image.topic(name)
    if (topic !== undefined) return this.known(topic)
    if (problemWithName(name) !== undefined) {
      return this.unknown(kafkaError.INVALID_TOPIC_EXCEPTION, name)
    }
    const errorCode = reasons.get(name) ?? kafkaError.UNKNOWN_TOPIC_OR_PARTITION
    return this.unknown(errorCode, name)
  }

  byId(topicId: string): TopicResponse {
    const topic = this.image.topicById(topicId)
    if (topic !== undefined) return this.known(topic)
    return unknownTopic(kafkaError.UNKNOWN_TOPIC_ID, null, topicId)
  }

  known(topic: TopicImage): TopicResponse {
    return {
      errorCode: kafkaError.NONE,
      name: topic.name,
      topicId: topic.id,
      isInternal: topic.isInternal,
      partitions: topic.partitions.map((partition) => this.partition(partition)),
      topicAuthorizedOperations: this.operations,
    }
  }

  private unknown(errorCode: number, name: string): TopicResponse {
    const topicAuthorizedOperations = this.operations
    return { ...unknownTopic(errorCode, name, ZERO_UUID), topicAuthorizedOperations }
  }

  private partition(partition: PartitionImage): PartitionResponse {
    const errorCode = this.leaderError(partition)
    return {
      errorCode,
      partitionIndex: partition.index,
      leaderId: errorCode === kafkaError.NONE ? partition.leaderId : -1,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: [...partition.replicas],
      isrNodes: [...partition.inSyncReplicas],
      offlineReplicas: partition.replicas.filter((id) => !this.image.brokers.has(id)),
    }
  }

  private leaderError(partition: PartitionImage): number {
    const leader = this.image.brokers.get(partition.leaderId)
    if (leader === undefined) return kafkaError.LEADER_NOT_AVAILABLE
    const listener = this.context.client.listener.name
    if (leader.endpoints.some((endpoint) => endpoint.listener === listener)) return kafkaError.NONE
    return this.context.header.apiVersion >= FIRST_VERSION_WITH_LISTENER_ERRORS
      ? kafkaError.LISTENER_NOT_FOUND
      : kafkaError.LEADER_NOT_AVAILABLE
  }
}

function unknownTopic(errorCode: number, name: string | null, topicId: string): TopicResponse {
  return {
    errorCode,
    name,
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  }
}
