// The addon's result codes, and the one place where they become the broker's error codes.
import type { Failure } from '../base/errors.js'

/** native/core/status.h has the same numbers. */
export const resultCode = {
  ok: 0,
  closed: 8,
  offline: 9,
  cold: 42,
} as const

const failureCodes: ReadonlyMap<number, Failure['code']> = new Map([
  [1, 'STORAGE_FAILED'], // kIoError
  [2, 'STORAGE_FULL'], // kNoSpace
  [3, 'UNKNOWN_TOPIC_OR_PARTITION'], // kNotFound
  [7, 'STORAGE_FAILED'], // kTooManyFiles
  [8, 'CLOSED'],
  [9, 'STORAGE_FAILED'], // kOffline
  [12, 'INVALID_REQUEST'], // kInvalidArgument
  [20, 'CORRUPT_BATCH'],
  [21, 'INVALID_RECORD'],
  [22, 'RECORD_TOO_LARGE'],
  [23, 'INVALID_TIMESTAMP'],
  [24, 'UNSUPPORTED_COMPRESSION'],
  [25, 'OUT_OF_ORDER_SEQUENCE'],
  [26, 'DUPLICATE_SEQUENCE'],
  [27, 'INVALID_PRODUCER_EPOCH'],
  [28, 'UNKNOWN_PRODUCER'],
  [29, 'INVALID_TXN_STATE'],
  [30, 'FENCED_LEADER_EPOCH'],
  [31, 'UNKNOWN_LEADER_EPOCH'],
  [32, 'NOT_LEADER'],
  [33, 'UNDECODABLE'],
  [40, 'OFFSET_OUT_OF_RANGE'],
  [41, 'STORAGE_FAILED'], // kCorruptLog
])

export function toFailure(code: number, message: string): Failure {
  return { code: failureCodes.get(code) ?? 'UNEXPECTED', message }
}

/** Why a directory, a partition or a segment could not be opened; `Error.code` of what is thrown. */
export type LogErrorCode =
  | 'IO_ERROR'
  | 'NO_SPACE'
  | 'NOT_FOUND'
  | 'EXISTS'
  | 'LOCKED'
  | 'PERMISSION'
  | 'TOO_MANY_FILES'
  | 'CLOSED'
  | 'OFFLINE'
  | 'NEWER_FORMAT'
  | 'WRONG_DIRECTORY'
  | 'INVALID_ARGUMENT'
  | 'CORRUPT'
  | (string & {})

/** What the log throws or rejects with when something cannot be opened, closed or flushed. */
export class LogError extends Error {
  readonly code: LogErrorCode
  readonly path: string

  constructor(code: LogErrorCode, message: string, path: string) {
    super(message)
    this.name = 'LogError'
    this.code = code
    this.path = path
  }
}

/** The addon's plain Error as a LogError; what is none (a TypeError, say) stays as it is. */
export function toLogError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string')
    return error
  const path = 'path' in error && typeof error.path === 'string' ? error.path : ''
  const converted = new LogError(error.code, error.message, path)
  converted.cause = error
  return converted
}

/** Runs one call of the addon; its failure comes out as a LogError. */
export function calling<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw toLogError(error)
  }
}

export async function awaiting<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw toLogError(error)
  }
}
