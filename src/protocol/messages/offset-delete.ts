// OffsetDelete: forget a group's offsets of partitions (KIP-496).
//
// v0   never flexible
import { array, type Draft, defineApi, type Infer, int16, int32, string } from '../schema.js'

export const offsetDelete = defineApi({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  flexible: 'none',
  request: {
    groupId: string,
    topics: array({
      name: string,
      partitions: array({
        partitionIndex: int32,
      }),
    }),
  },
  response: {
    errorCode: int16,
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

export type OffsetDeleteRequest = Infer<typeof offsetDelete.request>
export type OffsetDeleteRequestDraft = Draft<typeof offsetDelete.request>
export type OffsetDeleteResponse = Infer<typeof offsetDelete.response>
export type OffsetDeleteResponseDraft = Draft<typeof offsetDelete.response>
