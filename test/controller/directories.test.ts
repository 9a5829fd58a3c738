// Whose data directories are these? Answers that a person can act on, and nothing written before.
import assert from 'node:assert/strict'
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { brokerConfig, ControllerFixture } from './controller-fixture.js'
import { MemoryDirectory } from './memory-directory.js'

let fixture: ControllerFixture
beforeEach(async () => {
  fixture = await ControllerFixture.make(['d1', 'd2'])
})
afterEach(() => fixture.dispose())

const meta = (place: number) => join(fixture.directories[place]?.path ?? '', 'meta.properties')

async function refusal(): Promise<string> {
  const started = await fixture.tryStart()
  assert.equal(started.ok, false)
  return started.ok ? '' : started.failure.message
}

async function startAndStop(): Promise<void> {
  await fixture.start()
  await fixture.store.close()
}

test('a new directory is given the ids of its cluster, its broker and itself', async () => {
  const controller = await fixture.start()
  const lines = readFileSync(meta(0), 'utf8').trim().split('\n')
  assert.ok(lines.includes('version=1'))
  assert.ok(lines.includes(`cluster.id=${controller.clusterId}`))
  assert.ok(lines.includes('node.id=1'))
  assert.ok(lines.includes('millrace.format=1'))
  const idOf = (place: number) =>
    /^directory\.id=(.{22})$/m.exec(readFileSync(meta(place), 'utf8'))?.[1]
  assert.ok(idOf(0))
  assert.notEqual(idOf(0), idOf(1))
})

test('a directory of another broker is refused', async () => {
  await startAndStop()
  fixture.config = { ...brokerConfig, brokerId: 7 }
  assert.match(await refusal(), /holds data of broker 1, and this is broker 7: start with --id 1/)
})

test('a directory of another cluster is refused', async () => {
  await startAndStop()
  const text = readFileSync(meta(1), 'utf8').replace(/cluster\.id=.*/, 'cluster.id=someone-elses')
  writeFileSync(meta(1), text)
  assert.match(await refusal(), /d2 holds data of the cluster someone-elses/)
})

test('a newer format is refused', async () => {
  await startAndStop()
  writeFileSync(meta(1), readFileSync(meta(1), 'utf8').replace('format=1', 'format=2'))
  assert.match(await refusal(), /format 2, and this program knows formats up to 1/)
})

test('a directory of Apache Kafka is left alone', async () => {
  writeFileSync(meta(1), 'version=1\ncluster.id=abc\nnode.id=1\n')
  assert.match(await refusal(), /may belong to Apache Kafka/)
  assert.equal(readdirSync(fixture.directories[0]?.path ?? '').includes('meta.properties'), false)
})

test('a copied directory is refused', async () => {
  await startAndStop()
  copyFileSync(meta(0), meta(1))
  assert.match(await refusal(), /d2 is a copy of .*d1/)
})

test('directories whose metadata is lost are not taken for empty ones', async () => {
  await startAndStop()
  rmSync(join(fixture.directories[0]?.path ?? '', 'metadata.log'))
  assert.match(await refusal(), /its metadata is missing: bring back metadata\.log/)
})

test('partitions of a directory that is missing are offline, and come back with it', async () => {
  await fixture.start()
  await fixture.create('orders', { partitionCount: 2 })
  const [first, second] = fixture.directories
  assert.ok(first && second)
  fixture.directories = [first]
  const without = await fixture.restart()
  const handles = without
    .image()
    .topic('orders')
    ?.partitions.map((p) => p.logHandle)
  assert.equal(handles?.filter((handle) => handle === undefined).length, 1)
  assert.ok(fixture.lines.some(({ message }) => /directory that is not there/.test(message)))
  fixture.directories = [...fixture.directories, new MemoryDirectory(second.path)]
  const whole = await fixture.restart()
  assert.ok(
    whole
      .image()
      .topic('orders')
      ?.partitions.every((p) => p.logHandle !== undefined),
  )
})

test('topic defaults that no topic could have end the start', async () => {
  fixture.config = { ...brokerConfig, topicDefaults: { 'retention.ms': 'soon' } }
  assert.match(
    await refusal(),
    /topic\.defaults: Invalid value soon for configuration retention\.ms/,
  )
})

test('metadata of a newer program is refused with its key', async () => {
  await fixture.start()
  const id = await fixture.create('orders')
  const value = new TextEncoder().encode('{"format":9}')
  await fixture.store.txn([], [{ type: 'put', key: `/topics/${id}`, value }])
  await fixture.store.close()
  assert.match(await refusal(), new RegExp(`/topics/${id} has format 9`))
})
