// How far the metadata had come when this broker last looked, kept in its data directories: a coordination
// service that was restored from an old copy gives out epochs and versions a second time, and whoever
// believes them may cut records that were acknowledged under the first ones.
import { join } from 'node:path'
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { LocalFiles } from './local-files.js'
import { isUsable, type LocalDirectory, text } from './local-replicas.js'

const FILE = 'metadata-seen'
const FORMAT = 1

export interface SeenMetadata {
  readonly controllerEpoch: number
  /** The greatest of any key; the store gives out greater ones only. */
  readonly version: bigint
}

const NOTHING: SeenMetadata = { controllerEpoch: 0, version: 0n }

export interface MetadataHistoryOptions {
  readonly files: LocalFiles
  readonly directories: readonly LocalDirectory[]
  readonly logger: Logger
}

export class MetadataHistory {
  private written: SeenMetadata
  private wanted: SeenMetadata
  private writing: Promise<void> | undefined

  private constructor(
    private readonly options: MetadataHistoryOptions,
    /** Before this start. */
    private readonly before: SeenMetadata,
  ) {
    this.written = before
    this.wanted = before
  }

  /** Of all directories the latest counts. */
  static open(options: MetadataHistoryOptions): Outcome<MetadataHistory> {
    let latest = NOTHING
    for (const { path } of options.directories.filter(isUsable)) {
      const file = join(path, FILE)
      try {
        latest = later(latest, parse(options.files.readText(file)))
      } catch (error) {
        return fail('STORAGE_FAILED', `${file} cannot be read: ${text(error)}`)
      }
    }
    return succeed(new MetadataHistory(options, latest))
  }

  /**
   * Why what the store says now is older than what was seen; undefined: it is not. `version`: once this
   * broker has written something, before that keys with greater ones may just have been deleted.
   */
  whyOlder(now: Partial<SeenMetadata>): Failure | undefined {
    const { controllerEpoch = this.before.controllerEpoch, version = this.before.version } = now
    const older =
      controllerEpoch < this.before.controllerEpoch
        ? `controller epoch ${controllerEpoch} there, and this broker has seen ${this.before.controllerEpoch}`
        : version < this.before.version
          ? `version ${version} there, and this broker has seen ${this.before.version}`
          : undefined
    if (older === undefined) return undefined
    const message =
      `the metadata store went back in time (${older}): it was restored from an old copy, or the address ` +
      'leads elsewhere. Bring back its newest state; if that is lost, and with it what was decided since, ' +
      `remove ${FILE} from the data directories of every broker`
    return fail('INVALID_CONFIG', message).failure
  }

  /** Writes it down, in its own time. */
  note(now: SeenMetadata): void {
    this.wanted = later(this.wanted, now)
    this.writing ??= this.write()
  }

  /** Resolves when all that was noted is written. */
  async close(): Promise<void> {
    await this.writing
  }

  private async write(): Promise<void> {
    while (this.wanted !== this.written) {
      this.written = this.wanted
      const { controllerEpoch, version } = this.written
      const { files, directories, logger } = this.options
      for (const { path } of directories.filter(isUsable)) {
        try {
          const content = `${FORMAT}\n${controllerEpoch} ${version}\n`
          await files.writeText(join(path, FILE), content)
        } catch (error) {
          const fields = { directory: path, reason: text(error) }
          logger.warn('cannot write down how far the metadata has come', fields)
        }
      }
    }
    this.writing = undefined
  }
}

function parse(content: string | undefined): SeenMetadata {
  if (content === undefined) return NOTHING
  const match = /^(\d+)\n(\d+) (\d+)\n$/.exec(content)
  if (match === null) throw new Error('it is damaged')
  const [, format, controllerEpoch, version = ''] = match
  if (Number(format) !== FORMAT) throw new Error(`it has format ${format}, and not ${FORMAT}`)
  return { controllerEpoch: Number(controllerEpoch), version: BigInt(version) }
}

// The same object when `b` brings nothing new.
function later(a: SeenMetadata, b: SeenMetadata): SeenMetadata {
  if (b.controllerEpoch <= a.controllerEpoch && b.version <= a.version) return a
  return {
    controllerEpoch: Math.max(a.controllerEpoch, b.controllerEpoch),
    version: a.version > b.version ? a.version : b.version,
  }
}
