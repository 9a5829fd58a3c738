// The long poll: a fetch that found too little waits for its partitions to move, for its time to run
// out, or for its client to leave.
import type { Deadline, Deadlines } from '../../base/deadlines.js'
import type { ClosedSignal } from '../context.js'
import { kafkaError } from '../error-mapping.js'
import type { PartitionSource } from '../find-partition.js'
import { type FetchReadLimits, findTarget, readTargets } from './read.js'
import type { FetchedPartition, FetchTarget } from './target.js'

export interface FetchWaitOptions {
  readonly source: PartitionSource
  readonly deadlines: Deadlines
  readonly closed: ClosedSignal
  readonly limits: FetchReadLimits
  readonly minBytes: number
  readonly maxWaitMs: number
}

/** Enough to answer: bytes, or something that a client must hear of at once. */
export function isEnough(fetched: readonly FetchedPartition[], minBytes: number): boolean {
  let sizeBytes = 0
  for (const result of fetched) {
    if (result.errorCode !== kafkaError.NONE || result.divergingEpoch !== undefined) return true
    if (result.preferredReadReplica !== undefined) return true
    sizeBytes += result.sizeBytes
  }
  return sizeBytes >= minBytes
}

/** Resolves with `fetched` brought up to date; never rejects for want of data. */
export function waitForEnough(
  fetched: FetchedPartition[],
  options: FetchWaitOptions,
): Promise<FetchedPartition[]> {
  return new Promise((resolve, reject) => new FetchWait(fetched, options, resolve, reject).begin())
}

class FetchWait {
  /** Index i cancels the wait on partition i. */
  private readonly cancels: ((() => void) | undefined)[]
  private readonly woken = new Set<number>()
  private looking = false
  private over = false
  private deadline: Deadline | undefined
  private readonly onClosed = () => this.finish(this.fetched)

  constructor(
    private readonly fetched: FetchedPartition[],
    private readonly options: FetchWaitOptions,
    private readonly resolve: (fetched: FetchedPartition[]) => void,
    private readonly reject: (reason: unknown) => void,
  ) {
    this.cancels = new Array(fetched.length).fill(undefined)
  }

  begin(): void {
    const { deadlines, closed, maxWaitMs } = this.options
    this.deadline = deadlines.after(maxWaitMs, () => this.finish(this.fetched))
    closed.add(this.onClosed)
    for (let at = 0; at < this.fetched.length; at++) this.watch(at)
  }

  private watch(at: number): void {
    const result = this.fetched[at]
    if (result === undefined) return
    const partition = findTarget(this.options.source, result.target, this.options.limits)
    if (typeof partition === 'number') {
      this.wake(at)
      return
    }
    const { isolation } = this.options.limits
    this.cancels[at] = partition.whenReadable(
      Math.max(seenEnd(result, isolation), result.target.fetchOffset),
      isolation,
      () => this.wake(at),
    )
  }

  /** Several partitions that move in one turn are looked at together. */
  private wake(at: number): void {
    this.cancels[at] = undefined
    this.woken.add(at)
    if (this.looking) return
    this.looking = true
    queueMicrotask(() => {
      this.looking = false
      if (this.over) return
      try {
        this.look()
      } catch (error) {
        this.end()
        this.reject(error)
      }
    })
  }

  private look(): void {
    const { source, limits, minBytes } = this.options
    const woken = [...this.woken]
    this.woken.clear()
    for (const at of woken) {
      const target = this.fetched[at]?.target
      const again = target === undefined ? [] : readTargets(source, [target], limits)
      if (!Array.isArray(again)) {
        this.readAnew()
        return
      }
      if (again[0] !== undefined) this.fetched[at] = again[0]
    }
    if (isEnough(this.fetched, minBytes)) {
      if (this.fitsLimits()) this.finish(this.fetched)
      else this.readAnew()
      return
    }
    for (const at of woken) this.watch(at)
  }

  // Each partition was read as if it were alone.
  private fitsLimits(): boolean {
    let sizeBytes = 0
    let nonEmpty = 0
    for (const result of this.fetched) {
      sizeBytes += result.sizeBytes
      if (result.sizeBytes > 0) nonEmpty++
    }
    return nonEmpty <= 1 || sizeBytes <= this.options.limits.maxBytes
  }

  private readAnew(): void {
    this.end()
    const targets: FetchTarget[] = this.fetched.map((result) => result.target)
    const again = readTargets(this.options.source, targets, this.options.limits)
    if (Array.isArray(again)) this.resolve(again)
    else again.then(this.resolve, this.reject)
  }

  private finish(fetched: FetchedPartition[]): void {
    if (this.over) return
    this.end()
    this.resolve(fetched)
  }

  private end(): void {
    this.over = true
    this.deadline?.cancel()
    this.options.closed.remove(this.onClosed)
    for (const cancel of this.cancels) cancel?.()
  }
}

// Of the log's end an answer says nothing: what lies behind the offset that was asked for was answered.
function seenEnd(result: FetchedPartition, isolation: FetchReadLimits['isolation']): number {
  if (isolation === 'logEnd') return result.target.fetchOffset
  return isolation === 'committed' ? result.lastStableOffset : result.highWatermark
}
