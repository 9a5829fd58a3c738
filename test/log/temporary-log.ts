// A log in a folder of its own, closed and removed when its test ends.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openDirectory } from '../../src/log/log.js'
import type { LogDirectory, LogDirectoryOptions } from '../../src/log/types.js'
import { testDirectoryOptions } from './batches.js'

/** Hooks run in the order they were set: what is open is closed before its folder goes. */
const openedIn = new Map<string, LogDirectory[]>()

export function temporaryFolder(test: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-log-'))
  test.after(async () => {
    for (const directory of openedIn.get(folder) ?? []) await directory.close()
    openedIn.delete(folder)
    rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

export function openTemporary(
  test: TestContext,
  options: Partial<LogDirectoryOptions> = {},
  folder = temporaryFolder(test),
): LogDirectory {
  const directory = openDirectory(folder, { ...testDirectoryOptions, ...options })
  openedIn.set(folder, [...(openedIn.get(folder) ?? []), directory])
  return directory
}
