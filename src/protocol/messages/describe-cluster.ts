// DescribeCluster: brokers and controller of the cluster (KIP-700).
//
// v0   flexible from the start
// v1   endpointType: ask brokers or controllers (KIP-919)
// v2   includeFencedBrokers, isFenced (KIP-1073)
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableString,
  optional,
  since,
  string,
} from '../schema.js'

export const describeCluster = defineApi({
  key: 60,
  name: 'DescribeCluster',
  versions: [0, 2],
  flexible: 0,
  request: {
    includeClusterAuthorizedOperations: bool,
    // 1 brokers, 2 controllers
    endpointType: since(1, int8, 1),
    includeFencedBrokers: since(2, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    endpointType: since(1, int8, 1),
    clusterId: string,
    controllerId: optional(int32, -1),
    brokers: array({
      brokerId: int32,
      host: string,
      port: int32,
      rack: optional(nullableString, null),
      isFenced: since(2, bool, false),
    }),
    clusterAuthorizedOperations: optional(int32, -2147483648),
  },
})

export type DescribeClusterRequest = Infer<typeof describeCluster.request>
export type DescribeClusterRequestDraft = Draft<typeof describeCluster.request>
export type DescribeClusterResponse = Infer<typeof describeCluster.response>
export type DescribeClusterResponseDraft = Draft<typeof describeCluster.response>
