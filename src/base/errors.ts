// Error codes of the domain. Inner layers know only these; handlers/error-mapping.ts turns them into
// Kafka's numbers and protocol/millrace into its names, each in one place.

export type ErrorCode =
  | 'NONE'
  // A log and its disk
  | 'STORAGE_FAILED' // the log directory is offline
  | 'STORAGE_FULL'
  | 'CLOSED'
  // What a client sent
  | 'CORRUPT_BATCH'
  | 'INVALID_RECORD'
  | 'RECORD_TOO_LARGE'
  | 'INVALID_TIMESTAMP'
  | 'UNSUPPORTED_COMPRESSION' // a codec that nobody knows
  | 'UNDECODABLE' // the batch's codec cannot decompress it
  | 'INVALID_REQUEST'
  | 'OUT_OF_ORDER_SEQUENCE'
  | 'DUPLICATE_SEQUENCE'
  | 'INVALID_PRODUCER_EPOCH'
  | 'UNKNOWN_PRODUCER'
  | 'INVALID_TXN_STATE'
  // Where it was sent
  | 'NOT_LEADER'
  | 'FENCED_LEADER_EPOCH'
  | 'UNKNOWN_LEADER_EPOCH'
  | 'OFFSET_OUT_OF_RANGE'
  | 'UNKNOWN_TOPIC_OR_PARTITION'
  | 'UNKNOWN_TOPIC_ID'
  | 'INCONSISTENT_TOPIC_ID'
  | 'COORDINATOR_NOT_AVAILABLE'
  | 'TIMED_OUT'
  | 'NOT_ENOUGH_REPLICAS'
  | 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'
  // Administration
  | 'INVALID_TOPIC'
  | 'TOPIC_EXISTS'
  | 'INVALID_PARTITIONS'
  | 'INVALID_REPLICATION_FACTOR'
  | 'INVALID_REPLICA_ASSIGNMENT'
  | 'INVALID_CONFIG'
  | 'POLICY_VIOLATION'
  | 'UNSUPPORTED_VERSION'
  | 'UNSUPPORTED_FOR_MESSAGE_FORMAT'
  | 'NOT_CONTROLLER'
  | 'INELIGIBLE_REPLICA'
  | 'ELECTION_NOT_NEEDED'
  | 'PREFERRED_LEADER_NOT_AVAILABLE'
  | 'ELIGIBLE_LEADERS_NOT_AVAILABLE'
  | 'NO_REASSIGNMENT_IN_PROGRESS'
  | 'BROKER_NOT_REGISTERED'
  | 'FETCH_SESSION_NOT_FOUND'
  | 'INVALID_FETCH_SESSION_EPOCH'
  | 'UNEXPECTED'

/** A failure as a value. `message` is a sentence for a person. */
export interface Failure {
  readonly code: Exclude<ErrorCode, 'NONE'>
  readonly message: string
}

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly failure: Failure }

export function succeed<T>(value: T): Outcome<T> {
  return { ok: true, value }
}

export function fail(code: Failure['code'], message: string): { ok: false; failure: Failure } {
  return { ok: false, failure: { code, message } }
}
