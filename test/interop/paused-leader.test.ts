// A leader that was stopped for longer than its session and goes on: it believes what it believed before, and
// the records of clients wait in its sockets. Somebody else leads by then.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import kafkajs from 'kafkajs'
import { etcdStore, TestCluster } from '../support/cluster.js'
import { runOrFail } from '../support/processes.js'
import { kafkaJs } from './kafkajs.js'

const topic = 'paused'
let cluster: TestCluster

before(async () => {
  cluster = await TestCluster.start({ store: await etcdStore() })
})
after(() => cluster.stop())

// Of that broker alone: the client must not wait for the one that sleeps.
async function leaderSeenBy(broker: number): Promise<number> {
  const address = cluster.broker(broker).kafka
  const { stdout } = await runOrFail('kcat', ['-b', address, '-L', '-J', '-t', topic])
  const { topics } = JSON.parse(stdout.toString()) as Listing
  return topics[0]?.partitions[0]?.leader ?? -1
}

interface Listing {
  readonly topics: readonly { readonly partitions: readonly { readonly leader: number }[] }[]
}

test('a leader that slept through its session acknowledges nothing when it wakes, with acks=1 neither', async () => {
  const admin = kafkaJs(cluster.bootstrap).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 3 }] })
  await admin.disconnect()
  const leader = await leaderSeenBy(1)
  const other = leader === 1 ? 2 : 1
  const producer = kafkaJs(cluster.broker(leader).kafka).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { retries: 0 },
  })
  await producer.connect()
  const send = (value: string) =>
    producer.send({ topic, acks: 1, messages: [{ partition: 0, value }] })
  await send('before')
  process.kill(cluster.broker(leader).pid, 'SIGSTOP')
  const late = send('while it slept')
  const refused = assert.rejects(late, /not the leader/)
  while ((await leaderSeenBy(other)) === leader);
  process.kill(cluster.broker(leader).pid, 'SIGCONT')
  await refused
  await producer.disconnect()
})
