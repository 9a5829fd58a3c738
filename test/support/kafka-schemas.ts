// The schemas of Kafka's messages, as the jar of its client library has them.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { kafkaJars } from './kafka-server.js'
import { runOrFail } from './processes.js'

export interface KafkaField {
  readonly name: string
  readonly type: string
  readonly versions: string
  readonly nullableVersions?: string
  readonly taggedVersions?: string
  readonly tag?: number
  readonly default?: string | number | boolean
  readonly fields?: readonly KafkaField[]
}

export interface KafkaMessage {
  readonly type: string
  readonly name: string
  readonly apiKey?: number
  readonly listeners?: readonly string[]
  readonly validVersions: string
  readonly flexibleVersions: string
  readonly latestVersionUnstable?: boolean
  readonly fields: readonly KafkaField[]
  readonly commonStructs?: readonly (KafkaField & { readonly fields: readonly KafkaField[] })[]
}

/** By name, such as "FetchRequest". */
export async function kafkaMessages(): Promise<ReadonlyMap<string, KafkaMessage>> {
  const folder = await extracted()
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const messages = files.map((file) => parse(readFileSync(join(folder, file), 'utf8')))
  return new Map(messages.map((message) => [message.name, message]))
}

async function extracted(): Promise<string> {
  const jars = await kafkaJars()
  const folder = join(jars, 'messages')
  if (existsSync(folder)) return folder
  const jar = readdirSync(jars).find((file) => /^kafka-clients-[\d.]+\.jar$/.test(file))
  if (jar === undefined) throw new Error(`no kafka-clients jar among those of ${jars}`)
  const unpacking = join(jars, `messages-${process.pid}`)
  mkdirSync(unpacking, { recursive: true })
  await runOrFail('unzip', ['-q', '-o', '-j', join(jars, jar), 'common/message/*', '-d', unpacking])
  renameSync(unpacking, folder)
  return folder
}

// Kafka allows comments, each on a line of its own.
function parse(text: string): KafkaMessage {
  return JSON.parse(text.replace(/^\s*\/\/.*$/gm, '')) as KafkaMessage
}
