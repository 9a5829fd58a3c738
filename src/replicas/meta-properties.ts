// meta.properties: to which cluster and broker a data directory belongs, in Kafka's format with one
// line of ours. A directory of someone else is never written to.
import { join } from 'node:path'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { LocalFiles } from './local-files.js'

const KAFKA_VERSION = 1
/** Of the layout of a data directory as a whole. */
const FORMAT = 1

export interface MetaProperties {
  readonly clusterId: string
  readonly brokerId: number
  readonly directoryId: string
}

/** undefined: the directory is new. */
export function readMetaProperties(
  files: LocalFiles,
  directory: string,
): Outcome<MetaProperties | undefined> {
  const path = pathIn(directory)
  let text: string | undefined
  try {
    text = files.readText(path)
  } catch (error) {
    return fail('STORAGE_FAILED', `cannot read ${path}: ${messageOf(error)}`)
  }
  return text === undefined ? succeed(undefined) : parse(path, text)
}

function parse(path: string, text: string): Outcome<MetaProperties> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^\s*([^#=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line)
    if (match?.[1] !== undefined) values.set(match[1], match[2] ?? '')
  }
  const format = values.get('millrace.format')
  if (format === undefined) {
    const reason = 'it was not written by Millrace; the directory may belong to Apache Kafka'
    return fail('INVALID_CONFIG', `${path}: ${reason}. Choose another data directory`)
  }
  if (Number(format) > FORMAT || Number(values.get('version')) > KAFKA_VERSION) {
    const reason = `the directory has format ${format}, and this program knows formats up to ${FORMAT}`
    return fail('INVALID_CONFIG', `${path}: ${reason}. A newer Millrace wrote it`)
  }
  const clusterId = values.get('cluster.id')
  const directoryId = values.get('directory.id')
  const brokerId = Number(values.get('node.id') ?? Number.NaN)
  if (!clusterId || !directoryId || !Number.isSafeInteger(brokerId)) {
    return fail(
      'STORAGE_FAILED',
      `${path} is damaged: cluster.id, node.id or directory.id is missing`,
    )
  }
  return succeed({ clusterId, brokerId, directoryId })
}

export async function writeMetaProperties(
  files: LocalFiles,
  directory: string,
  properties: MetaProperties,
): Promise<void> {
  const lines = [
    `version=${KAFKA_VERSION}`,
    `cluster.id=${properties.clusterId}`,
    `node.id=${properties.brokerId}`,
    `directory.id=${properties.directoryId}`,
    `millrace.format=${FORMAT}`,
  ]
  await files.writeText(pathIn(directory), `${lines.join('\n')}\n`)
}

/** Why a directory may not be used by this broker; undefined when it may. */
export function foreignness(
  directory: string,
  found: MetaProperties,
  own: { readonly clusterId: string; readonly brokerId: number },
): string | undefined {
  if (found.clusterId !== own.clusterId) {
    return (
      `${directory} holds data of the cluster ${found.clusterId}, and this broker is of the cluster ` +
      `${own.clusterId}: choose another data directory, or bring back its metadata`
    )
  }
  if (found.brokerId !== own.brokerId) {
    return (
      `${directory} holds data of broker ${found.brokerId}, and this is broker ${own.brokerId}: ` +
      `start with --id ${found.brokerId}, or choose another data directory`
    )
  }
  return undefined
}

function pathIn(directory: string): string {
  return join(directory, 'meta.properties')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
