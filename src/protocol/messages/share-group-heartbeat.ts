// ShareGroupHeartbeat: membership and assignment in a share group (KIP-932).
//
// v1   the first stable version, flexible
import {
  array,
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

const topicPartitions = {
  topicId: uuid,
  partitions: array(int32),
}

export const shareGroupHeartbeat = defineApi({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: [1, 1],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    // 0 join, -1 leave
    memberEpoch: int32,
    rackId: optional(nullableString, null),
    subscribedTopicNames: optional(nullableArray(string), null),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    memberId: optional(nullableString, null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: optional(
      nullableStruct({
        topicPartitions: array(topicPartitions),
      }),
      null,
    ),
  },
})

export type ShareGroupHeartbeatRequest = Infer<typeof shareGroupHeartbeat.request>
export type ShareGroupHeartbeatRequestDraft = Draft<typeof shareGroupHeartbeat.request>
export type ShareGroupHeartbeatResponse = Infer<typeof shareGroupHeartbeat.response>
export type ShareGroupHeartbeatResponseDraft = Draft<typeof shareGroupHeartbeat.response>
