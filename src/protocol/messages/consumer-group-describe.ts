// ConsumerGroupDescribe: groups of the consumer protocol with their members (KIP-848).
//
// v0   flexible from the start
// v1   memberType (KIP-1099)
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
  struct,
  uuid,
} from '../schema.js'

const topicPartitions = {
  topicId: uuid,
  topicName: string,
  partitions: array(int32),
}

const assignment = {
  topicPartitions: array(topicPartitions),
}

export const consumerGroupDescribe = defineApi({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupIds: array(string),
    includeAuthorizedOperations: bool,
  },
  response: {
    throttleTimeMs: int32,
    groups: array({
      errorCode: int16,
      errorMessage: optional(nullableString, null),
      groupId: string,
      groupState: string,
      groupEpoch: int32,
      assignmentEpoch: int32,
      assignorName: string,
      members: array({
        memberId: string,
        instanceId: optional(nullableString, null),
        rackId: optional(nullableString, null),
        memberEpoch: int32,
        clientId: string,
        clientHost: string,
        subscribedTopicNames: array(string),
        subscribedTopicRegex: optional(nullableString, null),
        assignment: struct(assignment),
        targetAssignment: struct(assignment),
        memberType: since(1, int8, -1),
      }),
      authorizedOperations: optional(int32, -2147483648),
    }),
  },
})

export type ConsumerGroupDescribeRequest = Infer<typeof consumerGroupDescribe.request>
export type ConsumerGroupDescribeRequestDraft = Draft<typeof consumerGroupDescribe.request>
export type ConsumerGroupDescribeResponse = Infer<typeof consumerGroupDescribe.response>
export type ConsumerGroupDescribeResponseDraft = Draft<typeof consumerGroupDescribe.response>
