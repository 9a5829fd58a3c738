// The commands for clusters on a broker that is alone; test/interop/cluster-admin.test.ts has more of them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBroker, type TestBroker } from '../support/broker.js'
import { freePort } from '../support/kafka-server.js'
import { run } from './cli.js'

let broker: TestBroker

before(async () => {
  broker = await startBroker()
  const { code } = await run(['topic', 'create', 'orders', '-p', '3', '--url', broker.websocket])
  assert.equal(code, 0)
})
after(() => broker.stop())

const cluster = (...args: string[]) => run(['cluster', ...args, '--kafka', broker.kafka])

test('status and describe, for a person and as JSON', async () => {
  const told = await cluster('status')
  assert.equal(told.code, 0)
  assert.match(
    told.stdout.toString(),
    /BROKER +ADDRESS +RACK +STATE +LEADS +HOLDS\n1 \(controller\)/,
  )
  assert.match(told.stdout.toString(), /3 partitions: 0 without a leader/)
  const { brokers, partitions } = JSON.parse((await cluster('status', '--json')).stdout.toString())
  assert.deepEqual([brokers[0].leads, brokers[0].holds, partitions], [3, 3, 3])
  const described = JSON.parse((await cluster('describe', 'orders', '--json')).stdout.toString())
  assert.deepEqual(
    described.map((one: { index: number; state: string }) => [one.index, one.state]),
    [
      [0, 'healthy'],
      [1, 'healthy'],
      [2, 'healthy'],
    ],
  )
})

test('a broker that is alone is drained, leads on, and may be so no longer', async () => {
  const drained = await cluster('drain', '1')
  assert.match(
    drained.stdout.toString(),
    /broker 1 is drained: it still leads 3 partitions that nobody/,
  )
  assert.equal(drained.code, 1)
  assert.match((await cluster('status')).stdout.toString(), /drained +3 +3/)
  assert.match((await cluster('drain', '1', '--undo')).stdout.toString(), /may lead again/)
  assert.match((await cluster('status')).stdout.toString(), /serves +3 +3/)
})

test('nothing is on the move, and no election is needed', async () => {
  assert.match((await cluster('reassign')).stdout.toString(), /no replica is on the move/)
  assert.match((await cluster('elect')).stdout.toString(), /no partition needed it/)
  const one = await cluster('elect', '--topic', 'orders', '--partition', '1')
  assert.match(one.stdout.toString(), /orders +1 +ELECTION_NOT_NEEDED/)
  assert.equal(one.code, 0)
})

for (const [args, code, said] of [
  [['describe', 'nothing'], 4, /there is no topic nothing/],
  [['drain', '9'], 4, /there is no broker 9: the cluster has 1/],
  [['drain', 'one'], 2, /whole number/],
  [['decommission', '9'], 4, /there is no broker 9/],
  [
    ['decommission', '1'],
    1,
    /orders-0 has 1 replicas, and without broker 1 no other broker is there/,
  ],
  [['elect', '--topic', 'orders', '--partition', '9'], 4, /orders has no partition 9/],
  [['elect', '--partition', '9'], 2, /--partition needs its --topic/],
  [['elect', '--type', 'fair'], 2, /preferred, unclean/],
  [['reassign', '--topic', 'orders'], 2, /--replicas 1,2,3, or --cancel/],
  [['reassign', '--topic', 'orders', '--partition', '0', '--replicas', '1;2'], 2, /such as 1,2,3/],
  [['reassign', '--topic', 'orders', '--partition', '0', '--replicas', '1,9'], 1, /broker 9/],
  [
    ['reassign', '--topic', 'orders', '--partition', '0', '--cancel'],
    1,
    /NO_REASSIGNMENT_IN_PROGRESS/,
  ],
] as const) {
  test(`cluster ${args.join(' ')}`, async () => {
    const { code: ended, stderr } = await cluster(...args)
    assert.match(stderr, said)
    assert.equal(ended, code)
  })
}

test('an address where nobody is, and one that is none', async () => {
  const nobody = await run(['cluster', 'status', '--kafka', `127.0.0.1:${await freePort()}`])
  assert.equal(nobody.code, 3)
  assert.match(nobody.stderr, /no broker answers at 127/)
  assert.equal((await run(['cluster', 'status', '--kafka', 'nowhere'])).code, 2)
})
