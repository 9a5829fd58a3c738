import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionLog } from '../../../src/log/types.js'
import { asStored, makeBatch, testDirectoryOptions, testLogConfig } from '../batches.js'
import { failureCode, operation, SimulatedDisk } from './simulated-disk.js'

const group = { ...testDirectoryOptions, flush: 'group' } as const

function batchNumber(i: number): Uint8Array {
  return makeBatch([{ value: `record ${i} `.repeat(1 + (i % 50)) }])
}

async function readAll(log: PartitionLog): Promise<Buffer> {
  const read = await log.readCold({
    offset: log.state().logStartOffset,
    maxBytes: 16 * 1024 * 1024,
    atLeastOne: true,
    isolation: 'logEnd',
  })
  assert.equal(read.status, 'ok')
  return Buffer.concat(read.chunks)
}

test('after a power cut everything durable is there, whole and in order, and nothing else', async () => {
  for (let seed = 1; seed <= 40; seed++) {
    const disk = new SimulatedDisk()
    const log = disk.openDirectory(group).openPartition('orders-0', testLogConfig)
    for (let i = 0; i < 60; i++) {
      assert.ok(log.append(batchNumber(i)).ok)
      if (i % (seed % 7 === 0 ? 1000 : seed % 7) === 0) disk.flushStep()
    }
    const durable = log.durableOffset()
    disk.cutPower(seed)

    const recovered = disk.openDirectory(group).openPartition('orders-0', testLogConfig)
    const { logEndOffset } = recovered.state()
    assert.ok(logEndOffset >= durable, `seed ${seed}: ${logEndOffset} of ${durable} durable`)
    const expected = Array.from({ length: logEndOffset }, (_, i) => asStored(batchNumber(i), i, 0))
    assert.deepEqual(await readAll(recovered), Buffer.concat(expected), `seed ${seed}`)
    const next = recovered.append(batchNumber(logEndOffset))
    assert.ok(next.ok)
    assert.equal(next.baseOffset, logEndOffset)
  }
})

test('the first failed sync takes the directory offline for good', () => {
  const disk = new SimulatedDisk()
  const directory = disk.openDirectory(group)
  const log = directory.openPartition('orders-0', testLogConfig)
  assert.ok(log.append(batchNumber(0)).ok)
  disk.flushStep()
  disk.fail(operation.syncData, 1, failureCode.ioError)
  assert.ok(log.append(batchNumber(1)).ok)
  assert.throws(() => disk.flushStep())
  assert.equal(directory.offline(), true)
  assert.notEqual(directory.offlineReason(), '')
  assert.equal(log.durableOffset(), 1)
  const refused = log.append(batchNumber(2))
  assert.equal(refused.ok, false)
  assert.equal(refused.failure.code, 'STORAGE_FAILED')
})

test('a full disk refuses appends and keeps what it has', async () => {
  const disk = new SimulatedDisk()
  const directory = disk.openDirectory(group)
  const log = directory.openPartition('orders-0', testLogConfig)
  disk.setCapacity(2 * 1024 * 1024)
  const batch = makeBatch([{ value: new Uint8Array(100_000) }])
  let appended = log.append(batch)
  let kept = 0
  while (appended.ok) {
    kept += 1
    assert.ok(kept < 100)
    appended = log.append(batch)
  }
  assert.equal(appended.failure.code, 'STORAGE_FULL')
  assert.ok(kept > 0)
  assert.equal((await readAll(log)).length, kept * batch.length)
})
