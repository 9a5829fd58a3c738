// AlterShareGroupOffsets: set where an empty share group begins to read (KIP-932).
//
// v0   flexible from the start
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
  string,
  uuid,
} from '../schema.js'

export const alterShareGroupOffsets = defineApi({
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        startOffset: int64,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    responses: array({
      topicName: string,
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: optional(nullableString, null),
      }),
    }),
  },
})

export type AlterShareGroupOffsetsRequest = Infer<typeof alterShareGroupOffsets.request>
export type AlterShareGroupOffsetsRequestDraft = Draft<typeof alterShareGroupOffsets.request>
export type AlterShareGroupOffsetsResponse = Infer<typeof alterShareGroupOffsets.response>
export type AlterShareGroupOffsetsResponseDraft = Draft<typeof alterShareGroupOffsets.response>
