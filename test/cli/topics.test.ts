import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startBroker, type TestBroker } from '../support/broker.js'
import { run } from './cli.js'

let broker: TestBroker

before(async () => {
  broker = await startBroker({ flags: ['--auto-create-topics', 'false'] })
})

after(() => broker.stop())

function topic(...args: string[]) {
  return run(['topic', ...args, '--url', broker.websocket])
}

async function json(...args: string[]) {
  const { code, stdout, stderr } = await topic(...args, '--json')
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout.toString())
}

test('create, list, describe, delete, as JSON', async () => {
  const created = await json('create', 'orders', '-p', '2', '-c', 'retention.ms=1000')
  assert.equal(created.name, 'orders')
  assert.equal(created.partitions.length, 2)
  assert.deepEqual(
    (await json('list')).map(({ name }: { name: string }) => name),
    ['orders'],
  )
  const described = await json('describe', 'orders')
  assert.deepEqual(described.configs, { 'retention.ms': '1000' })
  assert.deepEqual(
    described.partitions.map(({ endOffset }: { endOffset: number }) => endOffset),
    [0, 0],
  )
  assert.deepEqual(await json('delete', 'orders'), { deleted: 'orders' })
  assert.deepEqual(await json('list'), [])
})

test('for a person', async () => {
  assert.match((await topic('create', 'people', '-p', '3')).stdout.toString(), /people has 3/)
  assert.match((await topic('list')).stdout.toString(), /TOPIC +PARTITIONS +ID\npeople +3 /)
  assert.match((await topic('describe', 'people')).stdout.toString(), /PARTITION +LEADER +EPOCH/)
})

test('one that is there already', async () => {
  await topic('create', 'twice')
  const again = await topic('create', 'twice')
  assert.equal(again.code, 1)
  assert.match(again.stderr, /twice/)
  assert.equal((await topic('create', 'twice', '--if-not-exists')).code, 0)
})

test('a name, a count or a config that cannot be', async () => {
  for (const [args, said] of [
    [['create', 'no/slash'], /no\/slash/],
    [['create', 'wrong', '-c', 'retention.mss=1'], /retention\.mss/],
    [['create', 'wrong', '-c', 'retention.ms=soon'], /retention\.ms/],
  ] as const) {
    const { code, stderr } = await topic(...args)
    assert.equal(code, 1)
    assert.match(stderr, said)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
  }
})

for (const args of [
  ['topic', 'describe', 'nowhere'],
  ['topic', 'delete', 'nowhere'],
  ['consume', 'nowhere'],
  ['produce', 'nowhere'],
]) {
  test(`an unknown topic: ${args.join(' ')}`, async () => {
    const { code, stderr } = await run([...args, '--url', broker.websocket], { input: 'x\n' })
    assert.equal(code, 4, stderr)
    assert.match(stderr, /nowhere/)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
  })
}
