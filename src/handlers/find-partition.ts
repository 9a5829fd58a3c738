// From what a request names to the partition that serves it, or to the number of the error that says
// why not. The answer is the error's number itself, so that the hot path allocates nothing.
import type { MetadataImage } from '../metadata/image.js'
import type { Partition } from '../partition/partition.js'
import type { PartitionRegistry } from '../partition/registry.js'
import { kafkaError } from './error-mapping.js'

export interface PartitionSource {
  readonly config: { readonly brokerId: number }
  readonly partitions: PartitionRegistry
  metadata(): MetadataImage
}

export function findPartition(
  source: PartitionSource,
  topic: string,
  index: number,
): Partition | number {
  const partition = source.partitions.find(topic, index)
  if (partition !== undefined) return partition
  const image = source.metadata().topic(topic)
  if (image === undefined) return kafkaError.UNKNOWN_TOPIC_OR_PARTITION
  return whyNotServed(source, image.partitions[index])
}

export function findPartitionById(
  source: PartitionSource,
  topicId: string,
  index: number,
): Partition | number {
  const partition = source.partitions.findById(topicId, index)
  if (partition !== undefined) return partition
  const image = source.metadata().topicById(topicId)
  if (image === undefined) return kafkaError.UNKNOWN_TOPIC_ID
  return whyNotServed(source, image.partitions[index])
}

/** One that this broker leads, or else one that it follows. */
export function findReadable(source: PartitionSource, target: ReadTarget): Partition | number {
  const { topic, topicId, goesById, index } = target
  const led = goesById
    ? findPartitionById(source, topicId, index)
    : findPartition(source, topic, index)
  if (led !== kafkaError.NOT_LEADER_OR_FOLLOWER) return led
  const { partitions } = source
  const followed = goesById
    ? partitions.findFollowedById(topicId, index)
    : partitions.findFollowed(topic, index)
  return followed ?? led
}

export interface ReadTarget {
  readonly topic: string
  readonly topicId: string
  readonly goesById: boolean
  readonly index: number
}

function whyNotServed(
  source: PartitionSource,
  image: { readonly leaderId: number } | undefined,
): number {
  if (image === undefined) return kafkaError.UNKNOWN_TOPIC_OR_PARTITION
  if (image.leaderId !== source.config.brokerId) return kafkaError.NOT_LEADER_OR_FOLLOWER
  return kafkaError.KAFKA_STORAGE_ERROR
}

const UNCHECKED = -1

/** KIP-320: -1 does not check. NONE, FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH. */
export function checkLeaderEpoch(believed: number, current: number): number {
  if (believed === UNCHECKED || believed === current) return kafkaError.NONE
  return believed < current ? kafkaError.FENCED_LEADER_EPOCH : kafkaError.UNKNOWN_LEADER_EPOCH
}
