// millrace cluster status|describe, and the commands beside them.
import type { Command } from 'commander'
import type { ClusterBroker, ClusterSnapshot } from '../cluster/health.js'
import { addClusterFlags, type ClusterFlags, withBroker } from '../cluster/session.js'
import { ExitCode } from '../exit.js'
import { printResult } from '../print.js'
import { table } from '../table.js'
import { registerChange } from './cluster-change.js'
import { registerDrain } from './cluster-drain.js'

export function registerCluster(program: Command): void {
  const cluster = program
    .command('cluster')
    .description('look at a cluster, move replicas, ask for leaders, take a broker out')
  addClusterFlags(cluster.command('status').description('brokers, and what is wrong, if anything'))
    .addHelpText(
      'after',
      '\nExit codes: 0 all is well · 1 some partition lacks a replica or a leader',
    )
    .action(status)
  addClusterFlags(
    cluster.command('describe [TOPIC...]').description('each partition, and why it is not well'),
  ).action(describe)
  registerChange(cluster)
  registerDrain(cluster)
}

async function status(flags: ClusterFlags): Promise<void> {
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
      stateOf(one),
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

async function describe(topics: readonly string[], flags: ClusterFlags): Promise<void> {
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

function stateOf({ isFenced, isDrained }: ClusterBroker): string {
  if (isFenced) return 'not there'
  return isDrained ? 'drained' : 'serves'
}
