// Where Millrace answers otherwise than Kafka, and why. An entry that does not differ any more fails
// the test.
import { kafkaError } from '../../src/handlers/error-mapping.js'

export interface KnownDifference {
  /** Matches names of cases. */
  readonly cases: RegExp
  /** Matches paths of fields, as compare.ts writes them. */
  readonly fields: RegExp
  /** What Millrace says where an errorCode differs. */
  readonly errorCode?: number
  readonly reason: string
}

const NO_COORDINATOR = 'there are no coordinators yet: COORDINATOR_NOT_AVAILABLE'
const NO_TRANSACTIONS = 'there are no transactions yet'

/** Groups, transactions, access rules, quotas; 80 and above: controllers, share groups. */
const NOT_SERVED_YET = [
  8, 9, 11, 12, 13, 14, 15, 16, 17, 24, 25, 26, 27, 28, 29, 30, 31, 34, 36, 38, 39, 40, 41, 42, 47,
  48, 49, 50, 51, 55, 57, 65, 66, 68, 69, 74, 76, 77, 78, 79, 80, 81, 83, 84, 85, 86, 87, 88, 89,
  90, 91, 92,
]

const unfinished: readonly KnownDifference[] = [
  {
    cases: /^FindCoordinator/,
    fields: /> (errorCode|nodeId|host|port)$|coordinators\.\d+\.(errorCode|nodeId|host|port)$/,
    errorCode: kafkaError.COORDINATOR_NOT_AVAILABLE,
    reason: NO_COORDINATOR,
  },
  {
    cases: /^InitProducerId .*transactional/,
    fields: /> (errorCode|producerId|producerEpoch)$/,
    errorCode: kafkaError.COORDINATOR_NOT_AVAILABLE,
    reason: NO_COORDINATOR,
  },
  {
    cases: /^Produce .*transactional/,
    fields: /partitionResponses\.0\./,
    errorCode: kafkaError.INVALID_TXN_STATE,
    reason: NO_TRANSACTIONS,
  },
  {
    cases: /^ApiVersions/,
    fields: /> (supportedFeatures|finalizedFeatures|finalizedFeaturesEpoch)/,
    reason: 'no feature is finalised',
  },
  {
    cases: /^(CreateTopics|DescribeConfigs)/,
    fields: /configs\.(21|min_insync_replicas)\.(configSource|synonyms)/,
    reason:
      'no feature is finalised: with eligible.leader.replicas.version Kafka sets min.insync.replicas ' +
      'for the whole cluster',
  },
  ...NOT_SERVED_YET.map((key) => ({
    cases: /^ApiVersions/,
    fields: new RegExp(`> api ${key}$`),
    reason: 'not served yet',
  })),
]

/** Where to do as Kafka does would be worse for whoever uses it. */
const deliberate: readonly KnownDifference[] = [
  {
    cases: /^Produce .*: offset delta of a record$/,
    fields: /./,
    errorCode: kafkaError.INVALID_RECORD,
    reason: 'Kafka stores the batch, and every reader finds its records at the offsets of others',
  },
  {
    cases: /^CreatePartitions .*: counts$/,
    fields: /more than one request may add > results\.0\.(errorCode|errorMessage)$/,
    errorCode: kafkaError.POLICY_VIOLATION,
    reason:
      'Kafka fails inside and says UNKNOWN_SERVER_ERROR and no more; CreateTopics, there as here, ' +
      'answers POLICY_VIOLATION and names the limit',
  },
]

export const knownDifferences: readonly KnownDifference[] = [...unfinished, ...deliberate]
