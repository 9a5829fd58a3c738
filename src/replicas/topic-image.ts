// A topic as the other threads see it.

import type { ClusterState } from '../metadata/cluster-state.js'
import type { PartitionImage, TopicImage } from '../metadata/image.js'
import type { TopicRecord } from '../metadata/records.js'
import { isInternalName } from '../metadata/topic-names.js'
import type { LocalReplicas } from './local-replicas.js'

// As Kafka tells clients of a leader whose registration is over.
const NO_LEADER = -1

export interface ImageSources {
  readonly brokerId: number
  readonly state: ClusterState
  readonly replicas: Pick<LocalReplicas, 'handle'>
  /** This broker may serve; before it only the others' part is told, and nothing as led by this one. */
  readonly isAdmitted: boolean
}

export function topicImage(topic: TopicRecord, sources: ImageSources): TopicImage {
  return {
    name: topic.name,
    id: topic.id,
    isInternal: isInternalName(topic.name),
    partitions: topic.partitions.map((_, index) => partitionImage(topic, index, sources)),
    configs: topic.configs,
  }
}

export function partitionImage(
  topic: TopicRecord,
  index: number,
  { brokerId, state, replicas, isAdmitted }: ImageSources,
): PartitionImage {
  const { leaderId, leaderEpoch, inSyncReplicas, eligibleLeaders } = state.partition(topic, index)
  const isFormerLeader = !isAdmitted && leaderId === brokerId
  return {
    index,
    leaderId: isFormerLeader ? NO_LEADER : leaderId,
    leaderEpoch,
    replicas: state.replicasOf(topic, index),
    inSyncReplicas,
    eligibleLeaders,
    logHandle: isAdmitted ? replicas.handle(topic.id, index) : undefined,
  }
}
