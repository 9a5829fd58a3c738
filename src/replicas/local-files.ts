// The small files that stand beside the logs, behind an interface so that tests can fail them.
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface LocalFiles {
  /** undefined: there is no such file. */
  readText(path: string): string | undefined
  /** In one step and durable when it resolves. */
  writeText(path: string, text: string): Promise<void>
  exists(path: string): boolean
  /** Durable when it resolves. */
  rename(from: string, to: string): Promise<void>
  space(path: string): { readonly totalBytes: number; readonly usableBytes: number }
}

export const nodeLocalFiles: LocalFiles = {
  readText(path) {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  },
  async writeText(path, text) {
    const temporary = `${path}.tmp`
    const file = await open(temporary, 'w', 0o644)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await nodeLocalFiles.rename(temporary, path)
  },
  exists: existsSync,
  async rename(from, to) {
    await rename(from, to)
    const folder = await open(dirname(to), 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  space(path) {
    const { bsize, blocks, bavail } = statfsSync(path)
    return { totalBytes: blocks * bsize, usableBytes: bavail * bsize }
  },
}
