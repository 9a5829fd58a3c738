// ShareFetch: acquire records of a share group, and acknowledge earlier ones (KIP-932).
//
// v1   the first stable version, flexible
// v2   shareAcquireMode, isRenewAck: acquire up to an exact count (KIP-1206), keep for longer (KIP-1222)
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  int64,
  nullableString,
  optional,
  records,
  since,
  string,
  struct,
  uuid,
} from '../schema.js'

export const shareFetch = defineApi({
  key: 78,
  name: 'ShareFetch',
  versions: [1, 2],
  flexible: 0,
  request: {
    groupId: optional(nullableString, null),
    memberId: nullableString,
    shareSessionEpoch: int32,
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: optional(int32, 2147483647),
    maxRecords: int32,
    batchSize: int32,
    shareAcquireMode: since(2, int8, 0),
    isRenewAck: since(2, bool, false),
    topics: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        acknowledgementBatches: array({
          firstOffset: int64,
          lastOffset: int64,
          acknowledgeTypes: array(int8),
        }),
      }),
    }),
    forgottenTopicsData: array({
      topicId: uuid,
      partitions: array(int32),
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    acquisitionLockTimeoutMs: int32,
    responses: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: optional(nullableString, null),
        acknowledgeErrorCode: int16,
        acknowledgeErrorMessage: optional(nullableString, null),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
        }),
        records,
        acquiredRecords: array({
          firstOffset: int64,
          lastOffset: int64,
          deliveryCount: int16,
        }),
      }),
    }),
    nodeEndpoints: array({
      nodeId: int32,
      host: string,
      port: int32,
      rack: optional(nullableString, null),
    }),
  },
})

export type ShareFetchRequest = Infer<typeof shareFetch.request>
export type ShareFetchRequestDraft = Draft<typeof shareFetch.request>
export type ShareFetchResponse = Infer<typeof shareFetch.response>
export type ShareFetchResponseDraft = Draft<typeof shareFetch.response>
