// The file of the embedded store: opened and repaired, appended to frame by frame, written anew when
// it holds mostly history. After a failed write or sync its tail is unknown, so the first failure is
// final and every later call repeats it.
import { type Failure, fail, type Outcome, succeed } from '../../base/errors.js'
import { encodeFrame, encodeHeader, type Frame, HEADER_BYTES, scan } from './frame.js'
import type { StoreFile, StoreFiles } from './store-files.js'

const COMPACT_RATIO = 4

export interface JournalOptions {
  readonly path: string
  readonly files: StoreFiles
  readonly compactAboveBytes: number
}

export async function openJournal(
  options: JournalOptions,
): Promise<Outcome<{ journal: Journal; frames: readonly Frame[] }>> {
  const { path, files } = options
  try {
    await files.remove(temporaryPath(path))
    const scanned = scan((await files.read(path)) ?? new Uint8Array())
    if (scanned.status === 'refused') {
      const advice = 'Nothing was changed; put a good copy in its place'
      return fail(
        'STORAGE_FAILED',
        `the metadata file ${path} cannot be used: ${scanned.reason}. ${advice}`,
      )
    }
    const file = await files.open(path)
    await file.truncate(scanned.endBytes)
    if (scanned.endBytes === 0) await file.write(encodeHeader(), 0)
    await file.sync()
    await files.syncFolderOf(path)
    const endBytes = Math.max(scanned.endBytes, HEADER_BYTES)
    return succeed({ journal: new Journal(options, file, endBytes), frames: scanned.frames })
  } catch (error) {
    return fail('STORAGE_FAILED', `cannot open the metadata file ${path}: ${text(error)}`)
  }
}

export class Journal {
  private failed: Failure | undefined

  constructor(
    private readonly options: JournalOptions,
    private file: StoreFile,
    private endBytes: number,
  ) {}

  get failure(): Failure | undefined {
    return this.failed
  }

  /** Durable when it resolves without a failure. */
  append(frame: Frame): Promise<Failure | undefined> {
    const bytes = encodeFrame(frame)
    return this.guarded(async () => {
      await this.file.write(bytes, this.endBytes)
      await this.file.sync()
      this.endBytes += bytes.length
    })
  }

  /** Replaces the file by one snapshot if it has grown far beyond what lives in it. */
  async compact(snapshot: () => Frame): Promise<Failure | undefined> {
    if (this.endBytes <= this.options.compactAboveBytes) return undefined
    const bytes = encodeFrame(snapshot())
    if (this.endBytes < COMPACT_RATIO * bytes.length) return undefined
    return this.guarded(() => this.replaceBy(bytes))
  }

  async close(): Promise<void> {
    if (this.failed?.code === 'CLOSED') return
    this.failed = fail('CLOSED', 'the metadata store is closed').failure
    await this.file.close()
  }

  private async replaceBy(snapshot: Uint8Array): Promise<void> {
    const { path, files } = this.options
    const fresh = await files.open(temporaryPath(path))
    await fresh.truncate(0)
    await fresh.write(encodeHeader(), 0)
    await fresh.write(snapshot, HEADER_BYTES)
    await fresh.sync()
    await files.replace(temporaryPath(path), path)
    await this.file.close()
    this.file = fresh
    this.endBytes = HEADER_BYTES + snapshot.length
  }

  private async guarded(act: () => Promise<void>): Promise<Failure | undefined> {
    if (this.failed !== undefined) return this.failed
    try {
      await act()
      return undefined
    } catch (error) {
      const message = `the metadata file ${this.options.path} cannot be written: ${text(error)}`
      this.failed = fail('STORAGE_FAILED', message).failure
      return this.failed
    }
  }
}

function temporaryPath(path: string): string {
  return `${path}.new`
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
