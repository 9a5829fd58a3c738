// DurableOffsets: what a follower has on its disk moves the high watermark, in the epoch in which it
// fetched. What does not fit any more is passed over: it will be said again.
import type { durableOffsets as api } from '../../protocol/inter-broker/durable-offsets.js'
import type { Infer } from '../../protocol/schema.js'
import type { IoServices } from '../context.js'

export function durableOffsets(
  { brokerId, topics }: Infer<(typeof api)['request']>,
  services: IoServices,
): null {
  const image = services.metadata()
  for (const { topicId, partitions } of topics) {
    const topic = image.topicById(topicId)
    for (const { partition: index, leaderEpoch, durableOffset } of partitions) {
      if (topic?.partitions[index]?.replicas.includes(brokerId) !== true) continue
      const partition = services.partitions.findById(topicId, index)
      partition?.log.reportReplica({ brokerId, leaderEpoch, durableOffset })
    }
  }
  return null
}
