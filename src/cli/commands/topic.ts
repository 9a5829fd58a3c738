// millrace topic create|list|describe|delete
import { type Command, InvalidArgumentError } from 'commander'
import { addConnectFlags, type ConnectFlags, withClient } from '../connect.js'
import { CommandFailure, ExitCode } from '../exit.js'
import { printResult } from '../print.js'
import { table } from '../table.js'
import { positiveNumber } from '../whole-number.js'

interface Flags extends ConnectFlags {
  readonly json?: boolean
}
interface CreateFlags extends Flags {
  readonly partitions?: number
  readonly config?: Readonly<Record<string, string>>
  readonly ifNotExists?: boolean
}

export function registerTopic(program: Command): void {
  const topic = program.command('topic').description('create, list, describe and delete topics')
  addFlags(topic.command('create <TOPIC>').description('create a topic'))
    .option(
      '-p, --partitions <N>',
      'number of partitions; default: the broker decides',
      positiveNumber,
    )
    .option(
      '-c, --config <KEY=VALUE>',
      'a topic config by the name Kafka gives it; may be repeated',
      keyValue,
    )
    .option('--if-not-exists', 'succeed when the topic is there already')
    .action(create)
  addFlags(topic.command('list').description('list the topics')).action(list)
  addFlags(
    topic.command('describe <TOPIC>').description('show partitions, offsets and configs'),
  ).action(describe)
  addFlags(topic.command('delete <TOPIC>').description('delete a topic and its data')).action(
    remove,
  )
}

function addFlags(command: Command): Command {
  return addConnectFlags(command).option('--json', 'print JSON')
}

function keyValue(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('It must be KEY=VALUE.')
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

async function create(name: string, flags: CreateFlags): Promise<void> {
  await withClient(flags, async (client) => {
    const wanted = {
      ...(flags.partitions === undefined ? {} : { partitions: flags.partitions }),
      ...(flags.config === undefined ? {} : { configs: flags.config }),
    }
    const created = await client.topics.create(name, wanted).catch((error: Error) => {
      if (!flags.ifNotExists || !('code' in error) || error.code !== 'topic-exists') throw error
      return client.topics.describe(name)
    })
    printResult(
      flags,
      created,
      `topic ${created.name} has ${created.partitions.length} partition(s)`,
    )
  })
}

async function list(flags: Flags): Promise<void> {
  await withClient(flags, async (client) => {
    const topics = await client.topics.list()
    const rows = topics.map(({ name, partitions, id }) => [name, String(partitions), id])
    printResult(
      flags,
      topics,
      rows.length === 0 ? 'no topics yet' : table(['TOPIC', 'PARTITIONS', 'ID'], rows),
    )
  })
}

async function describe(name: string, flags: Flags): Promise<void> {
  await withClient(flags, async (client) => {
    const topic = await client.topics.describe(name)
    const rows = topic.partitions.map((p) =>
      [p.partition, p.leader, p.leaderEpoch, p.startOffset, p.endOffset, p.sizeBytes].map((value) =>
        String(value ?? '-'),
      ),
    )
    const configs = Object.entries(topic.configs).map(([key, value]) => `  ${key}=${value}`)
    const lines = [
      `topic ${topic.name}, id ${topic.id}`,
      ...(configs.length > 0 ? ['configs set on it:', ...configs] : []),
      table(['PARTITION', 'LEADER', 'EPOCH', 'START', 'END', 'BYTES'], rows),
    ]
    printResult(flags, topic, lines.join('\n'))
  })
}

async function remove(name: string, flags: Flags): Promise<void> {
  await withClient(flags, async (client) => {
    await client.topics.delete(name).catch((error: Error) => {
      if (!('code' in error) || error.code !== 'unknown-topic') throw error
      throw new CommandFailure(`there is no topic ${name}`, ExitCode.notFound)
    })
    printResult(flags, { deleted: name }, `topic ${name} is deleted`)
  })
}
