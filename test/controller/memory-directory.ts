// A data directory whose folders are real and whose logs are the in-memory stand-in: what the
// controller does to folders is seen on disk, what it asks of logs is seen here.
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type {
  DirectoryStatistics,
  LogConfig,
  LogDirectory,
  PartitionLog,
  RecoveryReport,
} from '../../src/log/types.js'
import { MemoryLog } from '../partition/memory-log.js'

let handles = 0

export class ConfiguredLog extends MemoryLog {
  report: RecoveryReport = super.recovery()

  constructor(
    name: string,
    public config: LogConfig,
  ) {
    super(++handles, name)
  }

  override configure(config: LogConfig): void {
    this.config = config
  }

  override recovery(): RecoveryReport {
    return this.report
  }
}

export class MemoryDirectory implements LogDirectory {
  readonly handle = ++handles
  readonly logs = new Map<string, ConfiguredLog>()
  isOffline = false
  wasClean = true
  /** Opening this folder fails with this code. */
  readonly failing = new Map<string, string>()
  readonly quarantined = new Set<string>()

  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true })
  }

  offline(): boolean {
    return this.isOffline
  }

  offlineReason(): string {
    return this.isOffline ? 'EIO: pulled by the test' : ''
  }

  overBudget(): boolean {
    return false
  }

  partitionNames(): readonly string[] {
    return readdirSync(this.path).filter((name) => /^[^/]+-\d+$/.test(name))
  }

  openPartition(name: string, config: LogConfig): PartitionLog {
    const code = this.failing.get(name)
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${name}`), { code })
    mkdirSync(join(this.path, name), { recursive: true })
    const log = this.logs.get(name) ?? new ConfiguredLog(name, config)
    const quarantined = this.quarantined.has(name)
    log.report = { ...log.report, wasClean: this.wasClean, quarantined }
    this.logs.set(name, log)
    return log
  }

  async openPartitions(
    wanted: readonly { name: string; config: LogConfig }[],
  ): Promise<readonly PartitionLog[]> {
    return wanted.map(({ name, config }) => this.openPartition(name, config))
  }

  async deletePartition(name: string): Promise<void> {
    this.logs.delete(name)
    const folder = join(this.path, name)
    if (!existsSync(folder)) throw new Error(`${folder} does not exist`)
    renameSync(folder, join(this.path, `${name}.${++handles}-delete`))
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
