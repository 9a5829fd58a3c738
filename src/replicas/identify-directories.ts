// Whose are the data directories? Each carries the ids of its cluster, its broker and itself; one that
// is new is given them, one of somebody else ends the start before anything is written.
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { Random } from '../base/random.js'
import type { LogDirectory } from '../log/types.js'
import type { ClusterState } from '../metadata/cluster-state.js'
import { randomId } from '../metadata/ids.js'
import type { LocalFiles } from './local-files.js'
import { type LocalDirectory, text } from './local-replicas.js'
import {
  foreignness,
  type MetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from './meta-properties.js'

/** A data directory as it was opened, or why it could not be. */
export interface OpenedDirectory {
  readonly path: string
  readonly log: LogDirectory | undefined
  readonly problem?: string
}

export interface IdentifyOptions {
  readonly state: ClusterState
  /** Gives the cluster its id. */
  readonly found: () => Promise<Failure | undefined>
  readonly brokerId: number
  readonly files: LocalFiles
  readonly random: Random
}

interface Found extends OpenedDirectory {
  /** undefined: new, or offline. */
  readonly properties: MetaProperties | undefined
}

export async function identifyDirectories(
  opened: readonly OpenedDirectory[],
  options: IdentifyOptions,
): Promise<Outcome<readonly LocalDirectory[]>> {
  const { state, brokerId, files, random } = options
  const found = readAll(files, opened)
  if (!found.ok) return found
  const founded = await foundCluster(found.value, options)
  if (founded !== undefined) return { ok: false, failure: founded }
  const own = { clusterId: state.cluster?.clusterId ?? '', brokerId }
  const directories: LocalDirectory[] = []
  for (const { path, log, problem, properties } of found.value) {
    const id = properties?.directoryId ?? randomId(random)
    const twin = directories.find((directory) => directory.id === id)
    const foreign = properties && foreignness(path, properties, own)
    const copy = twin && `${path} is a copy of ${twin.path}: both have the id ${id}`
    const refusal = foreign ?? copy
    if (refusal !== undefined) return fail('INVALID_CONFIG', refusal)
    directories.push({ id, path, log, problem })
  }
  for (const [place, { path, log, properties }] of found.value.entries()) {
    if (log === undefined || properties !== undefined) continue
    const failure = await write(files, path, { ...own, directoryId: directories[place]?.id ?? '' })
    if (failure !== undefined) return { ok: false, failure }
  }
  return succeed(directories)
}

function readAll(files: LocalFiles, opened: readonly OpenedDirectory[]): Outcome<readonly Found[]> {
  const found: Found[] = []
  for (const directory of opened) {
    if (directory.log === undefined) {
      found.push({ ...directory, properties: undefined })
      continue
    }
    const properties = readMetaProperties(files, directory.path)
    if (!properties.ok) return properties
    found.push({ ...directory, properties: properties.value })
  }
  return succeed(found)
}

// The first start of all. Directories that already belong to a cluster have lost its metadata then.
async function foundCluster(
  found: readonly Found[],
  { state, found: foundNow }: IdentifyOptions,
): Promise<Failure | undefined> {
  if (state.cluster !== undefined) return undefined
  const claimed = found.find(({ properties }) => properties !== undefined)
  if (claimed?.properties !== undefined) {
    const message =
      `${claimed.path} belongs to the cluster ${claimed.properties.clusterId}, but its metadata is missing: ` +
      'bring back metadata.log of the first data directory, or start with empty directories'
    return fail('INVALID_CONFIG', message).failure
  }
  return foundNow()
}

async function write(
  files: LocalFiles,
  path: string,
  properties: MetaProperties,
): Promise<Failure | undefined> {
  try {
    await writeMetaProperties(files, path, properties)
    return undefined
  } catch (error) {
    return fail('STORAGE_FAILED', `cannot write to the data directory ${path}: ${text(error)}`)
      .failure
  }
}
