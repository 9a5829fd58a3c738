// Each partition has one home among the io workers, which rolls it by time and deletes what its
// retention says. One after the other and off the event loop: there is no hurry.
import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { PartitionLog } from '../log/types.js'
import type { MetadataImage } from '../metadata/image.js'

export interface RetentionDutyOptions {
  readonly clock: Clock
  readonly logger: Logger
  readonly periodMs: number
  /** This worker's number among `workers`. */
  readonly worker: number
  readonly workers: number
  image(): MetadataImage
  attach(handle: number): PartitionLog
}

/** Returns how to stop. */
export function startRetentionDuty(options: RetentionDutyOptions): () => void {
  let isRunning = false
  let isStopped = false
  const round = async () => {
    if (isRunning) return
    isRunning = true
    for (const handle of homeHandles(options)) {
      if (isStopped) break
      await enforce(handle, options)
    }
    isRunning = false
  }
  const timer = options.clock.every(options.periodMs, () => void round())
  return () => {
    isStopped = true
    timer.cancel()
  }
}

function homeHandles({ image, worker, workers }: RetentionDutyOptions): number[] {
  const handles: number[] = []
  for (const topic of image().topics()) {
    for (const { logHandle } of topic.partitions) {
      if (logHandle !== undefined && logHandle % workers === worker) handles.push(logHandle)
    }
  }
  return handles
}

async function enforce(handle: number, { attach, logger }: RetentionDutyOptions): Promise<void> {
  try {
    const log = attach(handle)
    const deleted = await log.enforceRetention()
    if (deleted > 0) logger.info('deleted old segments', { partition: log.name, deleted })
  } catch (error) {
    // Deleted meanwhile, or its disk failed: both are told where they happen.
    logger.debug('retention passed over a partition', {
      handle,
      reason: error instanceof Error ? error.message : String(error),
    })
  }
}
