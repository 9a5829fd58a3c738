// ElectLeaders: have leaders elected for partitions.
//
// v1   electionType: preferred or unclean; errorCode of the whole answer (KIP-460)
// v2   flexible encoding
import {
  array,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableArray,
  nullableString,
  optional,
  since,
  string,
} from '../schema.js'

export const electLeaders = defineApi({
  key: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexible: 2,
  request: {
    // 0 preferred, 1 unclean
    electionType: since(1, int8, 0),
    // null: all
    topicPartitions: nullableArray({
      topic: string,
      partitions: array(int32),
    }),
    timeoutMs: optional(int32, 60000),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(1, int16, 0),
    replicaElectionResults: array({
      topic: string,
      partitionResult: array({
        partitionId: int32,
        errorCode: int16,
        errorMessage: nullableString,
      }),
    }),
  },
})

export type ElectLeadersRequest = Infer<typeof electLeaders.request>
export type ElectLeadersRequestDraft = Draft<typeof electLeaders.request>
export type ElectLeadersResponse = Infer<typeof electLeaders.response>
export type ElectLeadersResponseDraft = Draft<typeof electLeaders.response>
