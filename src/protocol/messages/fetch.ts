// Fetch: read record batches from partitions.
//
// v4   isolationLevel, lastStableOffset, abortedTransactions; record batch format v2
// v5   logStartOffset
// v7   incremental fetch sessions: sessionId, sessionEpoch, forgottenTopicsData (KIP-227)
// v8   a throttled answer is sent first and the connection muted after it
// v9   currentLeaderEpoch fences a stale reader (KIP-320)
// v10  zstd (KIP-110)
// v11  rackId, preferredReadReplica (KIP-392)
// v12  flexible encoding; lastFetchedEpoch, divergingEpoch, currentLeader (KIP-595)
// v13  topic ids instead of names (KIP-516)
// v14  OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405)
// v15  replicaState instead of replicaId (KIP-903)
// v16  nodeEndpoints (KIP-951)
// v17  replicaDirectoryId (KIP-853)
// v18  highWatermark of a follower (KIP-1166)
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
  nullableArray,
  nullableString,
  optional,
  records,
  since,
  string,
  struct,
  tagged,
  until,
  uuid,
} from '../schema.js'
import { ZERO_UUID } from '../uuid.js'

export const fetch = defineApi({
  key: 1,
  name: 'Fetch',
  versions: [4, 18],
  flexible: 12,
  request: {
    clusterId: tagged(0, 12, nullableString, null),
    // -1: a consumer
    replicaId: until(14, int32, -1),
    replicaState: tagged(
      1,
      15,
      struct({
        replicaId: optional(int32, -1),
        replicaEpoch: optional(int64, -1),
      }),
      { replicaId: -1, replicaEpoch: -1 },
    ),
    maxWaitMs: int32,
    // The answer waits for as many, up to maxWaitMs.
    minBytes: int32,
    // Exceeded only by a first batch that is larger
    maxBytes: optional(int32, 2147483647),
    // 0 read uncommitted, 1 read committed
    isolationLevel: optional(int8, 0),
    // 0: no session yet
    sessionId: since(7, int32, 0),
    // -1 no session wanted, 0 a new one
    sessionEpoch: since(7, int32, -1),
    topics: array({
      topic: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitions: array({
        partition: int32,
        currentLeaderEpoch: since(9, int32, -1),
        fetchOffset: clampedInt64,
        lastFetchedEpoch: since(12, int32, -1),
        logStartOffset: since(5, int64, -1),
        partitionMaxBytes: int32,
        replicaDirectoryId: tagged(0, 17, uuid, ZERO_UUID),
        // Long.MAX_VALUE: the follower does not take part in this
        highWatermark: tagged(1, 18, clampedInt64, Number.MAX_SAFE_INTEGER),
      }),
    }),
    // Leave the session
    forgottenTopicsData: since(
      7,
      array({
        topic: until(12, string, ''),
        topicId: since(13, uuid, ZERO_UUID),
        partitions: array(int32),
      }),
      [],
    ),
    rackId: since(11, string, ''),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(7, int16, 0),
    sessionId: since(7, int32, 0),
    responses: array({
      topic: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        highWatermark: int64,
        lastStableOffset: optional(int64, -1),
        logStartOffset: since(5, int64, -1),
        // Where the leader's log parts from the follower's
        divergingEpoch: tagged(
          0,
          12,
          struct({
            epoch: optional(int32, -1),
            endOffset: optional(int64, -1),
          }),
          { epoch: -1, endOffset: -1 },
        ),
        currentLeader: tagged(
          1,
          12,
          struct({
            leaderId: optional(int32, -1),
            leaderEpoch: optional(int32, -1),
          }),
          { leaderId: -1, leaderEpoch: -1 },
        ),
        snapshotId: tagged(
          2,
          12,
          struct({
            endOffset: optional(int64, -1),
            epoch: optional(int32, -1),
          }),
          { endOffset: -1, epoch: -1 },
        ),
        // Ordered by firstOffset; null when read uncommitted
        abortedTransactions: nullableArray({
          producerId: int64,
          firstOffset: int64,
        }),
        // The follower to read from (KIP-392)
        preferredReadReplica: since(11, int32, -1),
        records,
      }),
    }),
    nodeEndpoints: tagged(
      0,
      16,
      array({
        nodeId: int32,
        host: string,
        port: int32,
        rack: optional(nullableString, null),
      }),
      [],
    ),
  },
})

export type FetchRequest = Infer<typeof fetch.request>
export type FetchRequestDraft = Draft<typeof fetch.request>
export type FetchResponse = Infer<typeof fetch.response>
export type FetchResponseDraft = Draft<typeof fetch.response>
