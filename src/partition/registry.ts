// The partitions this thread has looked up, by topic and index.
import type { Partition } from './partition.js'

export interface PartitionRegistry {
  /** undefined: this broker does not lead it or does not know it. */
  find(topic: string, index: number): Partition | undefined
  findById(topicId: string, index: number): Partition | undefined
  /** One that this broker follows: to be read up to the high watermark that it knows (KIP-392). */
  findFollowed(topic: string, index: number): Partition | undefined
  findFollowedById(topicId: string, index: number): Partition | undefined
}
