// AlterReplicaLogDirs: move replicas to other data directories of their broker (KIP-113).
//
// v2   flexible encoding
import { array, type Draft, defineApi, type Infer, int16, int32, string } from '../schema.js'

export const alterReplicaLogDirs = defineApi({
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: [1, 2],
  flexible: 2,
  request: {
    dirs: array({
      path: string,
      topics: array({
        name: string,
        partitions: array(int32),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32,
    results: array({
      topicName: string,
      partitions: array({
        partitionIndex: int32,
        errorCode: int16,
      }),
    }),
  },
})

export type AlterReplicaLogDirsRequest = Infer<typeof alterReplicaLogDirs.request>
export type AlterReplicaLogDirsRequestDraft = Draft<typeof alterReplicaLogDirs.request>
export type AlterReplicaLogDirsResponse = Infer<typeof alterReplicaLogDirs.response>
export type AlterReplicaLogDirsResponseDraft = Draft<typeof alterReplicaLogDirs.response>
