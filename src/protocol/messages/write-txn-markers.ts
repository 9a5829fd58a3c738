// WriteTxnMarkers: a coordinator tells partition leaders how a transaction ended.
//
// v1   flexible encoding
// v2   transactionVersion (KIP-1228)
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
  since,
  string,
} from '../schema.js'

export const writeTxnMarkers = defineApi({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: [1, 2],
  flexible: 1,
  request: {
    markers: array({
      producerId: int64,
      producerEpoch: int16,
      // false: abort
      transactionResult: bool,
      topics: array({
        name: string,
        partitionIndexes: array(int32),
      }),
      coordinatorEpoch: int32,
      transactionVersion: since(2, int8, 0),
    }),
  },
  response: {
    markers: array({
      producerId: int64,
      topics: array({
        name: string,
        partitions: array({
          partitionIndex: int32,
          errorCode: int16,
        }),
      }),
    }),
  },
})

export type WriteTxnMarkersRequest = Infer<typeof writeTxnMarkers.request>
export type WriteTxnMarkersRequestDraft = Draft<typeof writeTxnMarkers.request>
export type WriteTxnMarkersResponse = Infer<typeof writeTxnMarkers.response>
export type WriteTxnMarkersResponseDraft = Draft<typeof writeTxnMarkers.response>
