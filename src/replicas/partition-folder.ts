// A partition's folder and the file in it that says whose it is, both as Kafka has them.
import { join } from 'node:path'
import type { LocalFiles } from './local-files.js'

const MAX_FOLDER_NAME_BYTES = 255

export function folderName(topic: string, index: number): string {
  return `${topic}-${index}`
}

/** undefined: there is none, or it says nothing. */
export function readTopicId(files: LocalFiles, folder: string): string | undefined {
  const text = files.readText(join(folder, 'partition.metadata'))
  return /^topic_id: *([A-Za-z0-9_-]{22})\s*$/m.exec(text ?? '')?.[1]
}

export function writeTopicId(files: LocalFiles, folder: string, topicId: string): Promise<void> {
  return files.writeText(join(folder, 'partition.metadata'), `version: 0\ntopic_id: ${topicId}`)
}

/** Kafka's name for a folder that belongs to no topic: out of the way, and nothing deletes it. */
export function strayName(folder: string, uniqueId: string): string {
  const suffix = `.${uniqueId.replaceAll('-', '').slice(0, 32)}-stray`
  return folder.slice(0, MAX_FOLDER_NAME_BYTES - suffix.length) + suffix
}
