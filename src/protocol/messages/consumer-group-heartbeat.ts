// ConsumerGroupHeartbeat: membership and assignment in the consumer protocol (KIP-848).
//
// v0   flexible from the start
// v1   subscribedTopicRegex; the client makes its member id itself (KIP-1082)
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
  since,
  string,
  uuid,
} from '../schema.js'

const topicPartitions = {
  topicId: uuid,
  partitions: array(int32),
}

export const consumerGroupHeartbeat = defineApi({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexible: 0,
  request: {
    groupId: string,
    memberId: string,
    // 0 join, -1 leave, -2 leave for a while (static members)
    memberEpoch: int32,
    instanceId: optional(nullableString, null),
    rackId: optional(nullableString, null),
    // -1: as before
    rebalanceTimeoutMs: optional(int32, -1),
    // null: as before
    subscribedTopicNames: optional(nullableArray(string), null),
    subscribedTopicRegex: since(1, nullableString, null),
    serverAssignor: optional(nullableString, null),
    // What the member holds; null: as before
    topicPartitions: optional(
      nullableArray({
        topicId: uuid,
        partitions: array(int32),
      }),
      null,
    ),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    memberId: optional(nullableString, null),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    // null: as before
    assignment: optional(
      nullableStruct({
        topicPartitions: array(topicPartitions),
      }),
      null,
    ),
  },
})

export type ConsumerGroupHeartbeatRequest = Infer<typeof consumerGroupHeartbeat.request>
export type ConsumerGroupHeartbeatRequestDraft = Draft<typeof consumerGroupHeartbeat.request>
export type ConsumerGroupHeartbeatResponse = Infer<typeof consumerGroupHeartbeat.response>
export type ConsumerGroupHeartbeatResponseDraft = Draft<typeof consumerGroupHeartbeat.response>
