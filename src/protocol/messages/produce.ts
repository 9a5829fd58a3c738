// Produce: append record batches to partitions.
//
// v3   transactionalId; record batch format v2 (the oldest that Kafka 4 takes)
// v4   KAFKA_STORAGE_ERROR is a possible answer
// v5   logStartOffset in the answer
// v7   zstd (KIP-110)
// v8   recordErrors, errorMessage (KIP-467)
// v9   flexible encoding
// v10  currentLeader, nodeEndpoints (KIP-951)
// v11  TRANSACTION_ABORTABLE (KIP-890)
// v12  within a transaction it adds its partitions to the transaction itself (KIP-890)
// v13  topic ids instead of names (KIP-516)
//
// ApiVersions reports v0 as the lowest although v0-v2 are refused: older librdkafka stops compressing
// otherwise (KAFKA-18659).
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
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

export const produce = defineApi({
  key: 0,
  name: 'Produce',
  versions: [3, 13],
  flexible: 9,
  request: {
    transactionalId: optional(nullableString, null),
    // -1 all in-sync replicas, 1 the leader alone, 0 no answer at all
    acks: int16,
    timeoutMs: int32,
    topicData: array({
      name: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitionData: array({
        index: int32,
        // One record batch; Kafka refuses more.
        records,
      }),
    }),
  },
  response: {
    responses: array({
      name: until(12, string, ''),
      topicId: since(13, uuid, ZERO_UUID),
      partitionResponses: array({
        index: int32,
        errorCode: int16,
        baseOffset: int64,
        // -1 unless the topic stamps records itself
        logAppendTimeMs: optional(int64, -1),
        logStartOffset: since(5, int64, -1),
        // The records for which the whole batch was refused
        recordErrors: since(
          8,
          array({
            batchIndex: int32,
            batchIndexErrorMessage: optional(nullableString, null),
          }),
          [],
        ),
        errorMessage: since(8, nullableString, null),
        // With NOT_LEADER_OR_FOLLOWER: where to go instead
        currentLeader: tagged(
          0,
          10,
          struct({
            leaderId: optional(int32, -1),
            leaderEpoch: optional(int32, -1),
          }),
          { leaderId: -1, leaderEpoch: -1 },
        ),
      }),
    }),
    throttleTimeMs: optional(int32, 0),
    nodeEndpoints: tagged(
      0,
      10,
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

export type ProduceRequest = Infer<typeof produce.request>
export type ProduceRequestDraft = Draft<typeof produce.request>
export type ProduceResponse = Infer<typeof produce.response>
export type ProduceResponseDraft = Draft<typeof produce.response>
