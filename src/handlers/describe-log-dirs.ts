// DescribeLogDirs: the data directories, their room, and what each partition takes in them.
//
// v3 error of the whole   v4 total and usable bytes (KIP-827)   v5 cordoned directories (KIP-1066)

import type {
  DescribeLogDirsRequest,
  DescribeLogDirsResponseDraft,
} from '../protocol/messages/describe-log-dirs.js'
import type { LogDirectoryDescription } from '../replicas/log-directories.js'
import type { ControlServices } from './control-services.js'
import { kafkaError } from './error-mapping.js'

type Result = DescribeLogDirsResponseDraft['results'][number]
type Partition = Result['topics'][number]['partitions'][number]

export function describeLogDirs(
  request: DescribeLogDirsRequest,
  { controller }: ControlServices,
): DescribeLogDirsResponseDraft {
  const wanted = request.topics && wantedPartitions(request.topics)
  const results = controller.logDirectories().map((directory) => describe(directory, wanted))
  return { throttleTimeMs: 0, errorCode: kafkaError.NONE, results }
}

function wantedPartitions(
  topics: NonNullable<DescribeLogDirsRequest['topics']>,
): ReadonlyMap<string, ReadonlySet<number>> {
  return new Map(topics.map(({ topic, partitions }) => [topic, new Set(partitions)]))
}

function describe(
  directory: LogDirectoryDescription,
  wanted: ReadonlyMap<string, ReadonlySet<number>> | null,
): Result {
  const topics = new Map<string, Partition[]>()
  for (const { topic, index, sizeBytes, offsetLag } of directory.partitions) {
    if (wanted !== null && !wanted.get(topic)?.has(index)) continue
    const partitions = topics.get(topic) ?? []
    topics.set(topic, partitions)
    partitions.push({
      partitionIndex: index,
      partitionSize: sizeBytes,
      offsetLag,
      isFutureKey: false,
    })
  }
  return {
    errorCode:
      directory.offlineReason === undefined ? kafkaError.NONE : kafkaError.KAFKA_STORAGE_ERROR,
    logDir: directory.path,
    topics: Array.from(topics, ([name, partitions]) => ({ name, partitions })),
    totalBytes: directory.totalBytes,
    usableBytes: directory.usableBytes,
    isCordoned: false,
  }
}

export function describeLogDirsFailed(errorCode: number): DescribeLogDirsResponseDraft {
  return { throttleTimeMs: 0, errorCode, results: [] }
}
