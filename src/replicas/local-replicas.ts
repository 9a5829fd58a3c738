// The partitions that this broker holds: which directory each is in, its log, and the folders on disk
// that no topic claims. Belongs to the control plane's thread; other threads attach by handle.
import { join } from 'node:path'
import { type Failure, fail } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import { type TopicConfigDefaults, toLogConfig } from '../config/topic-config-values.js'
import type { LogConfig, LogDirectory, PartitionLog } from '../log/types.js'
import type { TopicRecord } from '../metadata/records.js'
import { ZERO_UUID } from '../protocol/uuid.js'
import type { LocalFiles } from './local-files.js'
import { folderName, readTopicId, writeTopicId } from './partition-folder.js'

export interface LocalDirectory {
  readonly id: string
  readonly path: string
  /** undefined: it could not be opened, or it lost its disk before. */
  readonly log: LogDirectory | undefined
  readonly problem: string | undefined
}

export interface Replica {
  readonly topicId: string
  readonly index: number
  readonly directory: LocalDirectory
  readonly log: PartitionLog
}

/** One data directory as placement sees it. */
export interface DirectoryLoad {
  readonly id: string
  readonly partitionCount: number
}

export interface LocalReplicasOptions {
  readonly brokerId: number
  readonly directories: readonly LocalDirectory[]
  readonly broker: TopicConfigDefaults
  readonly files: LocalFiles
  readonly logger: Logger
}

/** Syncs of new folders that run beside one another. */
const CREATED_AT_ONCE = 32

export class LocalReplicas {
  private readonly open = new Map<string, Map<number, Replica>>()
  private readonly counts = new Map<string, number>()

  constructor(readonly options: LocalReplicasOptions) {}

  get directories(): readonly LocalDirectory[] {
    return this.options.directories
  }

  /** Where new partitions may go. */
  loads(): DirectoryLoad[] {
    return this.directories
      .filter(isUsable)
      .map(({ id }) => ({ id, partitionCount: this.counts.get(id) ?? 0 }))
  }

  replica(topicId: string, index: number): Replica | undefined {
    return this.open.get(topicId)?.get(index)
  }

  replicas(): Iterable<Replica> {
    return [...this.open.values()].flatMap((topic) => [...topic.values()])
  }

  /** undefined: not held here, or its directory is offline. */
  handle(topicId: string, index: number): number | undefined {
    const replica = this.replica(topicId, index)
    return replica !== undefined && isUsable(replica.directory) ? replica.log.handle : undefined
  }

  logConfig(topic: TopicRecord): LogConfig {
    return toLogConfig(topic.configs, this.options.broker)
  }

  /**
   * The id of the directory that holds a partition; undefined: none does. Replicas that another broker's
   * controller placed name no directory: they are where they were made.
   */
  assignedDirectory(topic: TopicRecord, index: number): string | undefined {
    return this.replica(topic.id, index)?.directory.id ?? this.recordedDirectory(topic, index)
  }

  recordedDirectory(topic: TopicRecord, index: number): string | undefined {
    const assignment = topic.partitions[index]
    const place = assignment?.replicas.indexOf(this.options.brokerId) ?? -1
    const id = assignment?.directories[place]
    return id === ZERO_UUID ? undefined : id
  }

  add(replica: Replica): void {
    const topic = this.open.get(replica.topicId) ?? new Map<number, Replica>()
    this.open.set(replica.topicId, topic.set(replica.index, replica))
    const { id } = replica.directory
    this.counts.set(id, (this.counts.get(id) ?? 0) + 1)
  }

  /** Creates the folders of those of the partitions that are not open yet; all of them or none. */
  async create(topic: TopicRecord, indexes: readonly number[]): Promise<Failure | undefined> {
    const missing = indexes.filter((index) => this.replica(topic.id, index) === undefined)
    for (let begun = 0; begun < missing.length; begun += CREATED_AT_ONCE) {
      const some = missing.slice(begun, begun + CREATED_AT_ONCE)
      const made = await Promise.all(some.map((index) => this.createOne(topic, index)))
      let failure: Failure | undefined
      for (const replica of made) {
        if ('code' in replica) failure ??= replica
        else this.add(replica)
      }
      if (failure === undefined) continue
      for (const index of missing) {
        if (this.replica(topic.id, index) !== undefined) await this.remove(topic, index)
      }
      return failure
    }
    return undefined
  }

  /** Takes back what create() made from partition `from` on. */
  async discard(topic: TopicRecord, from: number): Promise<void> {
    for (let index = from; index < topic.partitions.length; index++) await this.remove(topic, index)
  }

  /** Those of which nothing is left here; what could not be removed is tried at the next start. */
  async removeTopics(topics: readonly TopicRecord[]): Promise<readonly TopicRecord[]> {
    const gone: TopicRecord[] = []
    for (const topic of topics) {
      if (await this.removeTopic(topic)) gone.push(topic)
    }
    return gone
  }

  private async removeTopic(topic: TopicRecord): Promise<boolean> {
    let isGone = true
    for (let index = 0; index < topic.partitions.length; index++) {
      if (!(await this.remove(topic, index))) isGone = false
    }
    return isGone
  }

  configure(topic: TopicRecord): void {
    const config = this.logConfig(topic)
    for (const { log, directory } of this.open.get(topic.id)?.values() ?? []) {
      if (isUsable(directory)) log.configure(config)
    }
  }

  private async createOne(topic: TopicRecord, index: number): Promise<Replica | Failure> {
    const name = folderName(topic.name, index)
    const directory = this.directoryFor(topic, index)
    if (directory?.log === undefined || !isUsable(directory)) {
      return fail('STORAGE_FAILED', `the data directory for ${name} is offline`).failure
    }
    const folder = join(directory.path, name)
    if (this.options.files.exists(folder)) {
      return fail('STORAGE_FAILED', `${folder} is in the way of a new partition`).failure
    }
    try {
      const log = directory.log.openPartition(name, this.logConfig(topic))
      await writeTopicId(this.options.files, folder, topic.id)
      return { topicId: topic.id, index, directory, log }
    } catch (error) {
      this.options.logger.error('cannot create a partition', {
        partition: name,
        error: text(error),
      })
      if (this.options.files.exists(folder)) await this.deleteFolder(directory.log, name)
      return storageFailure(error, `cannot create ${name} in ${directory.path}: ${text(error)}`)
    }
  }

  /** False: some of it may be left. */
  async remove(topic: TopicRecord, index: number): Promise<boolean> {
    const name = folderName(topic.name, index)
    const { directory, isUnreachable } = this.findFolder(topic, index)
    if (directory?.log === undefined) return !isUnreachable
    if (this.open.get(topic.id)?.delete(index)) {
      this.counts.set(directory.id, (this.counts.get(directory.id) ?? 1) - 1)
      if (this.open.get(topic.id)?.size === 0) this.open.delete(topic.id)
    }
    return this.deleteFolder(directory.log, name)
  }

  // A younger topic of the same name may have its folder there.
  private findFolder(topic: TopicRecord, index: number) {
    const name = folderName(topic.name, index)
    const id = this.assignedDirectory(topic, index)
    const candidates = this.directories.filter((each) => id === undefined || each.id === id)
    const usable = candidates.filter(isUsable)
    const directory = usable.find(
      ({ path }) => readTopicId(this.options.files, join(path, name)) === topic.id,
    )
    const isUnreachable = id !== undefined && usable.length === 0
    return { directory, isUnreachable }
  }

  private directoryFor(topic: TopicRecord, index: number): LocalDirectory | undefined {
    const recorded = this.recordedDirectory(topic, index)
    if (recorded !== undefined) return this.directories.find(({ id }) => id === recorded)
    const count = ({ id }: LocalDirectory) => this.counts.get(id) ?? 0
    return this.directories.filter(isUsable).sort((a, b) => count(a) - count(b))[0]
  }

  private async deleteFolder(directory: LogDirectory, name: string): Promise<boolean> {
    try {
      await directory.deletePartition(name)
      return true
    } catch (error) {
      const fields = { partition: name, directory: directory.path, error: text(error) }
      this.options.logger.error('cannot remove the folder of a deleted partition', fields)
      return false
    }
  }
}

export function isUsable(directory: LocalDirectory): boolean {
  return directory.log !== undefined && !directory.log.offline()
}

function storageFailure(error: unknown, message: string): Failure {
  const isFull = error instanceof Error && 'code' in error && error.code === 'NO_SPACE'
  return fail(isFull ? 'STORAGE_FULL' : 'STORAGE_FAILED', message).failure
}

export function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
