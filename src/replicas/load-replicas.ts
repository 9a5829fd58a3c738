// At start: what lies in the data directories is held against what the metadata says. Whatever does
// not agree is left as it is or moved aside, and told; records are never deleted on suspicion.
import { join } from 'node:path'
import type { Random } from '../base/random.js'
import type { PartitionLog } from '../log/types.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import { randomId } from '../metadata/ids.js'
import type { TopicRecord } from '../metadata/records.js'
import { type LocalDirectory, type LocalReplicas, text } from './local-replicas.js'
import { folderName, readTopicId, strayName, writeTopicId } from './partition-folder.js'

export interface LocalPartition {
  readonly topic: TopicRecord
  readonly index: number
}

export interface LoadReport {
  /** Those that should be here and have no folder: their records are gone, or never were here. */
  readonly missing: readonly LocalPartition[]
  /** Those whose folder is here and cannot be served. */
  readonly damaged: readonly LocalPartition[]
  /** Those whose folder is here and whose replica has moved to another broker. */
  readonly leaving: readonly LocalPartition[]
  /** Some of the directories were not closed by who had them last. */
  readonly isUnclean: boolean
}

interface Wanted extends LocalPartition {
  readonly name: string
}

/** Opens every partition that should be here and is. */
export async function loadReplicas(
  state: ClusterState,
  replicas: LocalReplicas,
  random: Random,
): Promise<LoadReport> {
  const loader = new Loader(state, replicas, random)
  for (const directory of replicas.directories) await loader.load(directory)
  return loader.report()
}

class Loader {
  private readonly wantedIn = new Map<string, Map<string, Wanted>>()
  /** In whichever directory they are found. */
  private readonly wantedAnywhere = new Map<string, Wanted>()
  private readonly missing: LocalPartition[] = []
  private readonly damaged: LocalPartition[] = []
  private readonly leaving: LocalPartition[] = []

  constructor(
    private readonly state: ClusterState,
    private readonly replicas: LocalReplicas,
    private readonly random: Random,
  ) {
    const { brokerId } = replicas.options
    for (const topic of state.topics()) {
      for (let index = 0; index < topic.partitions.length; index++) {
        if (!state.replicasOf(topic, index).includes(brokerId)) continue
        const name = folderName(topic.name, index)
        this.wantedFor(topic, index).set(name, { topic, index, name })
      }
    }
  }

  async load(directory: LocalDirectory): Promise<void> {
    if (directory.log === undefined) return
    const recorded = this.wantedIn.get(directory.id) ?? new Map<string, Wanted>()
    this.wantedIn.delete(directory.id)
    const wanted = new Map([...this.wantedAnywhere, ...recorded])
    const found = new Set(directory.log.partitionNames())
    for (const name of found) {
      if (!(await this.belongs(directory, name, wanted.get(name)))) found.delete(name)
    }
    const present = [...wanted.values()].filter(({ name }) => found.has(name))
    for (const { name } of present) this.wantedAnywhere.delete(name)
    this.missing.push(...[...recorded.values()].filter(({ name }) => !found.has(name)))
    await this.open(directory, present)
  }

  /** Tells of partitions in directories that this broker was not given, or that lost their identity. */
  report(): LoadReport {
    for (const [directoryId, wanted] of this.wantedIn) {
      this.logger.error('partitions lie in a data directory that is not there', {
        directoryId,
        partitions: wanted.size,
        example: [...wanted.keys()][0],
      })
    }
    for (const directory of this.replicas.directories) {
      if (directory.log !== undefined) continue
      this.logger.error('a data directory is offline', {
        directory: directory.path,
        reason: directory.problem,
      })
    }
    const isUnclean = this.replicas.directories.some(({ log }) => log?.wasClean === false)
    const missing = [...this.missing, ...this.wantedAnywhere.values()]
    return { missing, damaged: this.damaged, leaving: this.leaving, isUnclean }
  }

  private wantedFor(topic: TopicRecord, index: number): Map<string, Wanted> {
    const id = this.replicas.recordedDirectory(topic, index)
    if (id === undefined) return this.wantedAnywhere
    const wanted = this.wantedIn.get(id) ?? new Map<string, Wanted>()
    this.wantedIn.set(id, wanted)
    return wanted
  }

  private get logger() {
    return this.replicas.options.logger
  }

  private async belongs(
    directory: LocalDirectory,
    name: string,
    wanted: Wanted | undefined,
  ): Promise<boolean> {
    const { files } = this.replicas.options
    const folder = join(directory.path, name)
    const topicId = readTopicId(files, folder)
    if (wanted !== undefined && topicId === wanted.topic.id) return true
    if (wanted !== undefined && topicId === undefined) {
      this.logger.warn('a partition folder had lost its partition.metadata', { folder })
      await writeTopicId(files, folder, wanted.topic.id)
      return true
    }
    const owner = topicId === undefined ? undefined : this.state.topicById(topicId)
    // Deleted, and the broker stopped before the folder was: see removeTombstones.
    if (owner?.isDeleted) return false
    if (owner !== undefined && this.hasLeft(owner, name)) {
      this.leaving.push({ topic: owner, index: indexOf(name) })
      return false
    }
    const assigned = owner && this.replicas.recordedDirectory(owner, indexOf(name))
    if (assigned !== undefined && folderName(owner?.name ?? '', indexOf(name)) === name) {
      const fields = { folder, directoryId: directory.id, recorded: assigned }
      this.logger.error('a partition lies in another data directory than recorded', fields)
      return false
    }
    await this.moveAside(folder, name, topicId)
    return false
  }

  private hasLeft(owner: TopicRecord, name: string): boolean {
    const index = indexOf(name)
    if (folderName(owner.name, index) !== name || owner.partitions[index] === undefined)
      return false
    return !this.state.replicasOf(owner, index).includes(this.replicas.options.brokerId)
  }

  private async moveAside(folder: string, name: string, topicId?: string): Promise<void> {
    const stray = join(folder, '..', strayName(name, randomId(this.random)))
    this.logger.error('a folder belongs to no topic of this cluster and is moved aside', {
      folder,
      topicId: topicId ?? 'none',
      movedTo: stray,
    })
    await this.replicas.options.files.rename(folder, stray)
  }

  private async open(directory: LocalDirectory, present: readonly Wanted[]): Promise<void> {
    const { log } = directory
    if (log === undefined) return
    const configs = present.map(({ topic, name }) => ({
      name,
      config: this.replicas.logConfig(topic),
    }))
    let logs: readonly (PartitionLog | undefined)[]
    try {
      logs = await log.openPartitions(configs)
    } catch {
      // Some cannot be opened: find out which, and serve the others.
      logs = configs.map(({ name, config }) => this.tryOpen(directory, name, config))
    }
    present.forEach((wanted, place) => {
      const opened = logs[place]
      if (opened !== undefined) this.take(directory, wanted, opened)
      else this.damaged.push(wanted)
    })
  }

  private tryOpen(
    directory: LocalDirectory,
    name: string,
    config: Parameters<NonNullable<LocalDirectory['log']>['openPartition']>[1],
  ): PartitionLog | undefined {
    try {
      return directory.log?.openPartition(name, config)
    } catch (error) {
      const fields = { partition: name, directory: directory.path, error: text(error) }
      this.logger.error('cannot open a partition; it is offline', fields)
      return undefined
    }
  }

  private take(directory: LocalDirectory, { topic, index, name }: Wanted, log: PartitionLog): void {
    const { wasClean, quarantined, cutBytes, cutAtOffset, reason } = log.recovery()
    const fields = { partition: name, directory: directory.path, cutBytes, cutAtOffset, reason }
    if (quarantined) {
      this.logger.error('a partition is damaged below what was synced; it is offline', fields)
      this.damaged.push({ topic, index })
      return
    }
    if (!wasClean && cutBytes > 0) this.logger.warn('cut the torn end of a partition', fields)
    this.replicas.add({ topicId: topic.id, index, directory, log })
  }
}

function indexOf(folder: string): number {
  return Number(folder.slice(folder.lastIndexOf('-') + 1))
}
