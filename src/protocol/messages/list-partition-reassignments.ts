// ListPartitionReassignments: the replicas that are on the move (KIP-455).
//
// v0   flexible from the start
import {
  array,
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

export const listPartitionReassignments = defineApi({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: [0, 0],
  flexible: 0,
  request: {
    timeoutMs: optional(int32, 60000),
    // null: all
    topics: optional(
      nullableArray({
        name: string,
        partitionIndexes: array(int32),
      }),
      null,
    ),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        replicas: array(int32),
        addingReplicas: array(int32),
        removingReplicas: array(int32),
      }),
    }),
  },
})

export type ListPartitionReassignmentsRequest = Infer<typeof listPartitionReassignments.request>
export type ListPartitionReassignmentsRequestDraft = Draft<
  typeof listPartitionReassignments.request
>
export type ListPartitionReassignmentsResponse = Infer<typeof listPartitionReassignments.response>
export type ListPartitionReassignmentsResponseDraft = Draft<
  typeof listPartitionReassignments.response
>
