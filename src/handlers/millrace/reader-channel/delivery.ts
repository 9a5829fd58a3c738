// How a reader channel's data leaves: in JSON or in binary.
import type { PartitionReader } from './partition-reader.js'
import type { SourceRead } from './read-source.js'

export interface Delivery {
  /**
   * Sends what was read and moves the reader's position behind it, stopping when `credit` is used up.
   * Returns what it took from the credit.
   */
  deliver(reader: PartitionReader, read: SourceRead, credit: number): number
}
