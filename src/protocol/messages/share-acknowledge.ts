// ShareAcknowledge: accept, release or reject records of a share group (KIP-932).
//
// v1   the first stable version, flexible
// v2   isRenewAck: keep records for longer (KIP-1222)
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
  since,
  string,
  struct,
  uuid,
} from '../schema.js'

export const shareAcknowledge = defineApi({
  key: 79,
  name: 'ShareAcknowledge',
  versions: [1, 2],
  flexible: 0,
  request: {
    groupId: optional(nullableString, null),
    memberId: nullableString,
    shareSessionEpoch: int32,
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
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: optional(nullableString, null),
    acquisitionLockTimeoutMs: since(2, int32, 0),
    responses: array({
      topicId: uuid,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: optional(nullableString, null),
        currentLeader: struct({
          leaderId: int32,
          leaderEpoch: int32,
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

export type ShareAcknowledgeRequest = Infer<typeof shareAcknowledge.request>
export type ShareAcknowledgeRequestDraft = Draft<typeof shareAcknowledge.request>
export type ShareAcknowledgeResponse = Infer<typeof shareAcknowledge.response>
export type ShareAcknowledgeResponseDraft = Draft<typeof shareAcknowledge.response>
