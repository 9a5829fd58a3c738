// OffsetCommit: store how far a group has read.
//
// v3   throttleTimeMs
// v4   a throttled answer is sent first and the connection muted after it
// v5   retentionTimeMs is gone: the broker alone decides
// v6   committedLeaderEpoch (KIP-320)
// v7   groupInstanceId: static members (KIP-345)
// v8   flexible encoding
// v9   may come from a member of the consumer protocol: STALE_MEMBER_EPOCH, GROUP_ID_NOT_FOUND (KIP-848)
// v10  topic ids instead of names (KIP-848)
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableString,
  optional,
  since,
  string,
  until,
  uuid,
} from '../schema.js'
import { ZERO_UUID } from '../uuid.js'

export const offsetCommit = defineApi({
  key: 8,
  name: 'OffsetCommit',
  versions: [2, 10],
  flexible: 8,
  request: {
    groupId: string,
    // -1: not a member, offsets alone
    generationIdOrMemberEpoch: optional(int32, -1),
    memberId: string,
    groupInstanceId: since(7, nullableString, null),
    // -1: the broker's
    retentionTimeMs: until(4, int64, -1),
    topics: array({
      name: until(9, string, ''),
      topicId: since(10, uuid, ZERO_UUID),
      partitions: array({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(6, int32, -1),
        committedMetadata: nullableString,
      }),
    }),
  },
  response: {
    throttleTimeMs: since(3, int32, 0),
    topics: array({
      name: until(9, string, ''),
      topicId: since(10, uuid, ZERO_UUID),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})

export type OffsetCommitRequest = Infer<typeof offsetCommit.request>
export type OffsetCommitRequestDraft = Draft<typeof offsetCommit.request>
export type OffsetCommitResponse = Infer<typeof offsetCommit.response>
export type OffsetCommitResponseDraft = Draft<typeof offsetCommit.response>
