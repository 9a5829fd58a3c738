// OffsetForLeaderEpoch: where did a leader epoch end? A reader or follower finds its divergence by it.
//
// v2   currentLeaderEpoch fences (KIP-320); throttleTimeMs
// v3   replicaId
// v4   flexible encoding
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  optional,
  since,
  string,
} from '../schema.js'

export const offsetForLeaderEpoch = defineApi({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 4],
  flexible: 4,
  request: {
    // -2: a consumer that may look beyond the high watermark
    replicaId: since(3, int32, -2),
    topics: array({
      topic: string,
      partitions: array({
        partition: int32,
        currentLeaderEpoch: optional(int32, -1),
        leaderEpoch: int32,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    topics: array({
      topic: string,
      partitions: array({
        errorCode: int16,
        partition: int32,
        leaderEpoch: optional(int32, -1),
        endOffset: optional(int64, -1),
      }),
    }),
  },
})

export type OffsetForLeaderEpochRequest = Infer<typeof offsetForLeaderEpoch.request>
export type OffsetForLeaderEpochRequestDraft = Draft<typeof offsetForLeaderEpoch.request>
export type OffsetForLeaderEpochResponse = Infer<typeof offsetForLeaderEpoch.response>
export type OffsetForLeaderEpochResponseDraft = Draft<typeof offsetForLeaderEpoch.response>
