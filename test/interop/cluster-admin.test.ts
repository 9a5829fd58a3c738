// Kafka's own tools on four brokers: where a topic stands is chosen, changed and brought back, with the records.
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { run } from '../cli/cli.js'
import { temporaryDirectory } from '../support/broker.js'
import { etcdStore, TestCluster } from '../support/cluster.js'
import { type KafkaTool, runKafkaTool } from '../support/kafka-server.js'
import { runOrFail } from '../support/processes.js'

const TOPIC = 'moved'
const LINES = Array.from({ length: 5000 }, (_, index) => `line ${index}`)

let cluster: TestCluster

async function tool(name: KafkaTool, ...args: string[]): Promise<string> {
  const all = ['--bootstrap-server', cluster.bootstrap, ...args]
  const { code, stdout, stderr } = await runKafkaTool(name, all)
  assert.equal(code, 0, `${name} ${args.join(' ')}: ${stdout}\n${stderr}\n${cluster.log()}`)
  return stdout.toString()
}

function planFile(replicas: readonly number[]): string {
  const path = join(temporaryDirectory(), 'plan.json')
  const partitions = [{ topic: TOPIC, partition: 0, replicas }]
  writeFileSync(path, JSON.stringify({ version: 1, partitions }))
  return path
}

const reassign = (path: string, ...args: string[]) =>
  tool('reassign-partitions', '--reassignment-json-file', path, ...args)

const describeTopic = () => tool('topics', '--describe', '--topic', TOPIC)

async function described(pattern: RegExp): Promise<void> {
  const deadlineMs = performance.now() + 60_000
  for (let last = await describeTopic(); !pattern.test(last); last = await describeTopic()) {
    assert.ok(performance.now() < deadlineMs, `${pattern} was not seen: ${last}\n${cluster.log()}`)
    await pause(100)
  }
}

async function linesRead(): Promise<string[]> {
  const args = ['-b', cluster.bootstrap, '-C', '-t', TOPIC, '-o', 'beginning', '-e', '-q']
  const { stdout } = await runOrFail('kcat', args)
  return stdout.toString().split('\n').slice(0, -1)
}

const folderOn = (id: number) => join(cluster.broker(id).dataDirectory, `${TOPIC}-0`)

describe("Kafka's tools on a cluster", () => {
  before(async () => {
    cluster = await TestCluster.start({ store: await etcdStore(), brokers: 4 })
  })
  after(() => cluster.stop())

  test('kafka-topics creates a topic where it is told to', async () => {
    await tool('topics', '--create', '--topic', TOPIC, '--replica-assignment', '2:3:1')
    await described(/Leader: 2\s+Replicas: 2,3,1\s+Isr: 2,3,1/)
    await runOrFail('kcat', ['-b', cluster.bootstrap, '-P', '-t', TOPIC, '-X', 'acks=all'], {
      input: `${LINES.join('\n')}\n`,
    })
  })

  test('kafka-reassign-partitions moves it with its records, and the old folder goes', async () => {
    const plan = planFile([4, 1, 2])
    assert.match(await reassign(plan, '--execute'), /Successfully started partition reassignment/)
    await described(/Replicas: 4,1,2\s+Isr: (?=.*4)(?=.*1)(?=.*2)[124,]{5}\s/)
    assert.match(await reassign(plan, '--verify'), /Reassignment of partition moved-0 is completed/)
    assert.match(await tool('reassign-partitions', '--list'), /No partition reassignments found/)
    assert.deepEqual(await linesRead(), LINES)
    const deadlineMs = performance.now() + 30_000
    while (existsSync(folderOn(3))) {
      assert.ok(performance.now() < deadlineMs, 'the replica that went is still there')
      await pause(50)
    }
    assert.ok(existsSync(folderOn(4)))
  })

  test('kafka-leader-election has the preferred replica lead, and says when it does already', async () => {
    const args = ['--topic', TOPIC, '--partition', '0', '--election-type', 'preferred']
    await described(/Leader: 2\s/)
    assert.match(await tool('leader-election', ...args), /Successfully completed leader election/)
    await described(/Leader: 4\s/)
    assert.match(await tool('leader-election', ...args), /Valid replica already elected/)
    assert.deepEqual(await linesRead(), LINES)
  })

  test('a reassignment to a broker that does not exist is refused by name', async () => {
    const { stdout } = await runKafkaTool('reassign-partitions', [
      '--bootstrap-server',
      cluster.bootstrap,
      '--reassignment-json-file',
      planFile([4, 1, 9]),
      '--execute',
    ])
    assert.match(stdout.toString(), /Unknown broker id 9|no such broker is registered/)
    await described(/Replicas: 4,1,2\s/)
  })

  test('kafka-log-dirs tells the replicas of every broker', async () => {
    const told = await tool('log-dirs', '--describe', '--topic-list', TOPIC)
    const { brokers } = JSON.parse(told.slice(told.indexOf('{'))) as {
      brokers: { broker: number; logDirs: { partitions: { partition: string }[] }[] }[]
    }
    const holders = brokers.filter(({ logDirs }) => logDirs.some((d) => d.partitions.length > 0))
    assert.deepEqual(holders.map(({ broker }) => broker).sort(), [1, 2, 4])
  })

  test('millrace cluster moves a replica, and says who is missing and why', async () => {
    const at = ['--kafka', cluster.broker(1).kafka]
    const where = ['--topic', TOPIC, '--partition', '0']
    const moved = await run(['cluster', 'reassign', ...where, '--replicas', '3,4,1', ...at])
    assert.equal(moved.code, 0, moved.stderr)
    await described(/Replicas: 3,4,1\s+Isr: (?=.*3)(?=.*4)(?=.*1)[134,]{5}\s/)
    assert.equal((await run(['cluster', 'status', ...at])).code, 0)
    await cluster.crash(3)
    await described(/Isr: (4,1|1,4)\s/)
    const status = await run(['cluster', 'status', ...at])
    assert.equal(status.code, 1)
    assert.match(status.stdout.toString(), /1 with a replica out of sync/)
    const told = await run(['cluster', 'describe', TOPIC, ...at])
    assert.match(told.stdout.toString(), /under-replicated: broker 3 is (shut out|not there)/)
    assert.deepEqual(await linesRead(), LINES)
    await cluster.restart(3)
    await described(/Isr: (?=.*3)(?=.*4)(?=.*1)[134,]{5}\s/)
    const elected = await run(['cluster', 'elect', ...where, ...at])
    assert.match(elected.stdout.toString(), /moved +0 +elected/)
    await described(/Leader: 3\s/)
  })
})
