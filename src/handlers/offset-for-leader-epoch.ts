// OffsetForLeaderEpoch: where an epoch ended, for clients that look for truncation (KIP-101, KIP-320).
// v2. v3 replicaId. v4 flexible.
import type { Partition } from '../partition/partition.js'
import type {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
} from '../protocol/messages/offset-for-leader-epoch.js'
import type { IoServices } from './context.js'
import { kafkaError } from './error-mapping.js'
import { checkLeaderEpoch, findPartition } from './find-partition.js'

type Asked = OffsetForLeaderEpochRequest['topics'][number]['partitions'][number]
type Answered = OffsetForLeaderEpochResponse['topics'][number]['partitions'][number]

const NO_EPOCH = -1

export function offsetForLeaderEpoch(
  request: OffsetForLeaderEpochRequest,
  services: IoServices,
): OffsetForLeaderEpochResponse {
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => endOfEpoch(topic, asked, services)),
    })),
  }
}

function endOfEpoch(topic: string, asked: Asked, services: IoServices): Answered {
  const partition = findPartition(services, topic, asked.partition)
  if (typeof partition === 'number') return failed(asked, partition)
  const fenced = checkLeaderEpoch(asked.currentLeaderEpoch, partition.leaderEpoch)
  if (fenced !== kafkaError.NONE) return failed(asked, fenced)
  if (asked.leaderEpoch === NO_EPOCH) return failed(asked, kafkaError.NONE)
  if (asked.leaderEpoch === partition.leaderEpoch) return endOfLog(asked, partition)
  if (asked.leaderEpoch < NO_EPOCH) return startOfLog(asked, partition)
  const { leaderEpoch, endOffset } = partition.log.endOffsetForEpoch(asked.leaderEpoch)
  return { errorCode: kafkaError.NONE, partition: asked.partition, leaderEpoch, endOffset }
}

// The log knows an epoch from its first record on, the leader from its election.
function endOfLog({ partition: index, leaderEpoch }: Asked, { log }: Partition): Answered {
  const endOffset = log.state().logEndOffset
  return { errorCode: kafkaError.NONE, partition: index, leaderEpoch, endOffset }
}

// Every epoch that the log knows is higher.
function startOfLog({ partition: index, leaderEpoch }: Asked, { log }: Partition): Answered {
  const endOffset = log.state().logStartOffset
  return { errorCode: kafkaError.NONE, partition: index, leaderEpoch, endOffset }
}

function failed(asked: Asked, errorCode: number): Answered {
  return { errorCode, partition: asked.partition, leaderEpoch: -1, endOffset: -1 }
}
