// Opens the data directories, and says in a sentence why one cannot be had.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { BrokerConfig } from '../config/types.js'
import { LogError, openDirectory } from '../log/log.js'
import type { LogDirectory } from '../log/types.js'
import type { OpenedDirectory } from '../replicas/identify-directories.js'

/** All of them or none; of several, one whose disk fails is left out and named. */
export async function openDirectories(
  config: BrokerConfig,
  logger: Logger,
): Promise<Outcome<readonly OpenedDirectory[]>> {
  const opened: OpenedDirectory[] = []
  for (const path of config.dataDirectories) {
    const directory = openOne(path, config)
    if (directory.ok) {
      opened.push({ path, log: directory.value })
    } else if (directory.failure.code === 'STORAGE_FAILED' && config.dataDirectories.length > 1) {
      logger.error('a data directory cannot be used', { reason: directory.failure.message })
      opened.push({ path, log: undefined, problem: directory.failure.message })
    } else {
      await closeDirectories(opened)
      return directory
    }
  }
  return succeed(opened)
}

export async function closeDirectories(opened: readonly OpenedDirectory[]): Promise<void> {
  await Promise.all(opened.map(({ log }) => log?.close()))
}

function openOne(path: string, config: BrokerConfig): Outcome<LogDirectory> {
  try {
    const { flush, flushIntervalMs, writeMode } = config
    return succeed(openDirectory(path, { flush, flushIntervalMs, writeMode }))
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    switch (error.code) {
      case 'LOCKED':
        return fail(
          'INVALID_CONFIG',
          `another broker uses the data directory ${path}: stop it, or choose another with --data DIR`,
        )
      case 'PERMISSION':
        return fail(
          'INVALID_CONFIG',
          `no permission to use the data directory ${path}: give this user read and write access, or choose another with --data DIR`,
        )
      case 'NEWER_FORMAT':
        return fail(
          'INVALID_CONFIG',
          `the data directory ${path} was written by a later version of Millrace (${error.message}): use that version`,
        )
      default:
        return fail('STORAGE_FAILED', `cannot use the data directory ${path}: ${error.message}`)
    }
  }
}
