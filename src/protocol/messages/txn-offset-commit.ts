// TxnOffsetCommit: store how far a group has read, valid once the transaction commits.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   committedLeaderEpoch (KIP-320)
// v3   flexible encoding; memberId, generationId, groupInstanceId fence zombies (KIP-447)
// v4   TRANSACTION_ABORTABLE (KIP-890)
// v5   adds the group's offsets to the transaction itself (KIP-890)
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableString,
  since,
  string,
} from '../schema.js'

export const txnOffsetCommit = defineApi({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 5],
  flexible: 3,
  request: {
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generationId: since(3, int32, -1),
    memberId: since(3, string, ''),
    groupInstanceId: since(3, nullableString, null),
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(2, int32, -1),
        committedMetadata: nullableString,
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})

export type TxnOffsetCommitRequest = Infer<typeof txnOffsetCommit.request>
export type TxnOffsetCommitRequestDraft = Draft<typeof txnOffsetCommit.request>
export type TxnOffsetCommitResponse = Infer<typeof txnOffsetCommit.response>
export type TxnOffsetCommitResponseDraft = Draft<typeof txnOffsetCommit.response>
