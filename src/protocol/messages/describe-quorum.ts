// DescribeQuorum: leader, voters and observers of the metadata quorum (KIP-595).
//
// v0   flexible from the start
// v1   when each replica last fetched and was caught up (KIP-836)
// v2   errorMessage, directory ids, nodes with their listeners (KIP-853)
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
  uint16,
  uuid,
} from '../schema.js'
import { ZERO_UUID } from '../uuid.js'

const replicaState = {
  replicaId: int32,
  replicaDirectoryId: since(2, uuid, ZERO_UUID),
  logEndOffset: int64,
  lastFetchTimestamp: since(1, int64, -1),
  lastCaughtUpTimestamp: since(1, int64, -1),
}

export const describeQuorum = defineApi({
  key: 55,
  name: 'DescribeQuorum',
  versions: [0, 2],
  flexible: 0,
  request: {
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
      }),
    }),
  },
  response: {
    errorCode: int16,
    errorMessage: since(2, nullableString, ''),
    topics: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
        errorMessage: since(2, nullableString, ''),
        leaderId: int32,
        leaderEpoch: int32,
        highWatermark: int64,
        currentVoters: array(replicaState),
        observers: array(replicaState),
      }),
    }),
    nodes: since(
      2,
      array({
        nodeId: int32,
        listeners: array({
          name: string,
          host: string,
          port: uint16,
        }),
      }),
      [],
    ),
  },
})

export type DescribeQuorumRequest = Infer<typeof describeQuorum.request>
export type DescribeQuorumRequestDraft = Draft<typeof describeQuorum.request>
export type DescribeQuorumResponse = Infer<typeof describeQuorum.response>
export type DescribeQuorumResponseDraft = Draft<typeof describeQuorum.response>
