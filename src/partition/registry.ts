// The partitions this thread has looked up, by topic and index.
import type { Partition } from './partition.js'

export interface PartitionRegistry {
  /** undefined: this broker does not lead it or does not know it. */
  find(topic: string, index: number): Partition | undefined
  findById(topicId: string, index: number): Partition | undefined
}
