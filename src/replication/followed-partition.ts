// A partition that another broker leads and that this thread keeps up with it.
import type { PartitionLog } from '../log/types.js'

export interface FollowedPartition {
  readonly topicId: string
  readonly index: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly log: PartitionLog
}

export function followedKey({ topicId, index }: { topicId: string; index: number }): string {
  return `${topicId}/${index}`
}
