// DeleteRecords: forget what lies before an offset.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   flexible encoding
import {
  array,
  clampedInt64,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  string,
} from '../schema.js'

export const deleteRecords = defineApi({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexible: 2,
  request: {
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        // -1: the high watermark
        offset: clampedInt64,
      }),
    }),
    timeoutMs: int32,
  },
  response: {
    throttleTimeMs: int32,
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
        // The least start offset of all replicas
        lowWatermark: int64,
        errorCode: int16,
      }),
    }),
  },
})

export type DeleteRecordsRequest = Infer<typeof deleteRecords.request>
export type DeleteRecordsRequestDraft = Draft<typeof deleteRecords.request>
export type DeleteRecordsResponse = Infer<typeof deleteRecords.response>
export type DeleteRecordsResponseDraft = Draft<typeof deleteRecords.response>
