// Metadata: which brokers and topics are there, and who leads each partition?
//
// v0   an empty list of topics asks for all of them
// v1   null asks for all topics, an empty list for none; controllerId, rack, isInternal
// v2   clusterId
// v3   throttleTimeMs
// v4   allowAutoTopicCreation
// v5   offlineReplicas
// v6   a throttled answer is sent first and the connection muted after it
// v7   leaderEpoch
// v8   authorized operations on request (KIP-430)
// v9   flexible encoding
// v10  topicId (KIP-516); no broker looks topics up by it before v12
// v11  the authorized operations on the cluster moved to DescribeCluster (KIP-700)
// v12  topics by id: the name may be null
// v13  errorCode of the whole answer
import {
  array,
  between,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableArray,
  nullableSince,
  nullableString,
  since,
  string,
  uuid,
} from '../schema.js'
import { ZERO_UUID } from '../uuid.js'

export const metadata = defineApi({
  key: 3,
  name: 'Metadata',
  versions: [0, 13],
  flexible: 9,
  request: {
    topics: nullableSince(
      1,
      nullableArray({
        topicId: since(10, uuid, ZERO_UUID),
        name: nullableSince(10, nullableString),
      }),
    ),
    allowAutoTopicCreation: since(4, bool, true),
    includeClusterAuthorizedOperations: between([8, 10], bool, false),
    includeTopicAuthorizedOperations: since(8, bool, false),
  },
  response: {
    throttleTimeMs: since(3, int32, 0),
    brokers: array({
      nodeId: int32,
      host: string,
      port: int32,
      rack: since(1, nullableString, null),
    }),
    clusterId: since(2, nullableString, null),
    controllerId: since(1, int32, -1),
    topics: array({
      errorCode: int16,
      name: nullableSince(12, nullableString),
      topicId: since(10, uuid, ZERO_UUID),
      isInternal: since(1, bool, false),
      partitions: array({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: since(7, int32, -1),
        replicaNodes: array(int32),
        isrNodes: array(int32),
        offlineReplicas: since(5, array(int32), []),
      }),
      // A bit a permission; Integer.MIN_VALUE when not asked for
      topicAuthorizedOperations: since(8, int32, -2147483648),
    }),
    clusterAuthorizedOperations: between([8, 10], int32, -2147483648),
    errorCode: since(13, int16, 0),
  },
})

export type MetadataRequest = Infer<typeof metadata.request>
export type MetadataRequestDraft = Draft<typeof metadata.request>
export type MetadataResponse = Infer<typeof metadata.response>
export type MetadataResponseDraft = Draft<typeof metadata.response>
