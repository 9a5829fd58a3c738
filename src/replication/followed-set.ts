// The partitions that one fetcher keeps up, and of which of them the leader must be told anew. The rest of
// its session stands where it stood: with thousands of partitions most are quiet.
import type { AskedPartition } from './fetch-session.js'
import { type FollowedPartition, followedKey } from './followed-partition.js'

export interface Followed {
  readonly partition: FollowedPartition
  /**
   * The leader has taken a fetch in this epoch: its log and this one do not part below the end. Before
   * that nothing may be promised: what is on the disk may be another history.
   */
  isConfirmed: boolean
  /** Not asked for before this moment. */
  pausedUntilMs: number
}

export interface FollowedNews {
  readonly asked: readonly AskedPartition[]
  /** Keys of those that are not asked for now. */
  readonly dropped: readonly string[]
}

export class FollowedSet {
  private readonly followed = new Map<string, Followed>()
  /** Who came, went, or has taken something. */
  private readonly changed = new Set<string>()

  get size(): number {
    return this.followed.size
  }

  get(key: string): Followed | undefined {
    return this.followed.get(key)
  }

  /** False: it is followed in this epoch already. */
  add(partition: FollowedPartition): boolean {
    const key = followedKey(partition)
    if (this.followed.get(key)?.partition.leaderEpoch === partition.leaderEpoch) return false
    this.followed.set(key, { partition, isConfirmed: false, pausedUntilMs: 0 })
    this.changed.add(key)
    return true
  }

  remove(key: string): void {
    this.followed.delete(key)
    this.changed.add(key)
  }

  noteChanged(key: string): void {
    this.changed.add(key)
  }

  /** The leader knows nothing any more: everything is said again. */
  allChanged(): void {
    for (const key of this.followed.keys()) this.changed.add(key)
  }

  noneConfirmed(): void {
    for (const followed of this.followed.values()) followed.isConfirmed = false
  }

  /** Said once; who is not asked for now is looked at again the next time. */
  news(nowMs: number): FollowedNews {
    const asked: AskedPartition[] = []
    const dropped: string[] = []
    for (const key of [...this.changed]) {
      const followed = this.followed.get(key)
      const one = followed === undefined ? undefined : askedNow(followed, nowMs)
      if (one === undefined) dropped.push(key)
      else asked.push(one)
      if (one !== undefined || followed === undefined) this.changed.delete(key)
    }
    return { asked, dropped }
  }
}

function askedNow(
  { partition, pausedUntilMs }: Followed,
  nowMs: number,
): AskedPartition | undefined {
  if (pausedUntilMs > nowMs) return undefined
  const { logEndOffset, logStartOffset, offline } = partition.log.state()
  if (offline) return undefined
  const lastFetchedEpoch = partition.log.lastEpoch()
  return { partition, fetchOffset: logEndOffset, lastFetchedEpoch, logStartOffset }
}
