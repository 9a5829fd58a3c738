// Looks after the in-sync sets of the partitions that this broker leads and that have their home on this
// thread. One change a partition at a time: the next is decided on what became of it.
import type { Clock } from '../base/clock.js'
import type { Outcome } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { PartitionLog } from '../log/types.js'
import type { MetadataImage, PartitionImage, TopicImage } from '../metadata/image.js'
import { inSyncWanted } from './in-sync-decision.js'

export interface InSyncRequest {
  readonly topicId: string
  readonly index: number
  readonly leaderEpoch: number
  readonly inSync: readonly number[]
}

export interface LeaderDutyOptions {
  readonly brokerId: number
  readonly worker: number
  readonly workers: number
  readonly lagMaxMs: number
  readonly clock: Clock
  readonly logger: Logger
  image(): MetadataImage
  attach(handle: number): PartitionLog
  /** Stores it, if the partition is still led in this epoch. */
  alterInSync(request: InSyncRequest): Promise<Outcome<true>>
}

const LOOK_EVERY_MS = 100

/** Returns how to stop. */
export function startLeaderDuty(options: LeaderDutyOptions): () => void {
  const duty = new LeaderDuty(options)
  const timer = options.clock.every(LOOK_EVERY_MS, () => duty.look())
  return () => timer.cancel()
}

class LeaderDuty {
  private readonly underWay = new Set<string>()

  constructor(private readonly options: LeaderDutyOptions) {}

  look(): void {
    const { brokerId, worker, workers, image } = this.options
    for (const topic of image().topics()) {
      for (const partition of topic.partitions) {
        const { leaderId, logHandle, replicas } = partition
        if (leaderId !== brokerId || logHandle === undefined || replicas.length < 2) continue
        if (logHandle % workers === worker) this.lookAt(topic, partition, logHandle)
      }
    }
  }

  private lookAt(topic: TopicImage, partition: PartitionImage, handle: number): void {
    const { brokerId, lagMaxMs, attach } = this.options
    const { index, leaderEpoch, replicas, inSyncReplicas } = partition
    const key = `${topic.id}/${index}`
    if (this.underWay.has(key)) return
    let log: PartitionLog
    try {
      log = attach(handle)
    } catch {
      return
    }
    const inSync = inSyncWanted({
      localId: brokerId,
      replicas,
      inSync: inSyncReplicas,
      progress: log.replicas(),
      lagMaxMs,
    })
    if (inSync !== undefined) void this.ask(key, { topicId: topic.id, index, leaderEpoch, inSync })
  }

  private async ask(key: string, request: InSyncRequest): Promise<void> {
    this.underWay.add(key)
    try {
      const altered = await this.options.alterInSync(request)
      if (altered.ok) return
      const { code, message } = altered.failure
      this.options.logger.debug('an in-sync set was not changed', { code, reason: message })
    } finally {
      this.underWay.delete(key)
    }
  }
}
