// describeTopic: from this thread's image; offsets and sizes of the partitions that this broker leads.
import { fail, type Outcome, succeed } from '../../../base/errors.js'
import type { PartitionImage, TopicImage } from '../../../metadata/image.js'
import type { PartitionDescription, TopicDescription } from '../../../protocol/millrace/messages.js'
import type { MillraceServices } from '../services.js'

export function describeTopic(name: string, services: MillraceServices): Outcome<TopicDescription> {
  const topic = services.metadata().topic(name)
  return topic === undefined
    ? fail('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`)
    : succeed(describe(topic, services))
}

export function describe(topic: TopicImage, services: MillraceServices): TopicDescription {
  return {
    name: topic.name,
    id: topic.id,
    internal: topic.isInternal,
    configs: topic.configs,
    partitions: topic.partitions.map((image) => describePartition(topic, image, services)),
  }
}

function describePartition(
  topic: TopicImage,
  image: PartitionImage,
  services: MillraceServices,
): PartitionDescription {
  const { index: partition, leaderId: leader, leaderEpoch } = image
  const state = services.partitions.find(topic.name, partition)?.log.state()
  if (state === undefined) return { partition, leader, leaderEpoch }
  const { logStartOffset: startOffset, highWatermark: endOffset, sizeBytes } = state
  return { partition, leader, leaderEpoch, startOffset, endOffset, sizeBytes }
}
