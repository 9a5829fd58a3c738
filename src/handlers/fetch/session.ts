// A fetch session (KIP-227): the broker remembers what a client fetches, so that each request names
// only what changed and each answer only what has news.
//
// The client numbers its requests of a session 1, 2, 3, …; a request out of turn is refused with
// INVALID_FETCH_SESSION_EPOCH and the client starts a session anew.
import type { FetchedPartition, FetchTarget } from './target.js'

export const NO_SESSION_ID = 0
export const INITIAL_EPOCH = 0
export const FINAL_EPOCH = -1
const MAX_EPOCH = 2 ** 31 - 1

/** A partition that a request takes out of the session. */
export interface ForgottenPartition {
  readonly topic: string
  readonly topicId: string
  readonly index: number
}

interface CachedPartition {
  target: FetchTarget
  /** What the client was told last; -1 makes the next answer name the partition. */
  highWatermark: number
  logStartOffset: number
}

export class FetchSession {
  /** The epoch that the next request must carry. */
  epoch = 1
  /** In the order of reading: what was answered with records goes to the end, so none starves. */
  private readonly partitions = new Map<string, CachedPartition>()

  constructor(
    readonly id: number,
    readonly usesTopicIds: boolean,
    readonly createdMs: number,
  ) {}

  get size(): number {
    return this.partitions.size
  }

  targets(): FetchTarget[] {
    return Array.from(this.partitions.values(), (cached) => cached.target)
  }

  /** Takes over what a request changes. */
  update(changed: readonly FetchTarget[], forgotten: readonly ForgottenPartition[]): void {
    for (const target of changed) {
      const cached = this.partitions.get(keyOf(target))
      if (cached !== undefined) cached.target = target
      else this.add(target)
    }
    for (const partition of forgotten) this.partitions.delete(keyOf(partition))
  }

  advanceEpoch(): void {
    this.epoch = this.epoch === MAX_EPOCH ? 1 : this.epoch + 1
  }

  /** A full answer: everything in it was told. */
  remember(answered: readonly FetchedPartition[]): void {
    for (const fetched of answered) this.tell(fetched)
  }

  /** What of `fetched` is news to the client, in the same order; and remembers that it was told. */
  news(fetched: readonly FetchedPartition[]): readonly FetchedPartition[] {
    const news: FetchedPartition[] = []
    for (const result of fetched) {
      const key = keyOf(result.target)
      const cached = this.partitions.get(key)
      if (cached === undefined || !isNews(cached, result)) continue
      news.push(result)
      this.tell(result)
      if (result.sizeBytes > 0) {
        this.partitions.delete(key)
        this.partitions.set(key, cached)
      }
    }
    return news
  }

  private add(target: FetchTarget): void {
    this.partitions.set(keyOf(target), { target, highWatermark: -1, logStartOffset: -1 })
  }

  private tell(result: FetchedPartition): void {
    const cached = this.partitions.get(keyOf(result.target))
    if (cached === undefined) return
    // An error is told again and again until it is gone, and its end is news.
    cached.highWatermark = result.errorCode === 0 ? result.highWatermark : -1
    cached.logStartOffset = result.logStartOffset
  }
}

function isNews(cached: CachedPartition, result: FetchedPartition): boolean {
  return (
    result.sizeBytes > 0 ||
    result.errorCode !== 0 ||
    result.divergingEpoch !== undefined ||
    result.preferredReadReplica !== undefined ||
    result.highWatermark !== cached.highWatermark ||
    result.logStartOffset !== cached.logStartOffset
  )
}

function keyOf(partition: ForgottenPartition): string {
  return `${partition.topicId}/${partition.index}/${partition.topic}`
}
