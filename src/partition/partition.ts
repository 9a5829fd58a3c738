// One partition as a thread of this broker serves it: the log, and what waits on the log.
import type {
  Appended,
  AppendFailed,
  AppendOptions,
  PartitionLog,
  ReadOptions,
} from '../log/types.js'

/** Why a wait ended. 'unconfirmed': another broker may lead by now, and this one cannot find out. */
export type WaitEnd = 'reached' | 'timed-out' | 'offline' | 'removed' | 'unconfirmed'

export interface Partition {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  readonly leaderEpoch: number
  readonly log: PartitionLog
  append(
    records: Uint8Array | readonly Uint8Array[],
    options?: AppendOptions,
  ): Appended | AppendFailed
  /**
   * Calls back once when everything below `offset` is what `acks` asked for: 'leader' the leader's
   * promise under its flush policy, 'all' the high watermark. May call back before it returns.
   */
  whenAcknowledged(
    offset: number,
    acks: 'leader' | 'all',
    timeoutMs: number,
    done: (end: WaitEnd) => void,
  ): void
  /**
   * Calls `wake` once when data past `offset` may be visible to the isolation level ('logEnd': a
   * replica's), or the partition changed in a way that a reader must see. Returns a cancel function.
   */
  whenReadable(offset: number, isolation: ReadOptions['isolation'], wake: () => void): () => void
}
