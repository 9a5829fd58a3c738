// What a Produce answer says of one partition, as Kafka says it.
import type { Appended, AppendFailed } from '../../log/types.js'
import type { Partition } from '../../partition/partition.js'
import type { ProduceRequest, ProduceResponse } from '../../protocol/messages/produce.js'
import { errorNumber, kafkaError } from '../error-mapping.js'
import { countWithLogAppendTime, isNoBatch, isOneBatch } from './batch-shape.js'

export type PartitionData = ProduceRequest['topicData'][number]['partitionData'][number]
export type PartitionAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]
/** Mutable until the answer leaves: an acknowledgement that fails writes its error into it. */
export type PartitionDraft = { -readonly [K in keyof PartitionAnswer]: PartitionAnswer[K] }

/** A bound for the answer: a compressed batch may hold millions. */
const MAX_RECORD_ERRORS = 1000

export function refused(data: PartitionData, errorCode: number): PartitionDraft {
  return {
    index: data.index,
    errorCode,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: [],
    errorMessage: null,
    currentLeader: noLeader,
  }
}

export function refusedByLog(
  data: PartitionData,
  partition: Partition,
  failed: AppendFailed,
): PartitionDraft {
  const draft = refused(data, errorNumber(failed.failure.code))
  const records = data.records ?? []
  // As Kafka, which says it of these two kinds only.
  if (failed.recordIndex >= 0 || isNoBatch(records)) draft.errorMessage = failed.failure.message
  if (failed.recordIndex >= 0) draft.recordErrors = recordErrors(records, failed)
  if (tellsLogStart(draft.errorCode) && isOneBatch(records)) {
    draft.logStartOffset = partition.log.state().logStartOffset
  }
  return draft
}

const noLeader = { leaderId: -1, leaderEpoch: -1 }
const noErrors: PartitionAnswer['recordErrors'] = []

/** As Kafka, a timestamp type that is wrong for the whole batch is told of every record. */
function recordErrors(
  records: readonly Uint8Array[],
  { failure, recordIndex }: AppendFailed,
): PartitionAnswer['recordErrors'] {
  const batchIndexErrorMessage = failure.message
  const first = { batchIndex: recordIndex, batchIndexErrorMessage }
  if (failure.code !== 'INVALID_TIMESTAMP') return [first]
  const count = Math.min(countWithLogAppendTime(records), MAX_RECORD_ERRORS)
  if (count === 0) return [first]
  return Array.from({ length: count }, (_, batchIndex) => ({ batchIndex, batchIndexErrorMessage }))
}

export function succeeded(data: PartitionData, appended: Appended): PartitionDraft {
  return {
    index: data.index,
    errorCode: kafkaError.NONE,
    baseOffset: appended.baseOffset,
    logAppendTimeMs: appended.logAppendTimeMs,
    logStartOffset: appended.logStartOffset,
    recordErrors: noErrors,
    errorMessage: null,
    currentLeader: noLeader,
  }
}

/** As Kafka: only of what was refused by the log itself, for the records' own sake. */
function tellsLogStart(errorCode: number): boolean {
  return (
    errorCode === kafkaError.INVALID_RECORD ||
    errorCode === kafkaError.INVALID_TIMESTAMP ||
    errorCode === kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER ||
    errorCode === kafkaError.INVALID_PRODUCER_EPOCH ||
    errorCode === kafkaError.UNKNOWN_PRODUCER_ID ||
    errorCode === kafkaError.INVALID_TXN_STATE ||
    errorCode === kafkaError.UNKNOWN_SERVER_ERROR
  )
}
