// The one place where the broker's error codes become Kafka's numbers
// (org.apache.kafka.common.protocol.Errors). A handler answers numbers, everything below it codes.
import { type ErrorCode, fail, type Outcome } from '../base/errors.js'
import { type KafkaErrorName, kafkaErrorCode, kafkaErrorNames } from '../protocol/error-codes.js'

/** Kafka's numbers by its names. */
export const kafkaError = Object.fromEntries(
  kafkaErrorNames.map((name) => [name, kafkaErrorCode(name)]),
) as Readonly<Record<KafkaErrorName, number>>

const numbers: Readonly<Record<ErrorCode, number>> = {
  NONE: kafkaError.NONE,
  STORAGE_FAILED: kafkaError.KAFKA_STORAGE_ERROR,
  STORAGE_FULL: kafkaError.KAFKA_STORAGE_ERROR,
  CLOSED: kafkaError.NOT_LEADER_OR_FOLLOWER,
  CORRUPT_BATCH: kafkaError.CORRUPT_MESSAGE,
  INVALID_RECORD: kafkaError.INVALID_RECORD,
  RECORD_TOO_LARGE: kafkaError.MESSAGE_TOO_LARGE,
  INVALID_TIMESTAMP: kafkaError.INVALID_TIMESTAMP,
  // As Kafka, which has no error for either: its codecs throw what it does not expect.
  UNSUPPORTED_COMPRESSION: kafkaError.UNKNOWN_SERVER_ERROR,
  UNDECODABLE: kafkaError.UNKNOWN_SERVER_ERROR,
  INVALID_REQUEST: kafkaError.INVALID_REQUEST,
  OUT_OF_ORDER_SEQUENCE: kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
  DUPLICATE_SEQUENCE: kafkaError.DUPLICATE_SEQUENCE_NUMBER,
  INVALID_PRODUCER_EPOCH: kafkaError.INVALID_PRODUCER_EPOCH,
  UNKNOWN_PRODUCER: kafkaError.UNKNOWN_PRODUCER_ID,
  INVALID_TXN_STATE: kafkaError.INVALID_TXN_STATE,
  NOT_LEADER: kafkaError.NOT_LEADER_OR_FOLLOWER,
  FENCED_LEADER_EPOCH: kafkaError.FENCED_LEADER_EPOCH,
  UNKNOWN_LEADER_EPOCH: kafkaError.UNKNOWN_LEADER_EPOCH,
  OFFSET_OUT_OF_RANGE: kafkaError.OFFSET_OUT_OF_RANGE,
  UNKNOWN_TOPIC_OR_PARTITION: kafkaError.UNKNOWN_TOPIC_OR_PARTITION,
  UNKNOWN_TOPIC_ID: kafkaError.UNKNOWN_TOPIC_ID,
  INCONSISTENT_TOPIC_ID: kafkaError.INCONSISTENT_TOPIC_ID,
  COORDINATOR_NOT_AVAILABLE: kafkaError.COORDINATOR_NOT_AVAILABLE,
  TIMED_OUT: kafkaError.REQUEST_TIMED_OUT,
  NOT_ENOUGH_REPLICAS: kafkaError.NOT_ENOUGH_REPLICAS,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: kafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  INVALID_TOPIC: kafkaError.INVALID_TOPIC_EXCEPTION,
  TOPIC_EXISTS: kafkaError.TOPIC_ALREADY_EXISTS,
  INVALID_PARTITIONS: kafkaError.INVALID_PARTITIONS,
  INVALID_REPLICATION_FACTOR: kafkaError.INVALID_REPLICATION_FACTOR,
  INVALID_REPLICA_ASSIGNMENT: kafkaError.INVALID_REPLICA_ASSIGNMENT,
  INVALID_CONFIG: kafkaError.INVALID_CONFIG,
  POLICY_VIOLATION: kafkaError.POLICY_VIOLATION,
  UNSUPPORTED_VERSION: kafkaError.UNSUPPORTED_VERSION,
  UNSUPPORTED_FOR_MESSAGE_FORMAT: kafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT,
  NOT_CONTROLLER: kafkaError.NOT_CONTROLLER,
  INELIGIBLE_REPLICA: kafkaError.INELIGIBLE_REPLICA,
  ELECTION_NOT_NEEDED: kafkaError.ELECTION_NOT_NEEDED,
  PREFERRED_LEADER_NOT_AVAILABLE: kafkaError.PREFERRED_LEADER_NOT_AVAILABLE,
  ELIGIBLE_LEADERS_NOT_AVAILABLE: kafkaError.ELIGIBLE_LEADERS_NOT_AVAILABLE,
  NO_REASSIGNMENT_IN_PROGRESS: kafkaError.NO_REASSIGNMENT_IN_PROGRESS,
  BROKER_NOT_REGISTERED: kafkaError.BROKER_ID_NOT_REGISTERED,
  FETCH_SESSION_NOT_FOUND: kafkaError.FETCH_SESSION_ID_NOT_FOUND,
  INVALID_FETCH_SESSION_EPOCH: kafkaError.INVALID_FETCH_SESSION_EPOCH,
  UNEXPECTED: kafkaError.UNKNOWN_SERVER_ERROR,
}

export function errorNumber(code: ErrorCode): number {
  return numbers[code]
}

const codes: ReadonlyMap<number, Exclude<ErrorCode, 'NONE'>> = new Map(
  (Object.keys(numbers) as ErrorCode[])
    .reverse()
    .flatMap((code) => (code === 'NONE' ? [] : [[numbers[code], code]])),
)

/** What another broker answered, as a failure of our own. */
export function errorOf(number: number, message: string): Outcome<never> {
  return fail(codes.get(number) ?? 'UNEXPECTED', message)
}
