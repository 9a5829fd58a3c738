// What a client is told it may do (KIP-430), as bit fields of Kafka's AclOperation codes. Without an
// authorizer everyone may do everything that the kind of resource knows.

const READ = 1 << 3
const WRITE = 1 << 4
const CREATE = 1 << 5
const DELETE = 1 << 6
const ALTER = 1 << 7
const DESCRIBE = 1 << 8
const CLUSTER_ACTION = 1 << 9
const DESCRIBE_CONFIGS = 1 << 10
const ALTER_CONFIGS = 1 << 11
const IDEMPOTENT_WRITE = 1 << 12

/** The client did not ask. */
export const OPERATIONS_NOT_ASKED = -(2 ** 31)

export const TOPIC_OPERATIONS =
  READ | WRITE | CREATE | DELETE | ALTER | DESCRIBE | DESCRIBE_CONFIGS | ALTER_CONFIGS

export const CLUSTER_OPERATIONS =
  CREATE | CLUSTER_ACTION | DESCRIBE_CONFIGS | ALTER_CONFIGS | IDEMPOTENT_WRITE | ALTER | DESCRIBE
