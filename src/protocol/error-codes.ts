// Kafka's error codes by name. A client may try again after a retriable one without asking anybody.
// Read from the Errors class of Kafka 4.3.1; the last three are of the version after it.

interface KafkaError {
  readonly code: number
  readonly retriable: boolean
}

const fatal = (code: number): KafkaError => ({ code, retriable: false })
const retriable = (code: number): KafkaError => ({ code, retriable: true })

const errors = {
  UNKNOWN_SERVER_ERROR: fatal(-1),
  NONE: fatal(0),
  OFFSET_OUT_OF_RANGE: fatal(1),
  CORRUPT_MESSAGE: retriable(2),
  UNKNOWN_TOPIC_OR_PARTITION: retriable(3),
  INVALID_FETCH_SIZE: fatal(4),
  LEADER_NOT_AVAILABLE: retriable(5),
  NOT_LEADER_OR_FOLLOWER: retriable(6),
  REQUEST_TIMED_OUT: retriable(7),
  BROKER_NOT_AVAILABLE: fatal(8),
  REPLICA_NOT_AVAILABLE: retriable(9),
  MESSAGE_TOO_LARGE: fatal(10),
  STALE_CONTROLLER_EPOCH: fatal(11),
  OFFSET_METADATA_TOO_LARGE: fatal(12),
  NETWORK_EXCEPTION: retriable(13),
  COORDINATOR_LOAD_IN_PROGRESS: retriable(14),
  COORDINATOR_NOT_AVAILABLE: retriable(15),
  NOT_COORDINATOR: retriable(16),
  INVALID_TOPIC_EXCEPTION: fatal(17),
  RECORD_LIST_TOO_LARGE: fatal(18),
  NOT_ENOUGH_REPLICAS: retriable(19),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: retriable(20),
  INVALID_REQUIRED_ACKS: fatal(21),
  ILLEGAL_GENERATION: fatal(22),
  INCONSISTENT_GROUP_PROTOCOL: fatal(23),
  INVALID_GROUP_ID: fatal(24),
  UNKNOWN_MEMBER_ID: fatal(25),
  INVALID_SESSION_TIMEOUT: fatal(26),
  REBALANCE_IN_PROGRESS: fatal(27),
  INVALID_COMMIT_OFFSET_SIZE: fatal(28),
  TOPIC_AUTHORIZATION_FAILED: fatal(29),
  GROUP_AUTHORIZATION_FAILED: fatal(30),
  CLUSTER_AUTHORIZATION_FAILED: fatal(31),
  INVALID_TIMESTAMP: fatal(32),
  UNSUPPORTED_SASL_MECHANISM: fatal(33),
  ILLEGAL_SASL_STATE: fatal(34),
  UNSUPPORTED_VERSION: fatal(35),
  TOPIC_ALREADY_EXISTS: fatal(36),
  INVALID_PARTITIONS: fatal(37),
  INVALID_REPLICATION_FACTOR: fatal(38),
  INVALID_REPLICA_ASSIGNMENT: fatal(39),
  INVALID_CONFIG: fatal(40),
  NOT_CONTROLLER: retriable(41),
  INVALID_REQUEST: fatal(42),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: fatal(43),
  POLICY_VIOLATION: fatal(44),
  OUT_OF_ORDER_SEQUENCE_NUMBER: fatal(45),
  DUPLICATE_SEQUENCE_NUMBER: fatal(46),
  INVALID_PRODUCER_EPOCH: fatal(47),
  INVALID_TXN_STATE: fatal(48),
  INVALID_PRODUCER_ID_MAPPING: fatal(49),
  INVALID_TRANSACTION_TIMEOUT: fatal(50),
  CONCURRENT_TRANSACTIONS: retriable(51),
  TRANSACTION_COORDINATOR_FENCED: fatal(52),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: fatal(53),
  SECURITY_DISABLED: fatal(54),
  OPERATION_NOT_ATTEMPTED: fatal(55),
  KAFKA_STORAGE_ERROR: retriable(56),
  LOG_DIR_NOT_FOUND: fatal(57),
  SASL_AUTHENTICATION_FAILED: fatal(58),
  UNKNOWN_PRODUCER_ID: fatal(59),
  REASSIGNMENT_IN_PROGRESS: fatal(60),
  DELEGATION_TOKEN_AUTH_DISABLED: fatal(61),
  DELEGATION_TOKEN_NOT_FOUND: fatal(62),
  DELEGATION_TOKEN_OWNER_MISMATCH: fatal(63),
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: fatal(64),
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: fatal(65),
  DELEGATION_TOKEN_EXPIRED: fatal(66),
  INVALID_PRINCIPAL_TYPE: fatal(67),
  NON_EMPTY_GROUP: fatal(68),
  GROUP_ID_NOT_FOUND: fatal(69),
  FETCH_SESSION_ID_NOT_FOUND: retriable(70),
  INVALID_FETCH_SESSION_EPOCH: retriable(71),
  LISTENER_NOT_FOUND: retriable(72),
  TOPIC_DELETION_DISABLED: fatal(73),
  FENCED_LEADER_EPOCH: retriable(74),
  UNKNOWN_LEADER_EPOCH: retriable(75),
  UNSUPPORTED_COMPRESSION_TYPE: fatal(76),
  STALE_BROKER_EPOCH: fatal(77),
  OFFSET_NOT_AVAILABLE: retriable(78),
  MEMBER_ID_REQUIRED: fatal(79),
  PREFERRED_LEADER_NOT_AVAILABLE: retriable(80),
  GROUP_MAX_SIZE_REACHED: fatal(81),
  FENCED_INSTANCE_ID: fatal(82),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: retriable(83),
  ELECTION_NOT_NEEDED: retriable(84),
  NO_REASSIGNMENT_IN_PROGRESS: fatal(85),
  GROUP_SUBSCRIBED_TO_TOPIC: fatal(86),
  INVALID_RECORD: fatal(87),
  UNSTABLE_OFFSET_COMMIT: retriable(88),
  THROTTLING_QUOTA_EXCEEDED: retriable(89),
  PRODUCER_FENCED: fatal(90),
  RESOURCE_NOT_FOUND: fatal(91),
  DUPLICATE_RESOURCE: fatal(92),
  UNACCEPTABLE_CREDENTIAL: fatal(93),
  INCONSISTENT_VOTER_SET: fatal(94),
  INVALID_UPDATE_VERSION: fatal(95),
  FEATURE_UPDATE_FAILED: fatal(96),
  PRINCIPAL_DESERIALIZATION_FAILURE: fatal(97),
  SNAPSHOT_NOT_FOUND: fatal(98),
  POSITION_OUT_OF_RANGE: fatal(99),
  UNKNOWN_TOPIC_ID: retriable(100),
  DUPLICATE_BROKER_REGISTRATION: fatal(101),
  BROKER_ID_NOT_REGISTERED: fatal(102),
  INCONSISTENT_TOPIC_ID: retriable(103),
  INCONSISTENT_CLUSTER_ID: fatal(104),
  TRANSACTIONAL_ID_NOT_FOUND: fatal(105),
  FETCH_SESSION_TOPIC_ID_ERROR: retriable(106),
  INELIGIBLE_REPLICA: fatal(107),
  NEW_LEADER_ELECTED: fatal(108),
  OFFSET_MOVED_TO_TIERED_STORAGE: fatal(109),
  FENCED_MEMBER_EPOCH: fatal(110),
  UNRELEASED_INSTANCE_ID: fatal(111),
  UNSUPPORTED_ASSIGNOR: fatal(112),
  STALE_MEMBER_EPOCH: fatal(113),
  MISMATCHED_ENDPOINT_TYPE: fatal(114),
  UNSUPPORTED_ENDPOINT_TYPE: fatal(115),
  UNKNOWN_CONTROLLER_ID: fatal(116),
  UNKNOWN_SUBSCRIPTION_ID: fatal(117),
  TELEMETRY_TOO_LARGE: fatal(118),
  INVALID_REGISTRATION: fatal(119),
  TRANSACTION_ABORTABLE: fatal(120),
  INVALID_RECORD_STATE: fatal(121),
  SHARE_SESSION_NOT_FOUND: retriable(122),
  INVALID_SHARE_SESSION_EPOCH: retriable(123),
  FENCED_STATE_EPOCH: fatal(124),
  INVALID_VOTER_KEY: fatal(125),
  DUPLICATE_VOTER: fatal(126),
  VOTER_NOT_FOUND: fatal(127),
  INVALID_REGULAR_EXPRESSION: fatal(128),
  REBOOTSTRAP_REQUIRED: fatal(129),
  STREAMS_INVALID_TOPOLOGY: fatal(130),
  STREAMS_INVALID_TOPOLOGY_EPOCH: fatal(131),
  STREAMS_TOPOLOGY_FENCED: fatal(132),
  SHARE_SESSION_LIMIT_REACHED: retriable(133),
  GROUP_DELETION_FAILED: fatal(134),
  STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED: fatal(135),
  CONTROLLER_ID_NOT_REGISTERED: fatal(136),
} satisfies Record<string, KafkaError>

export type KafkaErrorName = keyof typeof errors

const names = new Map<number, KafkaErrorName>(
  Object.entries(errors).map(([name, error]) => [error.code, name as KafkaErrorName]),
)

export const kafkaErrorNames: readonly KafkaErrorName[] = [...names.values()]

/** The number that stands in a response. */
export function kafkaErrorCode(name: KafkaErrorName): number {
  return errors[name].code
}

/** The name of a number in a response; a number of a later Kafka is UNKNOWN_SERVER_ERROR. */
export function kafkaErrorName(code: number): KafkaErrorName {
  return names.get(code) ?? 'UNKNOWN_SERVER_ERROR'
}

export function isRetriable(name: KafkaErrorName): boolean {
  return errors[name].retriable
}
