// A partition that this broker leads, as one thread serves it. It watches the shared log only while
// something on this thread waits, and lets go of it lazily: the first move that finds nobody waiting
// ends the watch, so that a busy producer does not pay for a subscription per request.
import type { Deadlines } from '../base/deadlines.js'
import type {
  Appended,
  AppendFailed,
  AppendOptions,
  LogState,
  PartitionLog,
  ReadOptions,
} from '../log/types.js'
import type { PartitionImage } from '../metadata/image.js'
import { mayAcknowledgeAlone } from './alone-decision.js'
import { OffsetQueue } from './offset-queue.js'
import type { Partition, WaitEnd } from './partition.js'

export interface PartitionIdentity {
  readonly topic: string
  readonly topicId: string
  readonly image: PartitionImage
}

export interface PartitionSurroundings {
  readonly brokerId: number
  readonly deadlines: Deadlines
  /** 'durable' under flush=group: the leader promises its disk; else what readers may see. */
  readonly leaderPromise: 'durable' | 'published'
  /** This broker's session lives now. */
  isSessionAlive(): boolean
  /** From now on the registry's onMoved names this log when it moves. */
  watch(handle: number): void
  unwatch(handle: number): void
}

interface Reader {
  readonly offset: number
  readonly isolation: ReadOptions['isolation']
  readonly wake: () => void
}

export class ServedPartition implements Partition {
  readonly topic: string
  readonly topicId: string
  readonly index: number
  private image: PartitionImage
  private readonly leaderWaits = new OffsetQueue()
  private readonly replicaWaits = new OffsetQueue()
  private readonly readers = new Set<Reader>()
  private watching = false
  private ended: WaitEnd | undefined

  constructor(
    identity: PartitionIdentity,
    readonly log: PartitionLog,
    private readonly surroundings: PartitionSurroundings,
  ) {
    this.topic = identity.topic
    this.topicId = identity.topicId
    this.index = identity.image.index
    this.image = identity.image
  }

  get leaderEpoch(): number {
    return this.image.leaderEpoch
  }

  append(
    records: Uint8Array | readonly Uint8Array[],
    options?: AppendOptions,
  ): Appended | AppendFailed {
    return this.log.append(records, options)
  }

  whenAcknowledged(
    offset: number,
    acks: 'leader' | 'all',
    timeoutMs: number,
    done: (end: WaitEnd) => void,
  ): void {
    if (this.ended !== undefined) {
      done(this.ended)
      return
    }
    const queue = acks === 'all' ? this.replicaWaits : this.leaderWaits
    const promised = this.promised(acks)
    if (promised >= offset) {
      // The log may have moved without a notification so far: nobody overtakes who waits already.
      const end = this.endOf(acks)
      if (!queue.isEmpty) queue.release(promised, end)
      done(end)
      return
    }
    const deadline = this.surroundings.deadlines.after(timeoutMs, () => {
      queue.cancel(waiter)
      done('timed-out')
    })
    const waiter = queue.add(offset, (end) => {
      deadline.cancel()
      done(end)
    })
    // What moved before the watch began is not notified.
    if (this.beginWatch()) this.moved()
  }

  whenReadable(offset: number, isolation: ReadOptions['isolation'], wake: () => void): () => void {
    const reader: Reader = { offset, isolation, wake }
    this.readers.add(reader)
    this.beginWatch()
    // Another thread may have appended since the caller looked; never wakes before it returns.
    if (this.ended !== undefined || this.isReadable(reader)) {
      queueMicrotask(() => this.wake(reader))
    }
    return () => {
      this.readers.delete(reader)
    }
  }

  /** The log moved: called by the registry, at most once an event-loop turn. */
  moved(): void {
    if (this.isIdle) {
      this.endWatch()
      return
    }
    if (!this.leaderWaits.isEmpty) {
      this.leaderWaits.release(this.promised('leader'), this.endOf('leader'))
    }
    if (!this.replicaWaits.isEmpty) this.replicaWaits.release(this.promised('all'), 'reached')
    if (this.isIdle) return
    const state = this.log.state()
    if (state.offline) {
      this.endWaits('offline')
      return
    }
    for (const reader of this.readers) {
      const end = readableEnd(state, reader.isolation)
      if (end > reader.offset || state.logStartOffset > reader.offset) this.wake(reader)
    }
  }

  /** The same replica still leads. A new epoch readers must see. */
  change(image: PartitionImage): void {
    const { leaderEpoch } = this.image
    this.image = image
    if (image.leaderEpoch === leaderEpoch) return
    for (const reader of this.readers) this.wake(reader)
  }

  /** This broker no longer serves it: ends all waits, now and to come. */
  end(reason: 'offline' | 'removed'): void {
    this.ended = reason
    this.endWaits(reason)
    this.endWatch()
  }

  private get isIdle(): boolean {
    return this.readers.size === 0 && this.leaderWaits.isEmpty && this.replicaWaits.isEmpty
  }

  private promised(acks: 'leader' | 'all'): number {
    if (acks === 'all') return this.log.highWatermark()
    if (this.surroundings.leaderPromise === 'durable') return this.log.durableOffset()
    return this.log.highWatermark()
  }

  // Asked right before each acknowledgement: a thread that was stopped wakes with what it believed before.
  private endOf(acks: 'leader' | 'all'): 'reached' | 'unconfirmed' {
    const { replicas, inSyncReplicas, eligibleLeaders } = this.image
    if (acks === 'all' || replicas.length === 1) return 'reached'
    const { brokerId, isSessionAlive } = this.surroundings
    const leadership = {
      brokerId,
      isSessionAlive: isSessionAlive(),
      inSyncReplicas,
      eligibleLeaders,
    }
    const mayAcknowledge = mayAcknowledgeAlone(leadership, () => this.log.replicas())
    return mayAcknowledge ? 'reached' : 'unconfirmed'
  }

  private isReadable(reader: Reader): boolean {
    const { isolation, offset } = reader
    if (isolation === 'uncommitted') return this.log.highWatermark() > offset
    return readableEnd(this.log.state(), isolation) > offset
  }

  private wake(reader: Reader): void {
    if (this.readers.delete(reader)) reader.wake()
  }

  private endWaits(reason: 'offline' | 'removed'): void {
    this.leaderWaits.release(Number.POSITIVE_INFINITY, reason)
    this.replicaWaits.release(Number.POSITIVE_INFINITY, reason)
    for (const reader of this.readers) this.wake(reader)
  }

  /** True when it was not watching before. */
  private beginWatch(): boolean {
    if (this.watching || this.ended !== undefined) return false
    this.watching = true
    this.surroundings.watch(this.log.handle)
    return true
  }

  private endWatch(): void {
    if (!this.watching) return
    this.watching = false
    this.surroundings.unwatch(this.log.handle)
  }
}

function readableEnd(state: LogState, isolation: ReadOptions['isolation']): number {
  if (isolation === 'logEnd') return state.logEndOffset
  return isolation === 'committed' ? state.lastStableOffset : state.highWatermark
}
