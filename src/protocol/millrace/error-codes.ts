// The one place where the domain's error codes become names on the wire.
import type { Failure } from '../../base/errors.js'
import type { WireFailure } from './messages.js'

/** Codes that only this protocol has. */
export type SessionCode =
  | 'bad-frame'
  | 'bad-message'
  | 'hello-expected'
  | 'unknown-channel'
  | 'channel-in-use'
  | 'too-many-channels'
  | 'credit-exceeded'
  | 'identity-expired'

type WireName = readonly [code: string, retryable: boolean]

const wireNames: Readonly<Record<Failure['code'], WireName>> = {
  STORAGE_FAILED: ['storage-failed', true],
  STORAGE_FULL: ['storage-full', true],
  CLOSED: ['unavailable', true],
  CORRUPT_BATCH: ['corrupt-batch', false],
  INVALID_RECORD: ['invalid-record', false],
  RECORD_TOO_LARGE: ['record-too-large', false],
  INVALID_TIMESTAMP: ['invalid-timestamp', false],
  UNSUPPORTED_COMPRESSION: ['unsupported-compression', false],
  UNDECODABLE: ['corrupt-batch', false],
  INVALID_REQUEST: ['invalid-request', false],
  OUT_OF_ORDER_SEQUENCE: ['out-of-order-sequence', false],
  DUPLICATE_SEQUENCE: ['out-of-order-sequence', false],
  INVALID_PRODUCER_EPOCH: ['fenced', false],
  UNKNOWN_PRODUCER: ['identity-expired', false],
  INVALID_TXN_STATE: ['invalid-record', false],
  NOT_LEADER: ['not-leader', true],
  FENCED_LEADER_EPOCH: ['not-leader', true],
  UNKNOWN_LEADER_EPOCH: ['not-leader', true],
  OFFSET_OUT_OF_RANGE: ['unexpected', true],
  UNKNOWN_TOPIC_OR_PARTITION: ['unknown-topic', true],
  UNKNOWN_TOPIC_ID: ['unknown-topic', true],
  INCONSISTENT_TOPIC_ID: ['unknown-topic', true],
  COORDINATOR_NOT_AVAILABLE: ['unavailable', true],
  TIMED_OUT: ['timed-out', true],
  NOT_ENOUGH_REPLICAS: ['not-enough-replicas', true],
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: ['not-enough-replicas', true],
  INVALID_TOPIC: ['invalid-topic', false],
  TOPIC_EXISTS: ['topic-exists', false],
  INVALID_PARTITIONS: ['invalid-partitions', false],
  INVALID_REPLICATION_FACTOR: ['invalid-request', false],
  INVALID_REPLICA_ASSIGNMENT: ['invalid-request', false],
  INVALID_CONFIG: ['invalid-config', false],
  POLICY_VIOLATION: ['policy-violation', false],
  UNSUPPORTED_VERSION: ['invalid-request', false],
  UNSUPPORTED_FOR_MESSAGE_FORMAT: ['invalid-request', false],
  NOT_CONTROLLER: ['unavailable', true],
  INELIGIBLE_REPLICA: ['unexpected', true],
  ELECTION_NOT_NEEDED: ['invalid-request', false],
  PREFERRED_LEADER_NOT_AVAILABLE: ['unavailable', true],
  ELIGIBLE_LEADERS_NOT_AVAILABLE: ['unavailable', true],
  NO_REASSIGNMENT_IN_PROGRESS: ['invalid-request', false],
  BROKER_NOT_REGISTERED: ['invalid-request', false],
  FETCH_SESSION_NOT_FOUND: ['unexpected', true],
  INVALID_FETCH_SESSION_EPOCH: ['unexpected', true],
  UNEXPECTED: ['unexpected', true],
}

export function wireFailure(failure: Failure): WireFailure {
  const [code, retryable] = wireNames[failure.code] ?? wireNames.UNEXPECTED
  return { code, message: failure.message, retryable }
}

export function sessionFailure(code: SessionCode, message: string): WireFailure {
  return { code, message, retryable: false }
}
