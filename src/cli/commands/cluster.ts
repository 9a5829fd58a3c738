// millrace cluster status|describe|reassign|elect
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ClusterSnapshot } from '../cluster/health.js'
import { CommandFailure, ExitCode } from '../exit.js'
import type { KafkaWire } from '../kafka-wire.js'
import { printResult } from '../print.js'
import { table } from '../table.js'

const DEFAULT_ADDRESS = '127.0.0.1:9092'

interface Flags {
  readonly kafka: string
  readonly json?: boolean
}
interface ReassignFlags extends Flags {
  readonly topic?: string
  readonly partition?: number
  readonly replicas?: readonly number[]
  readonly cancel?: boolean
}
interface ElectFlags extends Flags {
  readonly type: 'preferred' | 'unclean'
  readonly topic?: string
  readonly partition?: number
}

export function registerCluster(program: Command): void {
  const cluster = program
    .command('cluster')
    .description('look at a cluster, move replicas, ask for leaders')
  addFlags(cluster.command('status').description('brokers, and what is wrong, if anything'))
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well · 1 some partition lacks a replica or a leader',
    )
    .action(status)
  addFlags(
    cluster.command('describe [TOPIC...]').description('each partition, and why it is not well'),
  ).action(describe)
  addFlags(
    cluster
      .command('reassign')
      .description('move the replicas of a partition; without flags: list those on the move'),
  )
    .option('--topic <TOPIC>', 'of which topic')
    .option('--partition <N>', 'which partition', index)
    .option('--replicas <IDS>', 'the brokers that shall hold it, the preferred leader first', ids)
    .option('--cancel', 'stop moving it: the replicas are the former ones')
    .action(reassign)
  addFlags(cluster.command('elect').description('have leaders elected'))
    .addOption(
      new Option('--type <TYPE>', 'preferred: the first replica; unclean: any, records may be lost')
        .choices(['preferred', 'unclean'])
        .default('preferred'),
    )
    .option('--topic <TOPIC>', 'of this topic only')
    .option('--partition <N>', 'of this partition only', index)
    .action(elect)
}

function addFlags(command: Command): Command {
  return command
    .option(
      '--kafka <HOST:PORT>',
      'any broker of the cluster, as Kafka clients reach it (environment: MILLRACE_KAFKA)',
      process.env.MILLRACE_KAFKA ?? DEFAULT_ADDRESS,
    )
    .option('--json', 'print JSON')
}

function index(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.')
  return Number(text)
}

function ids(text: string): readonly number[] {
  if (!/^\d{1,9}(,\d{1,9})*$/.test(text)) {
    throw new InvalidArgumentError('It must be broker ids with commas between them, such as 1,2,3.')
  }
  return text.split(',').map(Number)
}

async function status(flags: Flags): Promise<void> {
  await withBroker(flags, async (wire) => {
    const [{ askSnapshot }, { healthOf }] = await Promise.all([
      import('../cluster/ask.js'),
      import('../cluster/health.js'),
    ])
    const snapshot = await askSnapshot(wire, [])
    const { leads, holds, ...counts } = healthOf(snapshot)
    const { clusterId, controllerId } = snapshot
    const brokers = snapshot.brokers.map((broker) => ({
      ...broker,
      leads: leads.get(broker.id) ?? 0,
      holds: holds.get(broker.id) ?? 0,
    }))
    const rows = brokers.map((one) => [
      `${one.id}${one.id === controllerId ? ' (controller)' : ''}`,
      `${one.host}:${one.port}`,
      one.rack ?? '-',
      one.isFenced ? 'shut out' : 'serves',
      String(one.leads),
      String(one.holds),
    ])
    const lines = [
      `cluster ${clusterId}`,
      table(['BROKER', 'ADDRESS', 'RACK', 'STATE', 'LEADS', 'HOLDS'], rows),
      `${counts.partitions} partitions: ${counts.offline} without a leader, ${counts.underMinIsr} below min.insync.replicas, ${counts.underReplicated} with a replica out of sync`,
    ]
    printResult(flags, { clusterId, controllerId, brokers, ...counts }, lines.join('\n'))
    if (counts.underReplicated > 0) process.exitCode = ExitCode.failed
  })
}

async function describe(topics: readonly string[], flags: Flags): Promise<void> {
  await withBroker(flags, async (wire) => {
    const { askSnapshot } = await import('../cluster/ask.js')
    const partitions = await described(await askSnapshot(wire, topics))
    const rows = partitions.map((one) =>
      [
        one.topic,
        one.index,
        one.leader,
        one.leaderEpoch,
        one.replicas,
        one.inSync,
        one.eligibleLeaders.length === 0 ? '-' : one.eligibleLeaders,
        [one.state, one.why].filter(Boolean).join(': '),
      ].map(String),
    )
    const head = [
      'TOPIC',
      'PARTITION',
      'LEADER',
      'EPOCH',
      'REPLICAS',
      'IN SYNC',
      'ELIGIBLE',
      'STATE',
    ]
    printResult(flags, partitions, rows.length === 0 ? 'no topics yet' : table(head, rows))
  })
}

async function described(snapshot: ClusterSnapshot) {
  const { partitionHealth } = await import('../cluster/health.js')
  return snapshot.partitions.map((one) => ({ ...one, ...partitionHealth(one, snapshot) }))
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

async function withBroker(flags: Flags, work: (wire: KafkaWire) => Promise<void>): Promise<void> {
  if (!/^.+:\d{1,5}$/.test(flags.kafka)) {
    throw new CommandFailure(
      `"${flags.kafka}" is no address such as ${DEFAULT_ADDRESS}: give one with --kafka or in MILLRACE_KAFKA`,
      ExitCode.usage,
    )
  }
  const { KafkaWire } = await import('../kafka-wire.js')
  const wire = await KafkaWire.open(flags.kafka).catch((error: Error) => {
    throw new CommandFailure(
      `no broker answers at ${flags.kafka} (${error.message}): is it running? Name another with --kafka`,
      ExitCode.unreachable,
    )
  })
  try {
    await work(wire)
  } finally {
    wire.close()
  }
}
