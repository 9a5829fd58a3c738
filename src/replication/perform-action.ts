// Carries out on a follower's log what was decided.
import type { Logger } from '../base/logger.js'
import type { FetchAction } from './apply-answer.js'
import type { FollowedPartition } from './followed-partition.js'

/** 'cut': what is there now has to be asked about again. */
export type ActionDone = 'applied' | 'cut' | 'waits' | 'failed'

export async function performAction(
  partition: FollowedPartition,
  action: FetchAction,
  logger: Logger,
): Promise<ActionDone> {
  try {
    return await perform(partition, action, logger)
  } catch (error) {
    // Its disk failed, or it was deleted: both are told where they happen.
    const reason = error instanceof Error ? error.message : String(error)
    logger.debug('a replica cannot be kept up', { partition: partition.log.name, reason })
    return 'failed'
  }
}

async function perform(
  partition: FollowedPartition,
  action: FetchAction,
  logger: Logger,
): Promise<ActionDone> {
  const { log, leaderEpoch } = partition
  switch (action.act) {
    case 'take':
      if (!append(partition, action.records, logger)) return 'failed'
      log.followHighWatermark(leaderEpoch, action.highWatermark)
      if (action.logStartOffset > log.state().logStartOffset) {
        log.deleteRecords(action.logStartOffset)
      }
      return 'applied'
    case 'truncate': {
      const { offset } = action
      const end = log.state().logEndOffset
      const fields = { partition: log.name, offset, end }
      logger.info('cuts a replica where its leader has another history', fields)
      await log.truncateTo(offset)
      return 'cut'
    }
    case 'begin-at': {
      const fields = { partition: log.name, offset: action.offset }
      logger.info('begins a replica anew where its leader begins', fields)
      await log.truncateFullyAndStartAt(action.offset)
      return 'cut'
    }
    case 'wait':
      return 'waits'
    case 'retry':
      return 'failed'
  }
}

function append(
  { log, leaderEpoch }: FollowedPartition,
  records: readonly Uint8Array[],
  logger: Logger,
): boolean {
  if (records.length === 0) return true
  const appended = log.append(records, { origin: 'replica', leaderEpoch })
  if (appended.ok) return true
  logger.warn('a replica does not take what its leader has', {
    partition: log.name,
    code: appended.failure.code,
    reason: appended.failure.message,
  })
  return false
}
