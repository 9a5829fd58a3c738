// What a simulated broker has on its disk, across its lives: small files and the folders of partitions. The
// logs are the in-memory stand-in; who leads and who is in sync does not depend on records.

import type {
  DirectoryStatistics,
  LogConfig,
  LogDirectory,
  PartitionLog,
  RecoveryReport,
} from '../../../src/log/types.js'
import type { LocalFiles } from '../../../src/replicas/local-files.js'
import { ConfiguredLog } from '../../controller/memory-directory.js'

let handles = 0

export class MemoryDisk {
  readonly folders = new Set<string>()
  private readonly texts = new Map<string, string>()
  wasClosed = true

  readonly files: LocalFiles = {
    readText: (path) => this.texts.get(path),
    writeText: async (path, text) => {
      this.texts.set(path, text)
    },
    exists: (path) => this.folders.has(path.slice(path.lastIndexOf('/') + 1)),
    rename: async () => {},
    space: () => ({ totalBytes: 1, usableBytes: 1 }),
  }

  /** As a process finds it; nobody closes it. */
  open(): LogDirectory {
    const wasClean = this.wasClosed
    this.wasClosed = false
    return new MemoryDirectory(this.folders, wasClean)
  }
}

class MemoryDirectory implements LogDirectory {
  readonly handle = ++handles
  readonly path = '/disk'

  constructor(
    private readonly folders: Set<string>,
    readonly wasClean: boolean,
  ) {}

  offline(): boolean {
    return false
  }

  offlineReason(): string {
    return ''
  }

  overBudget(): boolean {
    return false
  }

  partitionNames(): readonly string[] {
    return [...this.folders]
  }

  openPartition(name: string, config: LogConfig): PartitionLog {
    this.folders.add(name)
    const log = new ConfiguredLog(name, config)
    log.report = { ...log.report, wasClean: this.wasClean }
    return log
  }

  async openPartitions(
    wanted: readonly { name: string; config: LogConfig }[],
  ): Promise<readonly PartitionLog[]> {
    return wanted.map(({ name, config }) => this.openPartition(name, config))
  }

  async deletePartition(name: string): Promise<void> {
    this.folders.delete(name)
  }

  repairPartition(): Promise<RecoveryReport> {
    throw new Error('not part of this stand-in')
  }

  async flushAll(): Promise<void> {}
  async close(): Promise<void> {}

  statistics(): DirectoryStatistics {
    throw new Error('not part of this stand-in')
  }
}
