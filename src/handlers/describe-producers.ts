// DescribeProducers: the idempotent and transactional producers that a partition remembers (KIP-664).
// v0.
import { problemWithName } from '../metadata/topic-names.js'
import type {
  DescribeProducersRequest,
  DescribeProducersResponse,
} from '../protocol/messages/describe-producers.js'
import type { IoServices } from './context.js'
import { kafkaError } from './error-mapping.js'
import { findPartition } from './find-partition.js'

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
  const problem = problemWithName(name)
  if (problem !== undefined) {
    return failed(partitionIndex, kafkaError.INVALID_TOPIC_EXCEPTION, problem)
  }
  if (services.metadata().topic(name) === undefined) {
    const reason = 'This server does not host this topic-partition.'
    return failed(partitionIndex, kafkaError.UNKNOWN_TOPIC_OR_PARTITION, reason)
  }
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

function failed(
  partitionIndex: number,
  errorCode: number,
  errorMessage: string | null = null,
): Answered {
  return { partitionIndex, errorCode, errorMessage, activeProducers: [] }
}
