// CreateTopics: create topics with their partitions and configs.
//
// v4   numPartitions and replicationFactor may be -1: the broker's defaults (KIP-464)
// v5   flexible encoding; the answer says what was created (KIP-525)
// v6   THROTTLING_QUOTA_EXCEEDED (KIP-599)
// v7   topicId in the answer (KIP-516)
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  optional,
  since,
  string,
  tagged,
  uuid,
} from '../schema.js'
import { ZERO_UUID } from '../uuid.js'

export const createTopics = defineApi({
  key: 19,
  name: 'CreateTopics',
  versions: [2, 7],
  flexible: 5,
  request: {
    topics: array({
      name: string,
      // -1 with assignments, or for the default
      numPartitions: int32,
      // -1 with assignments, or for the default
      replicationFactor: int16,
      // The first broker of a partition is its preferred leader.
      assignments: array({
        partitionIndex: int32,
        brokerIds: array(int32),
      }),
      configs: array({
        name: string,
        value: nullableString,
      }),
    }),
    timeoutMs: optional(int32, 60000),
    validateOnly: optional(bool, false),
  },
  response: {
    throttleTimeMs: int32,
    topics: array({
      name: string,
      topicId: since(7, uuid, ZERO_UUID),
      errorCode: int16,
      errorMessage: nullableString,
      // Why configs is null
      topicConfigErrorCode: tagged(0, 5, int16, 0),
      numPartitions: since(5, int32, -1),
      replicationFactor: since(5, int16, -1),
      configs: since(
        5,
        nullableArray({
          name: string,
          value: nullableString,
          readOnly: bool,
          configSource: optional(int8, -1),
          isSensitive: bool,
        }),
        [],
      ),
    }),
  },
})

export type CreateTopicsRequest = Infer<typeof createTopics.request>
export type CreateTopicsRequestDraft = Draft<typeof createTopics.request>
export type CreateTopicsResponse = Infer<typeof createTopics.response>
export type CreateTopicsResponseDraft = Draft<typeof createTopics.response>
