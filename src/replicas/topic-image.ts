// A topic as the other threads see it.

import type { ClusterState } from '../metadata/cluster-state.js'
import type { TopicImage } from '../metadata/image.js'
import type { TopicRecord } from '../metadata/records.js'
import { isInternalName } from '../metadata/topic-names.js'
import type { LocalReplicas } from './local-replicas.js'

/** `isAdmitted`: this broker may serve; before it only the others' part is told. */
export function topicImage(
  topic: TopicRecord,
  state: ClusterState,
  { replicas, isAdmitted }: { readonly replicas: LocalReplicas; readonly isAdmitted: boolean },
): TopicImage {
  return {
    name: topic.name,
    id: topic.id,
    isInternal: isInternalName(topic.name),
    partitions: topic.partitions.map((_, index) => {
      const partition = state.partition(topic, index)
      const { leaderId, leaderEpoch, inSyncReplicas, eligibleLeaders } = partition
      return {
        index,
        leaderId,
        leaderEpoch,
        replicas: state.replicasOf(topic, index),
        inSyncReplicas,
        eligibleLeaders,
        logHandle: isAdmitted ? replicas.handle(topic.id, index) : undefined,
      }
    }),
    configs: topic.configs,
  }
}
