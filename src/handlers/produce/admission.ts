// What is refused before the log is asked, which checks the batch itself.
import type { TopicImage } from '../../metadata/image.js'
import type { ProduceRequest } from '../../protocol/messages/produce.js'
import type { IoServices, RequestContext } from '../context.js'
import { kafkaError } from '../error-mapping.js'
import { isLongerThanAnything, isZstd } from './batch-shape.js'
import type { PartitionData } from './partition-answer.js'

export const ALL_IN_SYNC = -1
const LEADER_ONLY = 1
export const NO_ANSWER = 0
const FIRST_VERSION_WITH_ZSTD = 7
/** Kafka's own admin client writes internal topics through the front door. */
const ADMIN_CLIENT_ID = '__admin_client'

export function isKnownAcks(acks: number): boolean {
  return acks === ALL_IN_SYNC || acks === LEADER_ONLY || acks === NO_ANSWER
}

export interface ProduceTarget {
  readonly request: ProduceRequest
  readonly context: RequestContext
  readonly image: TopicImage | undefined
}

/** An error code, or undefined when the log may be asked. */
export function whyRefused(
  { request, context, image }: ProduceTarget,
  { index, records }: PartitionData,
  services: IoServices,
): number | undefined {
  const { clientId, apiVersion } = context.header
  if (image?.isInternal && clientId !== ADMIN_CLIENT_ID) return kafkaError.INVALID_TOPIC_EXCEPTION
  if (records === null || records.length === 0) return kafkaError.INVALID_RECORD
  if (apiVersion < FIRST_VERSION_WITH_ZSTD && isZstd(records)) {
    return kafkaError.UNSUPPORTED_COMPRESSION_TYPE
  }
  if (request.acks === ALL_IN_SYNC && lacksReplicas(image, index, services)) {
    return kafkaError.NOT_ENOUGH_REPLICAS
  }
  return isLongerThanAnything(records) ? kafkaError.UNKNOWN_SERVER_ERROR : undefined
}

// As Kafka: never more than there are replicas.
function lacksReplicas(
  image: TopicImage | undefined,
  index: number,
  services: IoServices,
): boolean {
  const partition = image?.partitions[index]
  if (image === undefined || partition === undefined) return false
  const asked =
    image.configs['min.insync.replicas'] ??
    services.config.topicDefaults['min.insync.replicas'] ??
    '1'
  const needed = Math.min(Number(asked), partition.replicas.length)
  return partition.inSyncReplicas.length < needed
}
