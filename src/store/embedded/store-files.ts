// The file operations of the embedded store, behind an interface so that tests can tear, fail and
// count them.
import { constants } from 'node:fs'
import { type FileHandle, open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface StoreFile {
  /** Writes all of it at that position. */
  write(bytes: Uint8Array, positionBytes: number): Promise<void>
  sync(): Promise<void>
  truncate(sizeBytes: number): Promise<void>
  close(): Promise<void>
}

export interface StoreFiles {
  /** undefined: there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>
  /** For writing; created when missing, never cut. */
  open(path: string): Promise<StoreFile>
  /** Replaces `path` in one step; durable when it resolves. */
  replace(temporaryPath: string, path: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes creations in the folder of `path` durable. */
  syncFolderOf(path: string): Promise<void>
}

export const nodeStoreFiles: StoreFiles = {
  async read(path) {
    try {
      return await readFile(path)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  },
  async open(path) {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600)
    return new NodeStoreFile(handle)
  },
  async replace(temporaryPath, path) {
    await rename(temporaryPath, path)
    await syncFolder(dirname(path))
  },
  async remove(path) {
    try {
      await unlink(path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  },
  syncFolderOf: (path) => syncFolder(dirname(path)),
}

class NodeStoreFile implements StoreFile {
  constructor(private readonly handle: FileHandle) {}

  async write(bytes: Uint8Array, positionBytes: number): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      const rest = bytes.length - done
      const { bytesWritten } = await this.handle.write(bytes, done, rest, positionBytes + done)
      done += bytesWritten
    }
  }

  sync(): Promise<void> {
    return this.handle.datasync()
  }

  truncate(sizeBytes: number): Promise<void> {
    return this.handle.truncate(sizeBytes)
  }

  close(): Promise<void> {
    return this.handle.close()
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error) return String(error.code)
  return undefined
}
