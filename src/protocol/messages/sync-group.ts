// SyncGroup: the leader of a classic group hands in the assignment, each member gets its part.
//
// v1   throttleTimeMs
// v2   a throttled answer is sent first and the connection muted after it
// v3   groupInstanceId: static members (KIP-345)
// v4   flexible encoding
// v5   protocolType, protocolName on both sides, refused when they differ (KIP-559)
import {
  array,
  bytes,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableString,
  since,
  string,
} from '../schema.js'

export const syncGroup = defineApi({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
    protocolType: since(5, nullableString, null),
    protocolName: since(5, nullableString, null),
    // Filled by the leader alone
    assignments: array({
      memberId: string,
      assignment: bytes,
    }),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    protocolType: since(5, nullableString, null),
    protocolName: since(5, nullableString, null),
    assignment: bytes,
  },
})

export type SyncGroupRequest = Infer<typeof syncGroup.request>
export type SyncGroupRequestDraft = Draft<typeof syncGroup.request>
export type SyncGroupResponse = Infer<typeof syncGroup.response>
export type SyncGroupResponseDraft = Draft<typeof syncGroup.response>
