// AlterPartitionReassignments: move replicas to other brokers, or stop doing so (KIP-455).
//
// v0   flexible from the start
// v1   allowReplicationFactorChange (KIP-860)
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
  since,
  string,
} from '../schema.js'

export const alterPartitionReassignments = defineApi({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: [0, 1],
  flexible: 0,
  request: {
    timeoutMs: optional(int32, 60000),
    allowReplicationFactorChange: since(1, bool, true),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        // null: stop what is going on
        replicas: optional(nullableArray(int32), null),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    allowReplicationFactorChange: since(1, bool, true),
    errorCode: int16,
    errorMessage: nullableString,
    responses: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    }),
  },
})

export type AlterPartitionReassignmentsRequest = Infer<typeof alterPartitionReassignments.request>
export type AlterPartitionReassignmentsRequestDraft = Draft<
  typeof alterPartitionReassignments.request
>
export type AlterPartitionReassignmentsResponse = Infer<typeof alterPartitionReassignments.response>
export type AlterPartitionReassignmentsResponseDraft = Draft<
  typeof alterPartitionReassignments.response
>
