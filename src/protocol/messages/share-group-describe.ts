// ShareGroupDescribe: share groups with their members (KIP-932).
//
// v1   the first stable version, flexible
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableString,
  optional,
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

export const shareGroupDescribe = defineApi({
  key: 77,
  name: 'ShareGroupDescribe',
  versions: [1, 1],
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
        rackId: optional(nullableString, null),
        memberEpoch: int32,
        clientId: string,
        clientHost: string,
        subscribedTopicNames: array(string),
        assignment: struct(assignment),
      }),
      authorizedOperations: optional(int32, -2147483648),
    }),
  },
})

export type ShareGroupDescribeRequest = Infer<typeof shareGroupDescribe.request>
export type ShareGroupDescribeRequestDraft = Draft<typeof shareGroupDescribe.request>
export type ShareGroupDescribeResponse = Infer<typeof shareGroupDescribe.response>
export type ShareGroupDescribeResponseDraft = Draft<typeof shareGroupDescribe.response>
