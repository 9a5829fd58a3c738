// DeleteRecords: moves the start of a partition forward.
// v0-v2. v2 flexible. Offset -1 stands for the high watermark.
import type {
  DeleteRecordsRequest,
  DeleteRecordsResponse,
} from '../protocol/messages/delete-records.js'
import type { IoServices } from './context.js'
import { errorNumber, kafkaError } from './error-mapping.js'
import { findPartition } from './find-partition.js'

type Asked = DeleteRecordsRequest['topics'][number]['partitions'][number]
type Answered = DeleteRecordsResponse['topics'][number]['partitions'][number]

const HIGH_WATERMARK = -1

export function deleteRecords(
  request: DeleteRecordsRequest,
  services: IoServices,
): DeleteRecordsResponse {
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => deleteBefore(name, asked, services)),
    })),
  }
}

function deleteBefore(name: string, asked: Asked, services: IoServices): Answered {
  const topic = services.metadata().topic(name)
  if (topic?.isInternal) return failed(asked, kafkaError.INVALID_TOPIC_EXCEPTION)
  const partition = findPartition(services, name, asked.partitionIndex)
  if (typeof partition === 'number') return failed(asked, partition)
  const policy = topic?.configs['cleanup.policy'] ?? services.config.topicDefaults['cleanup.policy']
  if (policy === 'compact') return failed(asked, kafkaError.POLICY_VIOLATION)
  const highWatermark = partition.log.highWatermark()
  const before = asked.offset === HIGH_WATERMARK ? highWatermark : asked.offset
  if (before < 0 || before > highWatermark) return failed(asked, kafkaError.OFFSET_OUT_OF_RANGE)
  const deleted = partition.log.deleteRecords(before)
  if (!deleted.ok) return failed(asked, errorNumber(deleted.failure.code))
  return {
    partitionIndex: asked.partitionIndex,
    lowWatermark: deleted.logStartOffset,
    errorCode: kafkaError.NONE,
  }
}

function failed(asked: Asked, errorCode: number): Answered {
  return { partitionIndex: asked.partitionIndex, lowWatermark: -1, errorCode }
}
