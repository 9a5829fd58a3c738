// DeleteShareGroupOffsets: forget where an empty share group begins to read (KIP-932).
//
// v0   flexible from the start
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableString,
  optional,
  string,
  uuid,
} from '../schema.js'

export const deleteShareGroupOffsets = defineApi({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: [0, 0],
  flexible: 0,
  request: {
    groupId: string,
    topics: array({
      topicName: string,
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    responses: array({
      topicName: string,
      topicId: uuid,
      errorCode: int16,
      errorMessage: optional(nullableString, null),
    }),
  },
})

export type DeleteShareGroupOffsetsRequest = Infer<typeof deleteShareGroupOffsets.request>
export type DeleteShareGroupOffsetsRequestDraft = Draft<typeof deleteShareGroupOffsets.request>
export type DeleteShareGroupOffsetsResponse = Infer<typeof deleteShareGroupOffsets.response>
export type DeleteShareGroupOffsetsResponseDraft = Draft<typeof deleteShareGroupOffsets.response>
