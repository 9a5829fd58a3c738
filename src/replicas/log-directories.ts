// What lies in this broker's data directories, for DescribeLogDirs and metrics.
import type { MetadataImage } from '../metadata/image.js'
import { isUsable, type LocalReplicas } from './local-replicas.js'

export interface LogDirectoryDescription {
  readonly path: string
  readonly id: string
  /** undefined: it works. */
  readonly offlineReason: string | undefined
  /** -1: unknown. */
  readonly totalBytes: number
  readonly usableBytes: number
  readonly partitions: readonly {
    readonly topic: string
    readonly index: number
    readonly sizeBytes: number
    /** Records above the high watermark. */
    readonly offsetLag: number
  }[]
}

export function describeLogDirectories(
  replicas: LocalReplicas,
  image: MetadataImage,
): LogDirectoryDescription[] {
  return replicas.directories.map((directory) => {
    const { id, path, log, problem } = directory
    if (!isUsable(directory)) {
      const offlineReason = log?.offlineReason() ?? problem ?? 'offline'
      return { id, path, offlineReason, totalBytes: -1, usableBytes: -1, partitions: [] }
    }
    const partitions = [...replicas.replicas()].flatMap((replica) => {
      const topic = image.topicById(replica.topicId)
      if (replica.directory !== directory || topic === undefined) return []
      const { sizeBytes, logEndOffset, highWatermark } = replica.log.state()
      const offsetLag = Math.max(0, logEndOffset - highWatermark)
      return [{ topic: topic.name, index: replica.index, sizeBytes, offsetLag }]
    })
    return { id, path, offlineReason: undefined, ...spaceOf(replicas, path), partitions }
  })
}

function spaceOf(replicas: LocalReplicas, path: string) {
  try {
    return replicas.options.files.space(path)
  } catch {
    return { totalBytes: -1, usableBytes: -1 }
  }
}
