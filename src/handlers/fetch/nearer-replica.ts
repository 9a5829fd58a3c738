// Which replica a consumer should read from: one in its own rack that has what it asks for (KIP-392).
import type { Partition } from '../../partition/partition.js'
import type { PartitionSource } from '../find-partition.js'
import type { FetchReadLimits } from './read.js'
import type { FetchTarget } from './target.js'

/** undefined: this one. Of several the one that has most. */
export function nearerReplica(
  source: PartitionSource,
  { fetchOffset }: FetchTarget,
  { partition, limits }: { readonly partition: Partition; readonly limits: FetchReadLimits },
): number | undefined {
  const { consumerRack } = limits
  if (consumerRack === undefined || consumerRack === '') return undefined
  const image = source.metadata()
  const { brokerId } = source.config
  if (image.brokers.get(brokerId)?.rack === consumerRack) return undefined
  const place = image.topicById(partition.topicId)?.partitions[partition.index]
  if (place?.leaderId !== brokerId) return undefined
  const near = partition.log.replicas().filter(({ brokerId: id, counts, endOffset }) => {
    const isNear = image.brokers.get(id)?.rack === consumerRack
    return isNear && counts && endOffset >= fetchOffset
  })
  return near.sort((a, b) => b.endOffset - a.endOffset || a.brokerId - b.brokerId)[0]?.brokerId
}
