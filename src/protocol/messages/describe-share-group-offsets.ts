// DescribeShareGroupOffsets: where share groups begin to read (KIP-932).
//
// v0   flexible from the start
// v1   lag (KIP-1226)
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableArray,
  nullableString,
  optional,
  since,
  string,
  uuid,
} from '../schema.js'

export const describeShareGroupOffsets = defineApi({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: [0, 1],
  flexible: 0,
  request: {
    groups: array({
      groupId: string,
      topics: nullableArray({
        topicName: string,
        partitions: array(int32),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    groups: array({
      groupId: string,
      topics: array({
        topicName: string,
        topicId: uuid,
        partitions: array({
          partitionIndex: int32,
          startOffset: int64,
          leaderEpoch: int32,
          lag: since(1, int64, -1),
          errorCode: int16,
          errorMessage: optional(nullableString, null),
        }),
      }),
      errorCode: int16,
      errorMessage: optional(nullableString, null),
    }),
  },
})

export type DescribeShareGroupOffsetsRequest = Infer<typeof describeShareGroupOffsets.request>
export type DescribeShareGroupOffsetsRequestDraft = Draft<typeof describeShareGroupOffsets.request>
export type DescribeShareGroupOffsetsResponse = Infer<typeof describeShareGroupOffsets.response>
export type DescribeShareGroupOffsetsResponseDraft = Draft<
  typeof describeShareGroupOffsets.response
>
