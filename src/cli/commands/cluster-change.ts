// millrace cluster reassign|elect
import { type Command, InvalidArgumentError, Option } from 'commander'
import { addClusterFlags, type ClusterFlags, withBroker } from '../cluster/session.js'
import { CommandFailure, ExitCode } from '../exit.js'
import { printResult } from '../print.js'
import { table } from '../table.js'
import { wholeNumber } from '../whole-number.js'

interface ReassignFlags extends ClusterFlags {
  readonly topic?: string
  readonly partition?: number
  readonly replicas?: readonly number[]
  readonly cancel?: boolean
}
interface ElectFlags extends ClusterFlags {
  readonly type: 'preferred' | 'unclean'
  readonly topic?: string
  readonly partition?: number
}

export function registerChange(cluster: Command): void {
  addClusterFlags(
    cluster
      .command('reassign')
      .description('move the replicas of a partition; without flags: list those on the move'),
  )
    .option('--topic <TOPIC>', 'of which topic')
    .option('--partition <N>', 'which partition', wholeNumber)
    .option('--replicas <IDS>', 'the brokers that shall hold it, the preferred leader first', ids)
    .option('--cancel', 'stop moving it: the replicas are the former ones')
    .action(reassign)
  addClusterFlags(cluster.command('elect').description('have leaders elected'))
    .addOption(
      new Option('--type <TYPE>', 'preferred: the first replica; unclean: any, records may be lost')
        .choices(['preferred', 'unclean'])
        .default('preferred'),
    )
    .option('--topic <TOPIC>', 'of this topic only')
    .option('--partition <N>', 'of this partition only', wholeNumber)
    .action(elect)
}

function ids(text: string): readonly number[] {
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) {
    throw new InvalidArgumentError('It must be broker ids with commas between them, such as 1,2,3.')
  }
  return text.split(',').map(Number)
}

async function reassign(flags: ReassignFlags): Promise<void> {
  const { topic, partition, replicas, cancel = false } = flags
  const isList = [topic, partition, replicas].every((flag) => flag === undefined) && !cancel
  const isWhole = topic !== undefined && partition !== undefined
  if (!isList && !(isWhole && (replicas === undefined) === cancel)) {
    throw new CommandFailure(
      'say which partition and where to: --topic T --partition N --replicas 1,2,3, or --cancel in the place of --replicas',
      ExitCode.usage,
    )
  }
  await withBroker(flags, async (wire) => {
    const { askMoving, askReassign } = await import('../cluster/ask.js')
    if (isWhole) await askReassign(wire, [{ topic, index: partition, replicas: replicas ?? null }])
    const moving = await askMoving(wire)
    const rows = moving.map((one) =>
      [one.topic, one.index, one.replicas, one.adding, one.removing].map(String),
    )
    const head = ['TOPIC', 'PARTITION', 'REPLICAS', 'ADDING', 'REMOVING']
    printResult(flags, moving, rows.length === 0 ? 'no replica is on the move' : table(head, rows))
  })
}

async function elect(flags: ElectFlags): Promise<void> {
  const { topic, partition, type } = flags
  if (partition !== undefined && topic === undefined) {
    throw new CommandFailure('--partition needs its --topic', ExitCode.usage)
  }
  await withBroker(flags, async (wire) => {
    const { askElect, askSnapshot } = await import('../cluster/ask.js')
    const known = topic === undefined ? undefined : (await askSnapshot(wire, [topic])).partitions
    const wanted = known?.filter((one) => partition === undefined || one.index === partition)
    if (wanted?.length === 0) {
      throw new CommandFailure(`${topic} has no partition ${partition}`, ExitCode.notFound)
    }
    const elected = await askElect(wire, type, wanted)
    const rows = elected.map((one) => [
      one.topic,
      String(one.index),
      one.result === 'NONE' ? 'elected' : [one.result, one.message].filter(Boolean).join(': '),
    ])
    const text = table(['TOPIC', 'PARTITION', 'RESULT'], rows)
    printResult(flags, elected, rows.length === 0 ? 'no partition needed it' : text)
    const isDone = ({ result }: { result: string }) =>
      result === 'NONE' || result === 'ELECTION_NOT_NEEDED'
    if (!elected.every(isDone)) process.exitCode = ExitCode.failed
  })
}
