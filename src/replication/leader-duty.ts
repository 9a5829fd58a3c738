// Looks after the in-sync sets of the partitions that this broker leads and that have their home on this
// thread. One change a partition at a time: the next is decided on what became of it.
import type { Clock } from '../base/clock.js'
import type { Outcome } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { PartitionLog, ReplicaProgress } from '../log/types.js'
import type { MetadataImage, PartitionImage } from '../metadata/image.js'
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
/**
 * Of partitions where nobody can join a look takes every tenth: a second is little beside what a replica may
 * lag.
 */
const TURNS = 10

interface Led {
  readonly topicId: string
  readonly partition: PartitionImage
  readonly log: PartitionLog
}

/** Returns how to stop. */
export function startLeaderDuty(options: LeaderDutyOptions): () => void {
  const duty = new LeaderDuty(options)
  const timer = options.clock.every(LOOK_EVERY_MS, () => duty.look())
  return () => timer.cancel()
}

export class LeaderDuty {
  private readonly underWay = new Set<string>()
  private seen: MetadataImage | undefined
  /** Some replica is there, and not in sync. */
  private awaiting: readonly Led[] = []
  private settled: readonly Led[] = []
  private turn = 0

  constructor(private readonly options: LeaderDutyOptions) {}

  look(): void {
    const image = this.options.image()
    if (image !== this.seen) this.findLed(image)
    this.turn = (this.turn + 1) % TURNS
    for (const led of this.awaiting) this.lookAt(led, image)
    for (let at = this.turn; at < this.settled.length; at += TURNS) {
      const led = this.settled[at]
      if (led !== undefined) this.lookAt(led, image)
    }
  }

  private findLed(image: MetadataImage): void {
    const { brokerId, worker, workers, attach } = this.options
    const led: Led[] = []
    for (const topic of image.topics()) {
      for (const partition of topic.partitions) {
        const { leaderId, logHandle, replicas } = partition
        if (leaderId !== brokerId || logHandle === undefined || replicas.length < 2) continue
        if (logHandle % workers !== worker) continue
        try {
          led.push({ topicId: topic.id, partition, log: attach(logHandle) })
        } catch {
          // Deleted before this thread heard of it.
        }
      }
    }
    const isAwaiting = ({ partition }: Led) =>
      partition.replicas.some(
        (id) => !partition.inSyncReplicas.includes(id) && isJoinable(image, id),
      )
    this.seen = image
    this.awaiting = led.filter(isAwaiting)
    this.settled = led.filter((one) => !isAwaiting(one))
  }

  private lookAt({ topicId, partition, log }: Led, image: MetadataImage): void {
    const { brokerId, lagMaxMs } = this.options
    const { index, leaderEpoch, replicas, inSyncReplicas } = partition
    const key = `${topicId}/${index}`
    if (this.underWay.has(key)) return
    const progress = progressOf(log)
    if (progress === undefined) return
    const inSync = inSyncWanted({
      localId: brokerId,
      replicas,
      inSync: inSyncReplicas,
      joinable: (id) => isJoinable(image, id),
      progress,
      lagMaxMs,
    })
    if (inSync !== undefined) void this.ask(key, { topicId, index, leaderEpoch, inSync })
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

function isJoinable(image: MetadataImage, brokerId: number): boolean {
  return image.brokers.get(brokerId)?.isDraining === false
}

// Closed before this thread heard of it.
function progressOf(log: PartitionLog): readonly ReplicaProgress[] | undefined {
  try {
    return log.replicas()
  } catch {
    return undefined
  }
}
