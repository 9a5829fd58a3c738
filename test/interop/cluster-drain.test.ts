// A broker is taken out of a cluster for a while, and for good, by our own commands and by Kafka's.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { run } from '../cli/cli.js'
import { etcdStore, TestCluster } from '../support/cluster.js'
import { type KafkaTool, runKafkaTool } from '../support/kafka-server.js'
import { runOrFail } from '../support/processes.js'

const TOPIC = 'moved'
const LINES = Array.from({ length: 5000 }, (_, index) => `line ${index}`)

let cluster: TestCluster

const ask = (name: KafkaTool, ...args: string[]) =>
  runKafkaTool(name, [...args, '--bootstrap-server', cluster.broker(1).kafka])

async function tool(name: KafkaTool, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await ask(name, ...args)
  assert.equal(code, 0, `${name} ${args.join(' ')}: ${stdout}\n${stderr}\n${cluster.log()}`)
  return stdout.toString()
}

const millrace = (...args: string[]) =>
  run(['cluster', ...args, '--kafka', cluster.broker(1).kafka])

interface Described {
  readonly leader: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}

async function partition(): Promise<Described> {
  const { stdout } = await millrace('describe', TOPIC, '--json')
  const [only] = JSON.parse(stdout.toString()) as Described[]
  assert.ok(only)
  return only
}

async function becomes(what: string, isSo: (partition: Described) => boolean): Promise<void> {
  const deadlineMs = performance.now() + 60_000
  for (let last = await partition(); !isSo(last); last = await partition()) {
    const now = JSON.stringify(last)
    assert.ok(performance.now() < deadlineMs, `${what} was not seen: ${now}\n${cluster.log()}`)
    await pause(100)
  }
}

const allInSync = ({ replicas, inSync }: Described) => inSync.length === replicas.length

async function linesRead(): Promise<string[]> {
  const args = ['-b', cluster.broker(1).kafka, '-C', '-t', TOPIC, '-o', 'beginning', '-e', '-q']
  const { stdout } = await runOrFail('kcat', args)
  return stdout.toString().split('\n').slice(0, -1)
}

describe('a broker is taken out', () => {
  before(async () => {
    const flags = ['--leader-imbalance-check-interval-seconds', '2']
    cluster = await TestCluster.start({ store: await etcdStore(), brokers: 4, flags })
    await tool('topics', '--create', '--topic', TOPIC, '--replica-assignment', '3:4:1')
    const produce = ['-b', cluster.broker(1).kafka, '-P', '-t', TOPIC, '-X', 'acks=all']
    await runOrFail('kcat', produce, { input: `${LINES.join('\n')}\n` })
  })
  after(() => cluster.stop())

  test('drained it leads nothing and stays in sync, across a restart too; new topics go elsewhere', async () => {
    const drained = await millrace('drain', '3')
    assert.match(drained.stdout.toString(), /broker 3 is drained: it leads nothing any more/)
    await becomes('another leader', (now) => now.leader !== 3 && allInSync(now))
    await cluster.broker(3).stop()
    await cluster.restart(3)
    await becomes('broker 3 in sync again', allInSync)
    assert.notEqual((await partition()).leader, 3)
    const create = ['--create', '--topic', 'elsewhere', '--partitions', '6']
    await tool('topics', ...create, '--replication-factor', '3')
    const { stdout } = await millrace('describe', 'elsewhere', '--json')
    const made = JSON.parse(stdout.toString()) as Described[]
    assert.equal(made.length, 6)
    assert.ok(made.every(({ replicas }) => !replicas.includes(3)))
    const shown = ['--describe', '--entity-type', 'brokers', '--entity-name', '3']
    assert.match(await tool('configs', ...shown), /millrace.drain=true/)
  })

  test('metrics tell what each leads and follows, and how far its followers are behind', async () => {
    const metric = async (id: number, name: string) => {
      const answer = await fetch(`${cluster.broker(id).websocket.replace('ws:', 'http:')}/metrics`)
      const line = (await answer.text()).split('\n').find((one) => one.startsWith(`${name} `))
      return Number(line?.split(' ')[1])
    }
    const { leader } = await partition()
    assert.equal(await metric(3, 'millrace_partitions_led'), 0)
    assert.equal(await metric(3, 'millrace_partitions_followed'), 1)
    assert.ok((await metric(leader, 'millrace_partitions_led')) >= 1)
    assert.equal(await metric(leader, 'millrace_replica_lag_records{broker="3"}'), 0)
    assert.equal(await metric(leader, 'millrace_cluster_brokers'), 4)
    const controllers = [1, 2, 3, 4].map((id) => metric(id, 'millrace_cluster_is_controller'))
    assert.deepEqual((await Promise.all(controllers)).sort(), [0, 0, 0, 1])
  })

  test('kafka-configs takes it back, and the preferred leader comes by itself', async () => {
    const broker = ['--entity-type', 'brokers', '--entity-name', '3']
    await tool('configs', ...broker, '--alter', '--delete-config', 'millrace.drain')
    await becomes('the preferred leader', ({ leader }) => leader === 3)
  })

  test('one that runs is not forgotten', async () => {
    const { stdout, stderr } = await ask('cluster', 'unregister', '--id', '3')
    assert.match(`${stdout}${stderr}`, /Broker 3 is running: stop it/)
  })

  test('decommissioned its replicas move with their records; stopped it is forgotten, and may come back', async () => {
    const moved = await millrace('decommission', '3')
    assert.match(
      moved.stdout.toString(),
      /broker 3 holds nothing any more; stop it/,
      `${moved.stderr}${cluster.log()}`,
    )
    assert.deepEqual((await partition()).replicas, [2, 4, 1])
    assert.deepEqual(await linesRead(), LINES)
    await cluster.broker(3).stop()
    assert.match((await millrace('status')).stdout.toString(), /3 +\S+ +- +not there +0 +0/)
    const forgotten = await millrace('decommission', '3')
    assert.match(forgotten.stdout.toString(), /and is forgotten/, forgotten.stderr)
    assert.doesNotMatch((await millrace('status')).stdout.toString(), /not there/)
    await cluster.restart(3)
    assert.match((await millrace('status')).stdout.toString(), /3 +\S+ +- +serves +0 +0/)
  })
})
