// CreatePartitions: raise the number of partitions of topics.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   flexible encoding
// v3   THROTTLING_QUOTA_EXCEEDED (KIP-599)
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  nullableArray,
  nullableString,
  optional,
  string,
} from '../schema.js'

export const createPartitions = defineApi({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexible: 2,
  request: {
    topics: array({
      name: string,
      // The new total
      count: int32,
      // null: the broker chooses; else the replicas of each new partition
      assignments: nullableArray({
        brokerIds: array(int32),
      }),
    }),
    timeoutMs: int32,
    validateOnly: bool,
  },
  response: {
    throttleTimeMs: int32,
    results: array({
      name: string,
      errorCode: int16,
      errorMessage: optional(nullableString, null),
    }),
  },
})

export type CreatePartitionsRequest = Infer<typeof createPartitions.request>
export type CreatePartitionsRequestDraft = Draft<typeof createPartitions.request>
export type CreatePartitionsResponse = Infer<typeof createPartitions.response>
export type CreatePartitionsResponseDraft = Draft<typeof createPartitions.response>
