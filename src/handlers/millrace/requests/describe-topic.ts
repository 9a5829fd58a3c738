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
  const leaderUrl = urlOf(leader, services)
  const place = {
    partition,
    leader,
    leaderEpoch,
    ...(leaderUrl === undefined ? {} : { leaderUrl }),
  }
  const state = services.partitions.find(topic.name, partition)?.log.state()
  if (state === undefined) return place
  const { logStartOffset: startOffset, highWatermark: endOffset, sizeBytes } = state
  return { ...place, startOffset, endOffset, sizeBytes }
}

// All brokers of a cluster name their listeners alike, as Kafka asks it of its own.
function urlOf(brokerId: number, { config, metadata }: MillraceServices): string | undefined {
  const own = config.listeners.find(({ protocol, role }) => {
    return protocol === 'websocket' && role === 'client'
  })
  const endpoints = metadata().brokers.get(brokerId)?.endpoints
  const endpoint = endpoints?.find(({ listener }) => listener === own?.name)
  if (endpoint === undefined) return undefined
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `ws://${host}:${endpoint.port}`
}
