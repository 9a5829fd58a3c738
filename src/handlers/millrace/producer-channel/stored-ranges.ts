// Which offsets the last stored sequences of a partition have, so that a resend on the same channel
// is acknowledged with its original offsets.
import { sequenceAfter, sequenceDistance } from '../../../protocol/millrace/sequence.js'

/** Ranges are as long as a run without another producer's records between. */
const MAX_RANGES = 64

interface StoredRange {
  readonly baseSequence: number
  count: number
  readonly baseOffset: number
}

export class StoredRanges {
  private readonly ranges: StoredRange[] = []

  add(baseSequence: number, count: number, baseOffset: number): void {
    const last = this.ranges[this.ranges.length - 1]
    if (
      last !== undefined &&
      sequenceAfter(last.baseSequence, last.count) === baseSequence &&
      last.baseOffset + last.count === baseOffset
    ) {
      last.count += count
      return
    }
    this.ranges.push({ baseSequence, count, baseOffset })
    if (this.ranges.length > MAX_RANGES) this.ranges.shift()
  }

  /** Offset of `baseSequence` when it and the `count - 1` after it lie in one run; else -1. */
  find(baseSequence: number, count: number): number {
    for (const range of this.ranges) {
      const into = sequenceDistance(baseSequence, range.baseSequence)
      if (into >= 0 && into + count <= range.count) return range.baseOffset + into
    }
    return -1
  }
}
