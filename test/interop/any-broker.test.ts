// A WebSocket client knows one broker, and reaches every partition through it, whoever leads; also while leaders die.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { type Client, connect } from '../../src/client/index.js'
import { etcdStore, TestCluster } from '../support/cluster.js'
import { LoadBalancer } from '../support/load-balancer.js'
import { runOrFail } from '../support/processes.js'
import { kafkaJs } from './kafkajs.js'

const PARTITIONS = 6
const text = (value: Uint8Array | null) => new TextDecoder().decode(value ?? new Uint8Array())

let cluster: TestCluster

async function create(topic: string, replicationFactor: number): Promise<void> {
  const admin = kafkaJs(cluster.bootstrap).admin()
  await admin.connect()
  await admin.createTopics({
    topics: [{ topic, numPartitions: PARTITIONS, replicationFactor }],
    waitForLeaders: true,
  })
  await admin.disconnect()
}

async function throughBroker(id: number): Promise<Client> {
  return connect(cluster.broker(id).websocket)
}

async function leaders(client: Client, topic: string): Promise<number[]> {
  const { partitions } = await client.topics.describe(topic)
  return partitions.map(({ leader }) => leader)
}

/** By partition, in the order of offsets. */
async function linesRead(client: Client, topic: string): Promise<string[][]> {
  const lines: string[][] = Array.from({ length: PARTITIONS }, () => [])
  const next = new Array<number>(PARTITIONS).fill(0)
  const reader = await client.reader(topic, { from: 'earliest', until: 'end' })
  for await (const { partition, offset, value } of reader) {
    assert.equal(offset, next[partition], `an offset of partition ${partition}`)
    next[partition] = offset + 1
    lines[partition]?.push(text(value))
  }
  return lines
}

const expected = (each: number) =>
  Array.from({ length: PARTITIONS }, (_, partition) =>
    Array.from({ length: each }, (_, line) => `${partition}: ${line}`),
  )

describe('through any broker', () => {
  before(async () => {
    cluster = await TestCluster.start({ store: await etcdStore() })
  })
  after(() => cluster.stop())

  for (const durability of ['all', 'leader', 'none'] as const) {
    test(`records go to every leader and come from every leader, durability ${durability}`, async () => {
      const topic = `everywhere-${durability}`
      await create(topic, 1)
      const writing = await throughBroker(1)
      assert.deepEqual([...new Set(await leaders(writing, topic))].sort(), [1, 2, 3])
      const producer = await writing.producer(topic, { durability })
      const sent: Promise<{ offset: number | undefined }>[] = []
      for (let line = 0; line < 2000; line++) {
        for (let partition = 0; partition < PARTITIONS; partition++) {
          await producer.ready()
          sent.push(producer.send({ partition, value: `${partition}: ${line}` }))
        }
      }
      const offsets = (await Promise.all(sent)).map(({ offset }) => offset)
      assert.deepEqual(offsets.slice(-PARTITIONS), new Array(PARTITIONS).fill(1999))
      await writing.close()
      for (const id of [2, 3]) {
        const reading = await throughBroker(id)
        assert.deepEqual(await linesRead(reading, topic), expected(2000))
        await reading.close()
      }
      const args = ['-b', cluster.bootstrap, '-C', '-t', topic, '-o', 'beginning', '-e', '-q']
      const { stdout } = await runOrFail('kcat', args)
      assert.equal(stdout.toString().split('\n').length - 1, 2000 * PARTITIONS)
    })
  }

  test('a client that wants to go to the leader itself is told where it is', async () => {
    await create('direct', 1)
    const client = await throughBroker(1)
    for (const { leader, leaderUrl } of (await client.topics.describe('direct')).partitions) {
      assert.equal(leaderUrl, cluster.broker(leader).websocket)
    }
    await client.close()
  })

  test('a reader waits at every leader, and is told at once', async () => {
    await create('awaited', 1)
    const [writing, reading] = [await throughBroker(2), await throughBroker(1)]
    const producer = await writing.producer('awaited')
    const records = (await reading.reader('awaited', { from: 'latest' }))[Symbol.asyncIterator]()
    for (let line = 0; line < 60; line++) {
      const partition = line % PARTITIONS
      await producer.send({ partition, value: `${line}` })
      const { value: record } = await records.next()
      assert.ok(record)
      assert.deepEqual([text(record.value), record.partition], [`${line}`, partition])
      if (line % 10 === 0) await pause(700) // longer than a Fetch waits at a leader
    }
    await Promise.all([writing.close(), reading.close()])
  })

  test('behind a load balancer each connection is another broker, and each record is stored once', async () => {
    await create('balanced', 3)
    const balancer = await LoadBalancer.start([1, 2, 3].map((id) => cluster.broker(id).websocket))
    const client = await connect(balancer.url, { reconnectMinMs: 1, reconnectMaxMs: 20 })
    const producer = await client.producer('balanced', { durability: 'all' })
    const sent: Promise<unknown>[] = []
    for (let line = 0; line < 1500; line++) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        await producer.ready()
        sent.push(producer.send({ partition, value: `${partition}: ${line}` }))
      }
      if (line % 100 === 99) balancer.cut()
      await pause(1)
    }
    await Promise.all(sent)
    assert.ok(balancer.connections > 10, `${balancer.connections} connections`)
    await client.close()
    await balancer.stop()
    const reading = await throughBroker(3)
    assert.deepEqual(await linesRead(reading, 'balanced'), expected(1500))
    await reading.close()
  })

  test('leaders die and come back, and nothing that was acknowledged is lost, twice there or out of order', async () => {
    await create('killed', 3)
    const writing = await throughBroker(1)
    const producer = await writing.producer('killed', { durability: 'all' })
    const reading = await throughBroker(1)
    const reader = await reading.reader('killed', { from: 'earliest' })
    const live: string[][] = Array.from({ length: PARTITIONS }, () => [])
    let isOver = false
    const read = (async () => {
      for await (const { partition, value } of reader) {
        live[partition]?.push(text(value))
        if (isOver && live.every(({ length }) => length === lines)) return
      }
    })()
    const sent: Promise<unknown>[] = []
    let lines = 0
    const load = (async () => {
      for (; !isOver; lines++) {
        for (let partition = 0; partition < PARTITIONS; partition++) {
          await producer.ready()
          sent.push(producer.send({ partition, value: `${partition}: ${lines}` }))
        }
        await pause(1)
      }
    })()
    for (const id of [2, 3]) {
      await pause(500)
      await cluster.crash(id)
      await pause(2000)
      await cluster.restart(id)
      await pause(1000)
    }
    isOver = true
    await load
    await Promise.all(sent)
    await producer.send({ partition: 0, value: 'end' })
    const all = await linesRead(reading, 'killed')
    assert.equal(all[0]?.pop(), 'end')
    assert.deepEqual(all, expected(lines))
    await read
    live[0] = live[0]?.slice(0, lines) ?? []
    assert.deepEqual(live, expected(lines))
    await Promise.all([writing.close(), reading.close()])
  })
})
