// DescribeProducers: the producers that a partition's leader knows (KIP-664).
//
// v0   flexible from the start
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
  string,
} from '../schema.js'

export const describeProducers = defineApi({
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexible: 0,
  request: {
    topics: array({
      name: string,
      partitionIndexes: array(int32),
    }),
  },
  response: {
    throttleTimeMs: int32,
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: optional(nullableString, null),
        activeProducers: array({
          producerId: int64,
          producerEpoch: int32,
          lastSequence: optional(int32, -1),
          lastTimestamp: optional(int64, -1),
          coordinatorEpoch: int32,
          // -1: no open transaction
          currentTxnStartOffset: optional(int64, -1),
        }),
      }),
    }),
  },
})

export type DescribeProducersRequest = Infer<typeof describeProducers.request>
export type DescribeProducersRequestDraft = Draft<typeof describeProducers.request>
export type DescribeProducersResponse = Infer<typeof describeProducers.response>
export type DescribeProducersResponseDraft = Draft<typeof describeProducers.response>
