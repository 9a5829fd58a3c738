// LeaveGroup: members leave a classic group.
//
// v1   throttleTimeMs
// v2   a throttled answer is sent first and the connection muted after it
// v3   several members at once, also by groupInstanceId (KIP-345)
// v4   flexible encoding
// v5   reason (KIP-800)
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableString,
  optional,
  since,
  string,
  until,
} from '../schema.js'

export const leaveGroup = defineApi({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexible: 4,
  request: {
    groupId: string,
    memberId: until(2, string, ''),
    members: since(
      3,
      array({
        memberId: string,
        groupInstanceId: optional(nullableString, null),
        reason: since(5, nullableString, null),
      }),
      [],
    ),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    members: since(
      3,
      array({
        memberId: string,
        groupInstanceId: nullableString,
        errorCode: int16,
      }),
      [],
    ),
  },
})

export type LeaveGroupRequest = Infer<typeof leaveGroup.request>
export type LeaveGroupRequestDraft = Draft<typeof leaveGroup.request>
export type LeaveGroupResponse = Infer<typeof leaveGroup.response>
export type LeaveGroupResponseDraft = Draft<typeof leaveGroup.response>
