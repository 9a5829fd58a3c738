import assert from 'node:assert/strict'
import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { attachDirectory, openDirectory } from '../../src/log/log.js'
import { batchOfSize, testDirectoryOptions, testLogConfig } from './batches.js'
import { openTemporary, temporaryFolder } from './temporary-log.js'

test('a directory can be opened once; the second says that it is locked', (t) => {
  const folder = temporaryFolder(t)
  openTemporary(t, {}, folder)
  assert.throws(() => openDirectory(folder, testDirectoryOptions), {
    name: 'LogError',
    code: 'LOCKED',
    path: folder,
  })
})

test('no permission is said so', { skip: process.getuid?.() === 0 }, (t) => {
  const folder = join(temporaryFolder(t), 'closed')
  mkdirSync(folder)
  chmodSync(folder, 0o500)
  assert.throws(() => openDirectory(join(folder, 'data'), testDirectoryOptions), {
    code: 'PERMISSION',
  })
})

test('after close the folder can be opened again, and the old object answers as closed', async (t) => {
  const folder = temporaryFolder(t)
  const first = openTemporary(t, {}, folder)
  await Promise.all([first.close(), first.close()])
  assert.equal(first.offline(), true)
  assert.throws(() => first.partitionNames(), { code: 'CLOSED' })
  assert.throws(() => attachDirectory(first.handle), { code: 'CLOSED' })
  assert.equal(openTemporary(t, {}, folder).wasClean, true)
})

test('statistics count what was appended', (t) => {
  const directory = openTemporary(t)
  const log = directory.openPartition('orders-0', testLogConfig)
  const batch = batchOfSize(100)
  log.append(batch)
  log.append(batch)
  const statistics = directory.statistics()
  assert.equal(statistics.appendedBatches, 2)
  assert.equal(statistics.appendedRecords, 2)
  assert.equal(statistics.appendedBytes, batch.length * 2)
  assert.equal(statistics.openPartitions, 1)
})

test('opening an open partition gives the same one', (t) => {
  const directory = openTemporary(t)
  const log = directory.openPartition('orders-0', testLogConfig)
  assert.equal(directory.openPartition('orders-0', testLogConfig), log)
})
