// What three brokers must do whichever coordination service they stand on. Stock clients, real kills: what was
// acknowledged is there, once and in order, and in the end every replica has the same bytes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { startBroker, temporaryDirectory } from '../support/broker.js'
import { type ClusterStore, TestCluster } from '../support/cluster.js'
import { runOrFail, start } from '../support/processes.js'
import { kafkaJs } from './kafkajs.js'

let cluster: TestCluster

async function admin<T>(act: (admin: Admin) => Promise<T>): Promise<T> {
  const client = kafkaJs(cluster.bootstrap).admin()
  await client.connect()
  try {
    return await act(client)
  } finally {
    await client.disconnect()
  }
}

async function createTopic(topic: string, numPartitions = 1): Promise<void> {
  const configEntries = [{ name: 'min.insync.replicas', value: '2' }]
  const topics = [{ topic, numPartitions, replicationFactor: 3, configEntries }]
  await admin((client) => client.createTopics({ topics, waitForLeaders: true }))
}

interface PartitionView {
  readonly leader: number
  readonly isr: readonly number[]
}

async function partitionOf(topic: string): Promise<PartitionView> {
  const { topics } = await admin((client) => client.fetchTopicMetadata({ topics: [topic] }))
  const [partition] = topics[0]?.partitions ?? []
  assert.ok(partition)
  return partition
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 60_000
  while (!(await holds().catch(() => false))) {
    assert.ok(performance.now() < deadlineMs, `${what} did not happen\n${cluster.log()}`)
    await pause(50)
  }
}

const allInSync = (topic: string) =>
  until('all in sync', async () => (await partitionOf(topic)).isr.length === 3)

/** Lines through an idempotent kcat while `disturb` runs; resolves when all are acknowledged. */
async function writeThrough(
  topic: string,
  lines: readonly string[],
  disturb: () => Promise<void>,
): Promise<void> {
  const kcat = start(
    'kcat',
    ['-b', cluster.bootstrap, '-P', '-t', topic, '-X', 'enable.idempotence=true', '-X', 'acks=all'],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  )
  let problems = ''
  kcat.stderr?.on('data', (chunk: Buffer) => {
    problems += chunk.toString()
  })
  const ended = once(kcat, 'exit')
  let disturbed = false
  const disturbance = disturb().finally(() => {
    disturbed = true
  })
  // Not all at once, so that there is always something on its way.
  for (let at = 0; at < lines.length; at += 100) {
    kcat.stdin?.write(`${lines.slice(at, at + 100).join('\n')}\n`)
    await pause(disturbed ? 0 : 20)
  }
  await disturbance
  kcat.stdin?.end()
  const [code] = await ended
  assert.equal(code, 0, problems)
}

async function linesOf(topic: string): Promise<string[]> {
  const args = ['-b', cluster.bootstrap, '-C', '-t', topic, '-o', 'beginning', '-e', '-q']
  const { stdout } = await runOrFail('kcat', args)
  return stdout.toString().split('\n').slice(0, -1)
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index}`)

export function clusterSuite(startStore: () => Promise<ClusterStore>): void {
  before(async () => {
    cluster = await TestCluster.start({ store: await startStore() })
  })
  after(() => cluster.stop())
  test('three brokers know each other and one controller', async () => {
    const seen = await Promise.all(
      [...cluster.brokers.values()].map(async ({ kafka }) => {
        const client = kafkaJs(kafka).admin()
        await client.connect()
        const { brokers, controller, clusterId } = await client.describeCluster()
        await client.disconnect()
        return { ids: brokers.map(({ nodeId }) => nodeId).sort(), controller, clusterId }
      }),
    )
    assert.deepEqual(seen[0]?.ids, [1, 2, 3])
    assert.deepEqual(seen[1], seen[0])
    assert.deepEqual(seen[2], seen[0])
  })

  test('kill -9 of each leader in turn loses, doubles and reorders nothing', async () => {
    await createTopic('kills')
    const lines = numbered(20_000)
    await writeThrough('kills', lines, async () => {
      for (let kill = 0; kill < 3; kill++) {
        await allInSync('kills')
        const { leader } = await partitionOf('kills')
        await cluster.crash(leader)
        await cluster.restart(leader)
      }
    })
    assert.deepEqual(await linesOf('kills'), lines)
    await allInSync('kills')
  })

  test('a clean stop hands over, and the broker comes back into the in-sync set', async () => {
    await createTopic('handover')
    await allInSync('handover')
    const lines = numbered(5_000)
    const { leader } = await partitionOf('handover')
    await writeThrough('handover', lines, async () => {
      assert.equal(await cluster.broker(leader).stop(), 0)
      await until('another leader', async () => (await partitionOf('handover')).leader !== leader)
      await cluster.restart(leader)
    })
    assert.deepEqual(await linesOf('handover'), lines)
    await allInSync('handover')
  })

  test('without the store partitions go on being written, and elections come back with it', async () => {
    await createTopic('storeless')
    await allInSync('storeless')
    const lines = numbered(5_000)
    await cluster.store.crash()
    await writeThrough('storeless', lines, () => pause(4_000))
    await cluster.store.start()
    const { leader } = await partitionOf('storeless')
    await cluster.crash(leader)
    await until('another leader', async () => (await partitionOf('storeless')).leader !== leader)
    await cluster.restart(leader)
    assert.deepEqual(await linesOf('storeless'), lines)
    await allInSync('storeless')
  })

  test('with too few in sync nothing is acknowledged, and what was is read all the same', async () => {
    await createTopic('minimum')
    const lines = numbered(100)
    await writeThrough('minimum', lines, async () => {})
    await allInSync('minimum')
    const { leader } = await partitionOf('minimum')
    const others = [1, 2, 3].filter((id) => id !== leader)
    for (const id of others) await cluster.crash(id)
    await until('the leader is alone', async () => {
      const client = kafkaJs(cluster.broker(leader).kafka).admin()
      await client.connect()
      const { topics } = await client.fetchTopicMetadata({ topics: ['minimum'] })
      await client.disconnect()
      return topics[0]?.partitions[0]?.isr.length === 1
    })
    const producer = kafkaJs(cluster.broker(leader).kafka).producer({ retry: { retries: 0 } })
    await producer.connect()
    await assert.rejects(
      producer.send({ topic: 'minimum', acks: -1, messages: [{ value: 'too few' }] }),
      /in-sync replicas/,
    )
    await producer.disconnect()
    for (const id of others) await cluster.restart(id)
    await allInSync('minimum')
    assert.deepEqual(await linesOf('minimum'), lines)
  })

  describe('a broker that does not belong', () => {
    test('has the id of another one', async () => {
      const flags = cluster.flagsOf(1)
      await assert.rejects(startBroker({ flags }), /another broker at .* serves as broker 1/)
    })

    test('brings the data of another one', async () => {
      await cluster.broker(3).stop()
      const { dataDirectory } = cluster.broker(3)
      await assert.rejects(
        startBroker({ flags: cluster.flagsOf(4), dataDirectory }),
        /holds data of broker 3, and this is broker 4/,
      )
      await cluster.restart(3)
    })

    test('finds no store', async () => {
      const [scheme] = cluster.store.url.split(':')
      const flags = ['--store', `${scheme}://127.0.0.1:1/millrace`]
      await assert.rejects(
        startBroker({ flags, dataDirectory: temporaryDirectory() }),
        /127.0.0.1:1/,
      )
    })
  })

  test('in the end every replica of every partition has the same bytes', async () => {
    for (const topic of ['kills', 'handover', 'storeless', 'minimum']) await allInSync(topic)
    await cluster.stop()
    for (const topic of ['kills', 'handover', 'storeless', 'minimum']) {
      const [first, ...others] = cluster.logsOf(`${topic}-0`)
      assert.ok(first && first.length > 0)
      for (const other of others) assert.ok(other.equals(first), `${topic}: replicas differ`)
    }
  })
}
