// OffsetFetch: how far has a group read?
//
// v2   null topics asks for all; errorCode of the whole answer
// v3   throttleTimeMs
// v4   a throttled answer is sent first and the connection muted after it
// v5   committedLeaderEpoch (KIP-320)
// v6   flexible encoding
// v7   requireStable: UNSTABLE_OFFSET_COMMIT while a transaction is open (KIP-447)
// v8   several groups at once: groups instead of groupId and topics (KIP-709)
// v9   memberId, memberEpoch of the consumer protocol (KIP-848)
// v10  topic ids instead of names (KIP-848)
import {
  array,
  between,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableArray,
  nullableSince,
  nullableString,
  optional,
  since,
  string,
  until,
  uuid,
} from '../schema.js'
import { ZERO_UUID } from '../uuid.js'

export const offsetFetch = defineApi({
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 10],
  flexible: 6,
  request: {
    groupId: until(7, string, ''),
    topics: until(
      7,
      nullableSince(
        2,
        nullableArray({
          name: string,
          partitionIndexes: array(int32),
        }),
      ),
      [],
    ),
    groups: since(
      8,
      array({
        groupId: string,
        memberId: since(9, nullableString, null),
        memberEpoch: since(9, int32, -1),
        topics: nullableArray({
          name: until(9, string, ''),
          topicId: since(10, uuid, ZERO_UUID),
          partitionIndexes: array(int32),
        }),
      }),
      [],
    ),
    requireStable: since(7, bool, false),
  },
  response: {
    throttleTimeMs: since(3, int32, 0),
    topics: until(
      7,
      array({
        name: string,
        partitions: array({
          partitionIndex: int32,
          // -1: none
          committedOffset: int64,
          committedLeaderEpoch: since(5, int32, -1),
          metadata: nullableString,
          errorCode: int16,
        }),
      }),
      [],
    ),
    errorCode: between([2, 7], int16, 0),
    groups: since(
      8,
      array({
        groupId: string,
        topics: array({
          name: until(9, string, ''),
          topicId: since(10, uuid, ZERO_UUID),
          partitions: array({
            partitionIndex: int32,
            // -1: none
            committedOffset: int64,
            committedLeaderEpoch: optional(int32, -1),
            metadata: nullableString,
            errorCode: int16,
          }),
        }),
        errorCode: optional(int16, 0),
      }),
      [],
    ),
  },
})

export type OffsetFetchRequest = Infer<typeof offsetFetch.request>
export type OffsetFetchRequestDraft = Draft<typeof offsetFetch.request>
export type OffsetFetchResponse = Infer<typeof offsetFetch.response>
export type OffsetFetchResponseDraft = Draft<typeof offsetFetch.response>
