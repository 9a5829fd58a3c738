// A data directory as one thread sees it. It is opened once a process; other threads attach to it.
import { awaiting, calling } from './codes.js'
import { loadAddon, type NativeAddon } from './native.js'
import { toNativeDirectoryOptions, toNativeLogConfig } from './native-options.js'
import { attachPartition } from './partition-log.js'
import type {
  DirectoryStatistics,
  LogConfig,
  LogDirectory,
  LogDirectoryOptions,
  PartitionLog,
  RecoveryReport,
} from './types.js'

/**
 * Locks and opens a data directory, creating it when it does not exist. Throws a LogError with code
 * 'LOCKED', 'PERMISSION', 'NEWER_FORMAT', 'NO_SPACE' or 'IO_ERROR'.
 */
export function openDirectory(path: string, options: LogDirectoryOptions): LogDirectory {
  const addon = loadAddon()
  return attachDirectory(
    calling(() => addon.openDirectory(path, toNativeDirectoryOptions(options))),
  )
}

/** A directory that another thread of this process opened. */
export function attachDirectory(handle: number): LogDirectory {
  const addon = loadAddon()
  const { path, wasClean } = calling(() => addon.directoryInfo(handle))
  return new NativeLogDirectory(addon, handle, path, wasClean)
}

class NativeLogDirectory implements LogDirectory {
  readonly handle: number
  readonly path: string
  readonly wasClean: boolean
  readonly #addon: NativeAddon
  #closing: Promise<void> | undefined

  constructor(addon: NativeAddon, handle: number, path: string, wasClean: boolean) {
    this.handle = handle
    this.path = path
    this.wasClean = wasClean
    this.#addon = addon
  }

  offline(): boolean {
    return this.#addon.offlineReason(this.handle) !== undefined
  }

  offlineReason(): string {
    return this.#addon.offlineReason(this.handle) ?? ''
  }

  overBudget(): boolean {
    return this.#addon.overBudget(this.handle)
  }

  partitionNames(): readonly string[] {
    return calling(() => this.#addon.partitionNames(this.handle))
  }

  openPartition(name: string, config: LogConfig): PartitionLog {
    const handle = calling(() =>
      this.#addon.openPartition(this.handle, name, toNativeLogConfig(config)),
    )
    return attachPartition(handle)
  }

  async openPartitions(
    wanted: readonly { name: string; config: LogConfig }[],
  ): Promise<readonly PartitionLog[]> {
    // With nothing to scan, opening costs less than starting a pool.
    if (this.wasClean || wanted.length === 0)
      return wanted.map(({ name, config }) => this.openPartition(name, config))
    // The pool's library is loaded only by a start that needs it.
    const { recoverPartitions } = await import('./recovery-pool.js')
    const handles = await recoverPartitions(
      wanted.map(({ name, config }) => ({
        directory: this.handle,
        name,
        config: toNativeLogConfig(config),
      })),
    )
    return handles.map(attachPartition)
  }

  async deletePartition(name: string): Promise<void> {
    await awaiting(() => this.#addon.deletePartition(this.handle, name))
    this.#addon.dropRemoved()
  }

  repairPartition(name: string): Promise<RecoveryReport> {
    return awaiting(() => this.#addon.repairPartition(this.handle, name))
  }

  flushAll(): Promise<void> {
    return awaiting(() => this.#addon.flushAll(this.handle))
  }

  close(): Promise<void> {
    this.#closing ??= awaiting(() => this.#addon.closeDirectory(this.handle))
    return this.#closing
  }

  statistics(): DirectoryStatistics {
    return calling(() => this.#addon.statistics(this.handle))
  }
}
