// DescribeTopicPartitions: topics with their partitions, page by page (KIP-966).
//
// v0   flexible from the start
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableArray,
  nullableString,
  nullableStruct,
  optional,
  string,
  uuid,
} from '../schema.js'

export const describeTopicPartitions = defineApi({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: [0, 0],
  flexible: 0,
  request: {
    topics: array({
      name: string,
    }),
    responsePartitionLimit: optional(int32, 2000),
    // Where to go on; null from the start
    cursor: optional(
      nullableStruct({
        topicName: string,
        partitionIndex: int32,
      }),
      null,
    ),
  },
  response: {
    throttleTimeMs: int32,
    topics: array({
      errorCode: int16,
      name: nullableString,
      topicId: uuid,
      isInternal: optional(bool, false),
      partitions: array({
        errorCode: int16,
        partitionIndex: int32,
        leaderId: int32,
        leaderEpoch: optional(int32, -1),
        replicaNodes: array(int32),
        isrNodes: array(int32),
        eligibleLeaderReplicas: optional(nullableArray(int32), null),
        lastKnownElr: optional(nullableArray(int32), null),
        offlineReplicas: array(int32),
      }),
      topicAuthorizedOperations: optional(int32, -2147483648),
    }),
    nextCursor: optional(
      nullableStruct({
        topicName: string,
        partitionIndex: int32,
      }),
      null,
    ),
  },
})

export type DescribeTopicPartitionsRequest = Infer<typeof describeTopicPartitions.request>
export type DescribeTopicPartitionsRequestDraft = Draft<typeof describeTopicPartitions.request>
export type DescribeTopicPartitionsResponse = Infer<typeof describeTopicPartitions.response>
export type DescribeTopicPartitionsResponseDraft = Draft<typeof describeTopicPartitions.response>
