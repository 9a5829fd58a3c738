// What a session needs beyond the services of every handler. The runtime makes one per io worker.
import type { Decompressor } from '../../protocol/records/read-records.js'
import type { RemotePartitions } from '../../relay/remote-partitions.js'
import type { IoServices } from '../context.js'
import type { BuilderPool } from './producer-channel/builder-pool.js'
import type { TurnQueue } from './turn-queue.js'

/** Whether so much that was appended waits for the disk that producers are held back. */
export interface WriteBudget {
  readonly isExceeded: boolean
  /** Calls back now if it is kept and nobody waits; otherwise in its turn. Returns how to stop waiting. */
  whenKept(callback: () => void): () => void
  /** Calls back once, when it is kept again. */
  onKept(callback: () => void): void
}

export interface MillraceServices extends IoServices {
  /** Signs producer identities. The same on every broker of a cluster and across restarts. */
  readonly identityKey: Uint8Array
  readonly brokerVersion: string
  readonly turns: TurnQueue
  /** Partitions that other brokers lead. */
  readonly remote: RemotePartitions
  readonly writeBudget: WriteBudget
  /** For batches that the broker builds from single records. */
  readonly builders: BuilderPool
  /** For readers that asked for JSON. */
  readonly decompress: Decompressor
}
