// DescribeGroups: state and members of classic groups.
//
// v1   throttleTimeMs
// v2   a throttled answer is sent first and the connection muted after it
// v3   authorized operations on request (KIP-430)
// v4   groupInstanceId (KIP-345)
// v5   flexible encoding
// v6   errorMessage; GROUP_ID_NOT_FOUND instead of a dead group (KIP-1043)
import {
  array,
  bool,
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

export const describeGroups = defineApi({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexible: 5,
  request: {
    groups: array(string),
    includeAuthorizedOperations: since(3, bool, false),
  },
  response: {
    throttleTimeMs: since(1, int32, 0),
    groups: array({
      errorCode: int16,
      errorMessage: since(6, nullableString, null),
      groupId: string,
      groupState: string,
      protocolType: string,
      protocolData: string,
      members: array({
        memberId: string,
        groupInstanceId: since(4, nullableString, null),
        clientId: string,
        clientHost: string,
        memberMetadata: bytes,
        memberAssignment: bytes,
      }),
      // A bit a permission; Integer.MIN_VALUE when not asked for
      authorizedOperations: since(3, int32, -2147483648),
    }),
  },
})

export type DescribeGroupsRequest = Infer<typeof describeGroups.request>
export type DescribeGroupsRequestDraft = Draft<typeof describeGroups.request>
export type DescribeGroupsResponse = Infer<typeof describeGroups.response>
export type DescribeGroupsResponseDraft = Draft<typeof describeGroups.response>
