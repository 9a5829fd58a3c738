// The log's options and topic configs as the addon takes them: numbers that native enums understand.
import type { NativeDirectoryOptions, NativeLogConfig } from './native.js'
import type { AppendOptions, LogConfig, LogDirectoryOptions, ReadOptions } from './types.js'

const flushNumbers = { group: 0, interval: 1, os: 2 } as const
const writeModeNumbers = { mmap: 0, pwrite: 1 } as const
const timestampTypeNumbers = { CreateTime: 0, LogAppendTime: 1 } as const
const validateNumbers = { header: 0, full: 1 } as const

/** Ids of KIP-98 batch attributes; 'producer' keeps what the producer chose. */
export const compressionNumbers = {
  producer: -1,
  uncompressed: 0,
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
} as const

export const originNumbers: Readonly<Record<AppendOptions['origin'], number>> = {
  client: 0,
  replica: 1,
  coordinator: 2,
}

export const isolationNumbers: Readonly<Record<ReadOptions['isolation'], number>> = {
  uncommitted: 0,
  committed: 1,
  logEnd: 2,
}

export function toNativeDirectoryOptions(options: LogDirectoryOptions): NativeDirectoryOptions {
  return {
    flush: flushNumbers[options.flush],
    flushIntervalMs: options.flushIntervalMs,
    writeMode: writeModeNumbers[options.writeMode],
  }
}

export function toNativeLogConfig(config: LogConfig): NativeLogConfig {
  return {
    ...config,
    timestampType: timestampTypeNumbers[config.timestampType],
    compression: compressionNumbers[config.compression],
    validateRecords: validateNumbers[config.validateRecords],
  }
}
