// DescribeLogDirs: data directories, their room, and what each partition takes in them.
//
// v1   a throttled answer is sent first and the connection muted after it
// v2   flexible encoding
// v3   errorCode of the whole answer
// v4   totalBytes, usableBytes (KIP-827)
// v5   isCordoned (KIP-1066)
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int16,
  int32,
  int64,
  nullableArray,
  since,
  string,
} from '../schema.js'

export const describeLogDirs = defineApi({
  key: 35,
  name: 'DescribeLogDirs',
  versions: [1, 5],
  flexible: 2,
  request: {
    // null: all
    topics: nullableArray({
      topic: string,
      partitions: array(int32),
    }),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: since(3, int16, 0),
    results: array({
      errorCode: int16,
      logDir: string,
      topics: array({
        name: string,
        partitions: array({
          partitionIndex: int32,
          partitionSize: int64,
          // How far the log lags behind the high watermark, or its future copy behind it
          offsetLag: int64,
          isFutureKey: bool,
        }),
      }),
      totalBytes: since(4, int64, -1),
      usableBytes: since(4, int64, -1),
      isCordoned: since(5, bool, false),
    }),
  },
})

export type DescribeLogDirsRequest = Infer<typeof describeLogDirs.request>
export type DescribeLogDirsRequestDraft = Draft<typeof describeLogDirs.request>
export type DescribeLogDirsResponse = Infer<typeof describeLogDirs.response>
export type DescribeLogDirsResponseDraft = Draft<typeof describeLogDirs.response>
