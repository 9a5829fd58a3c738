// JoinGroup: become or stay a member of a classic group, and wait for the others.
//
// v1   rebalanceTimeoutMs; before, the session's timeout counts
// v2   throttleTimeMs
// v3   a throttled answer is sent first and the connection muted after it
// v4   a new member gets MEMBER_ID_REQUIRED and joins again with the id it was given (KIP-394)
// v5   groupInstanceId: static members (KIP-345)
// v6   flexible encoding
// v7   protocolType in the answer; protocolName may be null (KIP-559)
// v8   reason (KIP-800)
// v9   skipAssignment: the leader need not compute one (KIP-814)
//
// v0 and v1 must be offered, or librdkafka before 2.11 cannot use Kerberos (KAFKA-19444).
import {
  array,
  bool,
  bytes,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableSince,
  nullableString,
  optional,
  since,
  string,
} from '../schema.js'

export const joinGroup = defineApi({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexible: 6,
  request: {
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    // Empty: a new member
    memberId: string,
    groupInstanceId: since(5, nullableString, null),
    protocolType: string,
    // In the order of preference; metadata is opaque to the broker.
    protocols: array({
      name: string,
      metadata: bytes,
    }),
    reason: since(8, nullableString, null),
  },
  response: {
    throttleTimeMs: since(2, int32, 0),
    errorCode: int16,
    generationId: optional(int32, -1),
    protocolType: since(7, nullableString, null),
    protocolName: nullableSince(7, nullableString),
    leader: string,
    skipAssignment: since(9, bool, false),
    memberId: string,
    // Filled for the leader alone
    members: array({
      memberId: string,
      groupInstanceId: since(5, nullableString, null),
      metadata: bytes,
    }),
  },
})

export type JoinGroupRequest = Infer<typeof joinGroup.request>
export type JoinGroupRequestDraft = Draft<typeof joinGroup.request>
export type JoinGroupResponse = Infer<typeof joinGroup.response>
export type JoinGroupResponseDraft = Draft<typeof joinGroup.response>
