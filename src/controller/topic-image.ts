// A topic as the other threads see it.
import type { TopicImage } from '../metadata/image.js'
import type { TopicRecord } from '../metadata/records.js'
import type { LocalReplicas } from './local-replicas.js'
import type { ClusterState } from './state.js'
import { isInternalName } from './topic-names.js'

export function topicImage(
  topic: TopicRecord,
  state: ClusterState,
  replicas: LocalReplicas,
): TopicImage {
  return {
    name: topic.name,
    id: topic.id,
    isInternal: isInternalName(topic.name),
    partitions: topic.partitions.map((assignment, index) => {
      const { leaderId, leaderEpoch, inSyncReplicas } = state.partition(topic, index)
      return {
        index,
        leaderId,
        leaderEpoch,
        replicas: assignment.replicas,
        inSyncReplicas,
        logHandle: replicas.handle(topic.id, index),
      }
    }),
    configs: topic.configs,
  }
}
