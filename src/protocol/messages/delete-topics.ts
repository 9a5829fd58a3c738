// DeleteTopics: delete topics with all their records.
//
// v2   a throttled answer is sent first and the connection muted after it
// v3   TOPIC_DELETION_DISABLED
// v4   flexible encoding
// v5   errorMessage; THROTTLING_QUOTA_EXCEEDED (KIP-599)
// v6   topics by name or id in topics, instead of names in topicNames (KIP-516)
import {
  array,
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
  until,
  uuid,
} from '../schema.js'
import { ZERO_UUID } from '../uuid.js'

export const deleteTopics = defineApi({
  key: 20,
  name: 'DeleteTopics',
  versions: [1, 6],
  flexible: 4,
  request: {
    topics: since(
      6,
      array({
        name: optional(nullableString, null),
        topicId: uuid,
      }),
      [],
    ),
    topicNames: until(5, array(string), []),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: int32,
    responses: array({
      name: nullableSince(6, nullableString),
      topicId: since(6, uuid, ZERO_UUID),
      errorCode: int16,
      errorMessage: since(5, nullableString, null),
    }),
  },
})

export type DeleteTopicsRequest = Infer<typeof deleteTopics.request>
export type DeleteTopicsRequestDraft = Draft<typeof deleteTopics.request>
export type DeleteTopicsResponse = Infer<typeof deleteTopics.response>
export type DeleteTopicsResponseDraft = Draft<typeof deleteTopics.response>
