// Consumers that say in which rack they are read from the replica there (KIP-392).
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { KafkaWire } from '../../src/cli/kafka-wire.js'
import { codecFor } from '../../src/protocol/codec.js'
import { fetch } from '../../src/protocol/messages/fetch.js'
import { readRecords } from '../../src/protocol/records/read-records.js'
import { etcdStore, TestCluster } from '../support/cluster.js'
import { runKafkaTool } from '../support/kafka-server.js'
import { runOrFail, runToEnd } from '../support/processes.js'

const TOPIC = 'near'
const LINES = Array.from({ length: 3000 }, (_, index) => `line ${index}`)
const LEADER = 1
const NEAR = 2

let cluster: TestCluster

async function fetched(
  broker: number,
  options: { rackId: string; offset: number; maxWaitMs?: number },
) {
  const wire = await KafkaWire.open(cluster.broker(broker).kafka)
  const answer = await wire.request(codecFor(fetch, 12), {
    maxWaitMs: options.maxWaitMs ?? 2000,
    minBytes: 1,
    rackId: options.rackId,
    topics: [
      {
        topic: TOPIC,
        partitions: [{ partition: 0, fetchOffset: options.offset, partitionMaxBytes: 1 << 20 }],
      },
    ],
  })
  wire.close()
  const partition = answer.responses[0]?.partitions[0]
  assert.ok(partition)
  const bytes = Buffer.concat(partition.records ?? [])
  return { ...partition, bytes }
}

function firstLine(bytes: Uint8Array): string {
  for (const { value } of readRecords(bytes, { crc32c: 'unchecked' })) {
    return new TextDecoder().decode(value ?? new Uint8Array())
  }
  return ''
}

const produce = (lines: readonly string[]) =>
  runOrFail('kcat', ['-b', cluster.bootstrap, '-P', '-t', TOPIC, '-X', 'acks=all'], {
    input: `${lines.join('\n')}\n`,
  })

describe('the replica in the consumer’s rack', () => {
  before(async () => {
    cluster = await TestCluster.start({ store: await etcdStore(), hasRacks: true })
    const create = ['--create', '--topic', TOPIC, '--replica-assignment', '1:2:3']
    const args = ['--bootstrap-server', cluster.bootstrap, ...create]
    const { code, stderr } = await runKafkaTool('topics', args)
    assert.equal(code, 0, stderr)
    await produce(LINES)
  })
  after(() => cluster.stop())

  test('is named by the leader, and serves what is committed', async () => {
    const told = await fetched(LEADER, { rackId: 'r2', offset: 0 })
    assert.deepEqual([told.errorCode, told.preferredReadReplica, told.bytes.length], [0, NEAR, 0])
    const read = await fetched(NEAR, { rackId: 'r2', offset: 0 })
    assert.deepEqual([read.errorCode, read.preferredReadReplica], [0, -1])
    assert.equal(firstLine(read.bytes), LINES[0])
  })

  test('is not named to who is in the rack of the leader, in none, or in one without a replica', async () => {
    for (const rackId of ['r1', '', 'r9']) {
      const { preferredReadReplica, bytes } = await fetched(LEADER, { rackId, offset: 0 })
      assert.equal(preferredReadReplica, -1, rackId)
      assert.equal(firstLine(bytes), LINES[0])
    }
  })

  test('is waited at: what is committed later comes from there', async () => {
    const waiting = fetched(NEAR, { rackId: 'r2', offset: LINES.length, maxWaitMs: 30_000 })
    await pause(200)
    await produce(['later'])
    assert.equal(firstLine((await waiting).bytes), 'later')
  })

  test('does not have what lies beyond its log, and says so', async () => {
    const { errorCode } = await fetched(NEAR, { rackId: 'r2', offset: 1_000_000 })
    assert.equal(errorCode, 1) // OFFSET_OUT_OF_RANGE: the client goes back to the leader
  })

  test('is what librdkafka and the Java consumer read from', async () => {
    // The leader gives them nothing: see above.
    const near = ['-X', 'client.rack=r2', '-q']
    const from = [
      '-b',
      cluster.broker(LEADER).kafka,
      '-C',
      '-t',
      TOPIC,
      '-o',
      'beginning',
      '-e',
      '-q',
    ]
    const { code, stdout, stderr } = await runToEnd('kcat', [...from, ...near])
    assert.equal(code, 0, stderr)
    assert.deepEqual(stdout.toString().split('\n').slice(0, -1), [...LINES, 'later'])
    const java = await runKafkaTool('console-consumer', [
      ...['--bootstrap-server', cluster.bootstrap, '--topic', TOPIC, '--partition', '0'],
      ...['--offset', 'earliest', '--max-messages', String(LINES.length + 1)],
      ...['--command-property', 'client.rack=r2', '--timeout-ms', '20000'],
    ])
    assert.equal(java.code, 0, java.stderr)
    assert.deepEqual(java.stdout.toString().split('\n').slice(0, -1), [...LINES, 'later'])
  })

  test('is left when it is gone', async () => {
    await cluster.crash(NEAR)
    const deadlineMs = performance.now() + 10_000
    for (;;) {
      const { preferredReadReplica, bytes } = await fetched(LEADER, { rackId: 'r2', offset: 0 })
      if (preferredReadReplica === -1) {
        assert.equal(firstLine(bytes), LINES[0])
        break
      }
      assert.ok(performance.now() < deadlineMs, 'a dead replica is still named')
    }
  })
})
