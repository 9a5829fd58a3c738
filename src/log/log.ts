// The log's index: what the rest of the broker imports, beside types.ts.
export { type Codec, compress, crc32c, decompress } from './codec.js'
export { LogError, type LogErrorCode } from './codes.js'
export { attachDirectory, openDirectory } from './directory.js'
export {
  inspectSegment,
  readBatchRecords,
  type SegmentBatch,
  type SegmentEnd,
  type SegmentRecord,
} from './inspect.js'
export { onMoved, subscribeMoved, unsubscribeMoved } from './moved.js'
export { attachPartition } from './partition-log.js'
