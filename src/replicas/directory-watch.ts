// A disk that fails takes its partitions' handles out of every thread's image.
import type { Logger } from '../base/logger.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import type { ImagePublisher } from './image-publisher.js'
import { isUsable, type LocalReplicas } from './local-replicas.js'

export interface DirectoryWatchOptions {
  readonly state: ClusterState
  readonly replicas: LocalReplicas
  readonly publisher: ImagePublisher
  readonly logger: Logger
}

export class DirectoryWatch {
  private readonly offline = new Set<string>()

  constructor(private readonly options: DirectoryWatchOptions) {
    this.noteOffline()
  }

  /** Why one of them is not fit to serve; undefined when all are. */
  unhealthy(): string | undefined {
    const offline = this.options.replicas.directories.find((directory) => !isUsable(directory))
    if (offline === undefined) return undefined
    const reason = offline.log?.offlineReason() ?? offline.problem
    return `the data directory ${offline.path} is offline: ${reason}`
  }

  /** True: one has failed since it was asked before. */
  check(): boolean {
    const failed = this.noteOffline()
    if (failed.size === 0) return false
    const { state, replicas, publisher } = this.options
    publisher.publishTopics(
      [...state.topics()].filter((topic) =>
        topic.partitions.some((_, index) =>
          failed.has(replicas.assignedDirectory(topic, index) ?? ''),
        ),
      ),
    )
    return true
  }

  private noteOffline(): ReadonlySet<string> {
    const failed = new Set<string>()
    for (const { id, path, log } of this.options.replicas.directories) {
      if (log === undefined || !log.offline() || this.offline.has(id)) continue
      this.offline.add(id)
      failed.add(id)
      const fields = { directory: path, reason: log.offlineReason() }
      this.options.logger.error('a data directory went offline', fields)
    }
    return failed
  }
}
