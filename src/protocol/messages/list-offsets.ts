// ListOffsets: where does a partition begin, end, or reach a timestamp?
//
// v1   one offset with its timestamp instead of a list
// v2   isolationLevel
// v4   currentLeaderEpoch, leaderEpoch (KIP-320)
// v5   OFFSET_NOT_AVAILABLE
// v6   flexible encoding
// v7   timestamp -3: the record with the greatest timestamp (KIP-734)
// v8   timestamp -4: the earliest offset on the local disk (KIP-405)
// v9   timestamp -5: the last offset in tiered storage (KIP-1005)
// v10  timeoutMs, for offsets that lie in tiered storage (KIP-1075)
// v11  timestamp -6: the earliest offset not in tiered storage yet (KIP-1023)
import {
  array,
  clampedInt64,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  int64,
  optional,
  since,
  string,
} from '../schema.js'

export const listOffsets = defineApi({
  key: 2,
  name: 'ListOffsets',
  versions: [1, 11],
  flexible: 6,
  request: {
    // -1: a consumer
    replicaId: int32,
    // 0 read uncommitted, 1 read committed
    isolationLevel: since(2, int8, 0),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        currentLeaderEpoch: since(4, int32, -1),
        // -1 the end, -2 the beginning, others by version: see above
        timestamp: clampedInt64,
      }),
    }),
    timeoutMs: since(10, int32, 0),
  },
  response: {
    throttleTimeMs: since(2, int32, 0),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        timestamp: optional(int64, -1),
        offset: optional(int64, -1),
        leaderEpoch: since(4, int32, -1),
      }),
    }),
  },
})

export type ListOffsetsRequest = Infer<typeof listOffsets.request>
export type ListOffsetsRequestDraft = Draft<typeof listOffsets.request>
export type ListOffsetsResponse = Infer<typeof listOffsets.response>
export type ListOffsetsResponseDraft = Draft<typeof listOffsets.response>
