// Where Millrace answers otherwise than Kafka, and why. An entry that does not differ any more fails
// the test.
export interface KnownDifference {
  /** Matches names of cases. */
  readonly cases: RegExp
  /** Matches paths of fields, as compare.ts writes them. */
  readonly fields: RegExp
  readonly reason: string
}

const NO_COORDINATOR = 'there are no coordinators yet: COORDINATOR_NOT_AVAILABLE'
const NO_TRANSACTIONS = 'there are no transactions yet'

export const knownDifferences: readonly KnownDifference[] = [
  {
    cases: /^FindCoordinator/,
    fields: /> (errorCode|nodeId|host|port)$|coordinators\.\d+\.(errorCode|nodeId|host|port)$/,
    reason: NO_COORDINATOR,
  },
  {
    cases: /^InitProducerId .*transactional/,
    fields: /> (errorCode|producerId|producerEpoch)$/,
    reason: NO_COORDINATOR,
  },
  {
    cases: /^Produce .*transactional/,
    fields: /partitionResponses\.0\./,
    reason: NO_TRANSACTIONS,
  },
  {
    cases: /^ApiVersions/,
    fields: /> (supportedFeatures|finalizedFeatures|finalizedFeaturesEpoch)/,
    reason: 'no feature is finalised',
  },
]
