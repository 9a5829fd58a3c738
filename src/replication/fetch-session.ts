// The follower's side of a fetch session (KIP-227): after the first request only what has changed is said.

import type { fetch } from '../protocol/messages/fetch.js'
import type { Draft } from '../protocol/schema.js'
import type { FollowedPartition } from './followed-partition.js'
import { followedKey } from './followed-partition.js'

export interface AskedPartition {
  readonly partition: FollowedPartition
  readonly fetchOffset: number
  readonly lastFetchedEpoch: number
  readonly logStartOffset: number
}

type FetchRequest = Draft<(typeof fetch)['request']>
export type SessionPart = Pick<
  FetchRequest,
  'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'
>

/** The leader has no room for one: everything is said with each request. */
export const NO_SESSION = 0
const FIRST_EPOCH = 0
const LAST_EPOCH = 0x7fff_ffff

export class FetchSession {
  private id = NO_SESSION
  private epoch = FIRST_EPOCH
  private readonly known = new Map<string, AskedPartition>()

  constructor(private readonly partitionMaxBytes: number) {}

  /** Of how many partitions the leader will know. */
  get size(): number {
    return this.known.size
  }

  /** What a request must say: these are `asked` as they are now, those are `dropped`, the rest is as it was. */
  part(asked: readonly AskedPartition[], dropped: readonly string[]): SessionPart {
    const forgotten = dropped.flatMap((key) => this.known.get(key) ?? [])
    for (const key of dropped) this.known.delete(key)
    const changed = asked.filter((one) => !this.isKnown(one))
    for (const one of changed) this.known.set(followedKey(one.partition), one)
    return {
      sessionId: this.id,
      sessionEpoch: this.epoch,
      topics: byTopic(changed).map(([topicId, partitions]) => ({
        topicId,
        partitions: partitions.map((asked) => ({
          partition: asked.partition.index,
          currentLeaderEpoch: asked.partition.leaderEpoch,
          fetchOffset: asked.fetchOffset,
          lastFetchedEpoch: asked.lastFetchedEpoch,
          logStartOffset: asked.logStartOffset,
          partitionMaxBytes: this.partitionMaxBytes,
        })),
      })),
      forgottenTopicsData: byTopic(forgotten).map(([topicId, partitions]) => ({
        topicId,
        partitions: partitions.map(({ partition }) => partition.index),
      })),
    }
  }

  /** The leader remembers it under this id. */
  answered(sessionId: number): void {
    this.id = sessionId
    this.epoch = this.epoch === LAST_EPOCH ? 1 : this.epoch + 1
  }

  /** The leader knows nothing any more: everything is said again. */
  reset(): void {
    this.id = NO_SESSION
    this.epoch = FIRST_EPOCH
    this.known.clear()
  }

  private isKnown(asked: AskedPartition): boolean {
    const before = this.known.get(followedKey(asked.partition))
    return (
      before !== undefined &&
      before.partition.leaderEpoch === asked.partition.leaderEpoch &&
      before.fetchOffset === asked.fetchOffset &&
      before.lastFetchedEpoch === asked.lastFetchedEpoch &&
      before.logStartOffset === asked.logStartOffset
    )
  }
}

function byTopic(asked: readonly AskedPartition[]): [string, AskedPartition[]][] {
  const topics = new Map<string, AskedPartition[]>()
  for (const one of asked) {
    const { topicId } = one.partition
    const partitions = topics.get(topicId)
    if (partitions === undefined) topics.set(topicId, [one])
    else partitions.push(one)
  }
  return [...topics]
}
