// The controller over the real log: what lies on disk after a create, a clean stop and a start.
import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { systemClock } from '../../src/base/clock.js'
import { silentLogger } from '../../src/base/logger.js'
import { systemRandom } from '../../src/base/random.js'
import type { ControlNode } from '../../src/controller/control-node.js'
import { startControlNode } from '../../src/controller/start.js'
import { openDirectory } from '../../src/log/log.js'
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js'
import { brokerConfig, newTopic } from './controller-fixture.js'

let path: string
let stop: () => Promise<void> = async () => {}

beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'millrace-native-'))
})
afterEach(async () => {
  await stop()
  await rm(path, { recursive: true, force: true })
})

async function start(): Promise<ControlNode> {
  const log = openDirectory(path, { flush: 'os', flushIntervalMs: 1000, writeMode: 'mmap' })
  const store = await openEmbeddedStore({ path: join(path, 'metadata.log') })
  assert.ok(store.ok)
  const started = await startControlNode({
    config: brokerConfig,
    store: store.value,
    directories: [{ path, log }],
    incarnation: 'this-process',
    endpoints: [],
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  })
  assert.ok(started.ok, started.ok ? '' : started.failure.message)
  stop = async () => {
    stop = async () => {}
    await started.value.close()
    await store.value.close()
    await log.close()
  }
  return started.value
}

const store = { validateOnly: false }

test('partitions come back after a clean stop, in their epoch, and can be deleted', async () => {
  const first = await start()
  await first.createTopics([newTopic('orders', { partitionCount: 3 })], store)
  assert.ok(existsSync(join(path, 'orders-2', 'partition.metadata')))
  await stop()
  const second = await start()
  const partitions = second.image().topic('orders')?.partitions ?? []
  assert.deepEqual(
    partitions.map(({ leaderEpoch, logHandle }) => [leaderEpoch, logHandle !== undefined]),
    [
      [0, true],
      [0, true],
      [0, true],
    ],
  )
  const [deleted] = await second.deleteTopics([{ name: 'orders' }])
  assert.ok(deleted?.ok)
  assert.equal(existsSync(join(path, 'orders-0')), false)
  const [again] = await second.createTopics([newTopic('orders')], store)
  assert.ok(again?.outcome.ok)
})

test('1,000 partitions are opened again after a clean stop', async () => {
  const first = await start()
  await first.createTopics([newTopic('many', { partitionCount: 1000 })], store)
  await stop()
  const second = await start()
  const open = second
    .image()
    .topic('many')
    ?.partitions.filter((p) => p.logHandle !== undefined)
  assert.equal(open?.length, 1000)
  assert.equal(readdirSync(path).filter((name) => name.endsWith('-stray')).length, 0)
})
