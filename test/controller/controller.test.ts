// The controller over a real store and real folders: what is stored, what is on disk, what is told.
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { ControllerFixture, newTopic } from './controller-fixture.js'
import type { MemoryDirectory } from './memory-directory.js'

let fixture: ControllerFixture
beforeEach(async () => {
  fixture = await ControllerFixture.make()
})
afterEach(() => fixture.dispose())

const folders = (directory: MemoryDirectory | undefined) =>
  readdirSync(directory?.path ?? '', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
const store = { validateOnly: false }

test('a topic is created: folders with its id, a delta before the answer, the image', async () => {
  const controller = await fixture.start()
  const answered: string[] = []
  controller.onDelta((delta) => answered.push(`delta ${delta.topicsChanged?.[0]?.name}`))
  const id = await fixture.create('orders', { partitionCount: 2 })
  answered.push('answer')
  assert.deepEqual(answered, ['delta orders', 'answer'])
  const topic = controller.image().topic('orders')
  assert.equal(topic?.id, id)
  assert.deepEqual(
    topic?.partitions.map(({ leaderId, leaderEpoch, replicas, inSyncReplicas }) => ({
      leaderId,
      leaderEpoch,
      replicas,
      inSyncReplicas,
    })),
    Array(2).fill({ leaderId: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] }),
  )
  assert.ok(topic?.partitions.every(({ logHandle }) => logHandle !== undefined))
  const metadata = join(fixture.directories[0]?.path ?? '', 'orders-1', 'partition.metadata')
  assert.equal(readFileSync(metadata, 'utf8'), `version: 0\ntopic_id: ${id}`)
})

test('the image of the broker carries its endpoints', async () => {
  const controller = await fixture.start()
  assert.deepEqual(
    [...controller.image().brokers.values()],
    [
      {
        id: 1,
        rack: undefined,
        endpoints: [{ listener: 'KAFKA', host: 'broker.test', port: 9092 }],
        epoch: 1,
        isDraining: false,
        isDrained: false,
        interBroker: undefined,
      },
    ],
  )
  assert.equal(controller.image().controllerId, 1)
})

test('after a restart everything is as it was, with a log for every partition', async () => {
  const first = await fixture.start()
  const { clusterId, identityKey } = first
  const id = await fixture.create('orders', {
    partitionCount: 3,
    configs: [{ name: 'retention.ms', value: '1000' }],
  })
  const second = await fixture.restart()
  assert.equal(second.clusterId, clusterId)
  assert.deepEqual(second.identityKey, identityKey)
  assert.equal(identityKey.length, 32)
  const topic = second.image().topicById(id)
  assert.deepEqual(topic?.configs, { 'retention.ms': '1000' })
  assert.equal(topic?.partitions.filter((p) => p.logHandle !== undefined).length, 3)
  assert.equal(fixture.directories[0]?.logs.get('orders-2')?.config.retentionMs, 1000)
})

test('validate-only makes nothing', async () => {
  const controller = await fixture.start()
  const [checked] = await controller.createTopics([newTopic('maybe')], { validateOnly: true })
  assert.ok(checked?.outcome.ok)
  assert.equal(controller.image().topic('maybe'), undefined)
  assert.deepEqual(folders(fixture.directories[0]), [])
  assert.deepEqual(fixture.deltas, [])
})

test('a full disk refuses the topic and leaves nothing of it', async () => {
  const controller = await fixture.start()
  fixture.directories[0]?.failing.set('orders-1', 'NO_SPACE')
  const [full, fine] = await controller.createTopics(
    [newTopic('orders', { partitionCount: 2 }), newTopic('small')],
    store,
  )
  assert.equal(full?.outcome.ok === false && full.outcome.failure.code, 'STORAGE_FULL')
  assert.ok(fine?.outcome.ok)
  assert.equal(controller.image().topic('orders'), undefined)
  assert.equal(existsSync(join(fixture.directories[0]?.path ?? '', 'orders-0')), false)
  fixture.directories[0]?.failing.clear()
  await fixture.create('orders', { partitionCount: 2 })
})

test('new partitions go to the directory with the fewest', async () => {
  await fixture.dispose()
  fixture = await ControllerFixture.make(['d1', 'd2'])
  await fixture.start()
  const counts = () => fixture.directories.map((directory) => directory.logs.size)
  await fixture.create('a', { partitionCount: 3 })
  assert.deepEqual(counts(), [2, 1])
  await fixture.create('b', { partitionCount: 1 })
  assert.deepEqual(counts(), [2, 2])
  await fixture.controller.deleteTopics([{ name: 'a' }])
  assert.deepEqual(counts(), [0, 1])
  await fixture.restart()
  await fixture.create('c', { partitionCount: 3 })
  assert.deepEqual(counts(), [2, 2])
})

test('a deleted topic is gone from the image, the disk and the store, and its name is free', async () => {
  const controller = await fixture.start()
  const id = await fixture.create('orders')
  const [deleted] = await controller.deleteTopics([{ name: 'orders' }])
  assert.ok(deleted?.ok)
  assert.deepEqual(fixture.deltas.at(-1)?.topicsRemoved, ['orders'])
  assert.equal(controller.image().topic('orders'), undefined)
  assert.equal(existsSync(join(fixture.directories[0]?.path ?? '', 'orders-0')), false)
  const left = await fixture.store.list('/topics/')
  assert.deepEqual(left.ok && left.value, [])
  assert.notEqual(await fixture.create('orders'), id)
  const again = await fixture.restart()
  assert.notEqual(again.image().topic('orders')?.partitions[0]?.logHandle, undefined)
})

test('a deletion that a stop cut off is finished at the next start', async () => {
  const controller = await fixture.start()
  const id = await fixture.create('orders', { partitionCount: 2 })
  const directory = fixture.directories[0]
  assert.ok(directory)
  directory.deletePartition = () => {
    throw new Error('the process ends here')
  }
  await controller.deleteTopics([{ id }])
  assert.equal(existsSync(join(directory.path, 'orders-0')), true)
  const again = await fixture.restart()
  assert.equal(again.image().topic('orders'), undefined)
  assert.equal(existsSync(join(directory.path, 'orders-0')), false)
  const left = await fixture.store.list('/topics/')
  assert.deepEqual(left.ok && left.value, [])
})

test('a folder of no topic is moved aside with its contents, loudly', async () => {
  await fixture.start()
  await fixture.create('orders')
  const path = fixture.directories[0]?.path ?? ''
  mkdirSync(join(path, 'ghost-0'))
  writeFileSync(join(path, 'ghost-0', '00000000000000000000.log'), 'records')
  await fixture.restart()
  const [stray] = readdirSync(path).filter((name) => name.endsWith('-stray'))
  assert.match(stray ?? '', /^ghost-0\.[A-Za-z0-9_]+-stray$/)
  assert.equal(readFileSync(join(path, stray ?? '', '00000000000000000000.log'), 'utf8'), 'records')
  assert.ok(fixture.lines.some(({ level, message }) => level === 'error' && /aside/.test(message)))
})

test("a folder with another topic's id is not opened as this topic's", async () => {
  const controller = await fixture.start()
  await fixture.create('orders')
  await fixture.create('others')
  const path = fixture.directories[0]?.path ?? ''
  rmSync(join(path, 'orders-0'), { recursive: true })
  renameSync(join(path, 'others-0'), join(path, 'orders-0'))
  const again = await fixture.restart()
  assert.equal(again.image().topic('orders')?.partitions[0]?.logHandle, undefined)
  assert.equal(again.image().topic('others')?.partitions[0]?.logHandle, undefined)
  assert.equal(readdirSync(path).filter((name) => name.endsWith('-stray')).length, 1)
  assert.notEqual(controller, again)
})

test('a missing folder leaves its partition offline instead of beginning it anew', async () => {
  await fixture.start()
  await fixture.create('orders', { partitionCount: 2 })
  rmSync(join(fixture.directories[0]?.path ?? '', 'orders-1'), { recursive: true })
  const again = await fixture.restart()
  const [first, second] = again.image().topic('orders')?.partitions ?? []
  assert.notEqual(first?.logHandle, undefined)
  assert.equal(second?.logHandle, undefined)
  assert.ok(fixture.lines.some(({ message }) => /folder of a partition is missing/.test(message)))
})

test('a partition that cannot be opened or is quarantined is offline, the others serve', async () => {
  await fixture.start()
  await fixture.create('orders', { partitionCount: 3 })
  fixture.directories[0]?.quarantined.add('orders-1')
  const again = await fixture.restart()
  const handles = again
    .image()
    .topic('orders')
    ?.partitions.map((p) => p.logHandle !== undefined)
  assert.deepEqual(handles, [true, false, true])
})

test('an unclean stop begins a new leader epoch, a clean one does not', async () => {
  await fixture.start()
  await fixture.create('orders')
  const clean = await fixture.restart({ clean: true })
  assert.equal(clean.image().topic('orders')?.partitions[0]?.leaderEpoch, 0)
  const unclean = await fixture.restart({ clean: false })
  assert.equal(unclean.image().topic('orders')?.partitions[0]?.leaderEpoch, 1)
  assert.equal(fixture.directories[0]?.logs.get('orders-0')?.epoch, 1)
  const after = await fixture.restart({ clean: true })
  assert.equal(after.image().topic('orders')?.partitions[0]?.leaderEpoch, 1)
  await after.deleteTopics([{ name: 'orders' }])
  const left = await fixture.store.list('/partitions/')
  assert.deepEqual(left.ok && left.value, [])
})

test('added partitions appear, and the old ones keep their logs', async () => {
  const controller = await fixture.start()
  await fixture.create('orders')
  const before = controller.image().topic('orders')?.partitions[0]?.logHandle
  const grow = { name: 'orders', count: 3, assignments: null }
  const [grown] = await controller.createPartitions([grow], store)
  assert.ok(grown?.outcome.ok)
  const partitions = controller.image().topic('orders')?.partitions ?? []
  assert.equal(partitions.length, 3)
  assert.equal(partitions[0]?.logHandle, before)
  assert.equal(fixture.directories[0]?.logs.size, 3)
})

test('a growth that fails half way takes its folders back and leaves the old ones', async () => {
  const controller = await fixture.start()
  await fixture.create('orders')
  fixture.directories[0]?.failing.set('orders-2', 'IO_ERROR')
  const grow = { name: 'orders', count: 3, assignments: null }
  const [failed] = await controller.createPartitions([grow], store)
  assert.equal(failed?.outcome.ok, false)
  assert.deepEqual([...(fixture.directories[0]?.logs.keys() ?? [])], ['orders-0'])
  assert.equal(controller.image().topic('orders')?.partitions.length, 1)
})

test('changed configs reach the running log and every thread', async () => {
  const controller = await fixture.start()
  await fixture.create('orders')
  const change = {
    topic: 'orders',
    mode: 'incremental',
    operations: [{ name: 'max.message.bytes', operation: 'set', value: '2000' }],
  } as const
  const [altered] = await controller.alterTopicConfigs([change], store)
  assert.ok(altered?.ok)
  assert.equal(fixture.directories[0]?.logs.get('orders-0')?.config.maxMessageBytes, 2000)
  assert.deepEqual(fixture.deltas.at(-1)?.topicsChanged?.[0]?.configs, {
    'max.message.bytes': '2000',
  })
})

test('many who ask for one missing topic at once get the same topic', async () => {
  const controller = await fixture.start()
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => controller.autoCreateTopics(['wanted', 'not a name'])),
  )
  const ids = answers.map((answer) => {
    const topic = answer.get('wanted')
    return topic?.ok ? topic.value.id : undefined
  })
  assert.equal(new Set(ids).size, 1)
  assert.notEqual(ids[0], undefined)
  const invalid = answers[0]?.get('not a name')
  assert.equal(invalid?.ok === false && invalid.failure.code, 'INVALID_TOPIC')
  assert.equal(fixture.deltas.length, 1)
})

test('producer ids are never given twice, whatever is lost in between', async () => {
  let controller = await fixture.start()
  const given = new Set<number>()
  for (let round = 0; round < 3; round++) {
    const ids = await Promise.all(
      Array.from({ length: 1500 }, () => controller.allocateProducerId()),
    )
    for (const id of ids) {
      assert.ok(id.ok)
      assert.equal(given.has(id.value), false)
      given.add(id.value)
    }
    controller = await fixture.restart()
  }
  assert.equal(given.size, 4500)
})

test('a disk that fails takes its partitions out of the image', async () => {
  await fixture.dispose()
  fixture = await ControllerFixture.make(['d1', 'd2'])
  const controller = await fixture.start()
  await fixture.create('orders', { partitionCount: 2 })
  const second = fixture.directories[1]
  assert.ok(second)
  assert.equal(controller.unhealthy(), undefined)
  second.isOffline = true
  fixture.clock.advance(1000)
  const handles = controller
    .image()
    .topic('orders')
    ?.partitions.map((p) => p.logHandle)
  assert.equal(handles?.filter((handle) => handle === undefined).length, 1)
  assert.match(controller.unhealthy() ?? '', /d2 is offline: EIO/)
  await fixture.create('later', { partitionCount: 2 })
  assert.equal(fixture.directories[0]?.logs.has('later-1'), true)
  const described = controller.logDirectories()
  assert.deepEqual(
    described.map(({ offlineReason }) => offlineReason !== undefined),
    [false, true],
  )
})

test('a disk that fails is told: nobody leads what was on it, until it is back', async () => {
  await fixture.dispose()
  fixture = await ControllerFixture.make(['d1', 'd2'])
  const controller = await fixture.start()
  await fixture.create('orders', { partitionCount: 2 })
  const second = fixture.directories[1]
  assert.ok(second)
  second.isOffline = true
  const leaders = () =>
    fixture.controller
      .image()
      .topic('orders')
      ?.partitions.map(({ leaderId }) => leaderId)
  const changed = new Promise<void>((done) => {
    const stop = controller.onDelta(() => {
      if (!leaders()?.includes(-1)) return
      stop()
      done()
    })
  })
  fixture.clock.advance(1000)
  await changed
  assert.deepEqual(leaders(), [1, -1])
  second.isOffline = false
  await fixture.restart()
  assert.deepEqual(leaders(), [1, 1])
})

test('when the store fails nothing is created any more, and the broker says so', async () => {
  const controller = await fixture.start()
  await fixture.store.close()
  const [failed] = await controller.createTopics([newTopic('orders')], store)
  assert.equal(failed?.outcome.ok === false && failed.outcome.failure.code, 'CLOSED')
  assert.equal(existsSync(join(fixture.directories[0]?.path ?? '', 'orders-0')), false)
  assert.equal(controller.image().topic('orders'), undefined)
  assert.match(controller.unhealthy() ?? '', /metadata store is closed/)
})

test('1,000 partitions are found again', async () => {
  await fixture.start()
  await fixture.create('many', { partitionCount: 1000 })
  const again = await fixture.restart()
  const open = again
    .image()
    .topic('many')
    ?.partitions.filter((p) => p.logHandle !== undefined)
  assert.equal(open?.length, 1000)
})
