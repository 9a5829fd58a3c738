// DescribeProducers: the idempotent and transactional producers that a partition remembers (KIP-664).
// v0.
import type {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from '../protocol/messages/describe-producers.js'
import type { IoServices } from './context.js'
import { kafkaError } from './error-mapping.js'
import { findPartition } from './find-partition.js'
import { isValidTopicName } from './topic-name.js'

type Answered = DescribeProducersResponse['topics'][number]['partitions'][number]

export function describeProducers(
  request: DescribeProducersRequest,
  services: IoServices,
): DescribeProducersResponse {
  return {
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) => describePartition(name, index, services)),
    })),
  }
}

function describePartition(name: string, partitionIndex: number, services: IoServices): Answered {
  if (!isValidTopicName(name)) return failed(partitionIndex, kafkaError.INVALID_TOPIC_EXCEPTION)
  const partition = findPartition(services, name, partitionIndex)
  if (typeof partition === 'number') return failed(partitionIndex, partition)
  return {
    partitionIndex,
    errorCode: kafkaError.NONE,
    errorMessage: null,
    activeProducers: partition.log.producers().map((producer) => ({
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      lastSequence: producer.lastSequence,
      lastTimestamp: producer.lastTimestampMs,
      coordinatorEpoch: producer.coordinatorEpoch,
      currentTxnStartOffset: producer.currentTxnFirstOffset,
    })),
  }
}

function failed(partitionIndex: number, errorCode: number): Answered {
  return { partitionIndex, errorCode, errorMessage: null, activeProducers: [] }
}
