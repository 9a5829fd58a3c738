import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadAddon } from '../../src/log/native.js'
import type { PartitionLog, ReadOptions } from '../../src/log/types.js'
import { batchOfSize, testLogConfig } from './batches.js'
import { openTemporary } from './temporary-log.js'

setFlagsFromString('--expose-gc')

const mebibyte = 1024 * 1024
const windowCacheBytes = 256 * mebibyte

function options(offset: number): ReadOptions {
  return { offset, maxBytes: mebibyte, atLeastOne: true, isolation: 'logEnd' }
}

async function readOnce(log: PartitionLog, offset: number, cold: boolean): Promise<void> {
  const hot = cold ? undefined : log.read(options(offset))
  const read = hot?.status === 'ok' ? hot : await log.readCold(options(offset))
  assert.equal(read.status, 'ok')
  assert.ok(read.sizeBytes > 0)
}

/** Collects until views hold no more than `boundBytes`; finalizers run some turns after a collection. */
async function viewBytesAfterCollecting(boundBytes: number): Promise<number> {
  const gc: unknown = runInNewContext('gc')
  assert.ok(typeof gc === 'function')
  for (let round = 0; round < 100 && loadAddon().mappedViewBytes() > boundBytes; round++) {
    gc()
    await nextTurn()
  }
  return loadAddon().mappedViewBytes()
}

test('10,000 reads over 600 MiB keep no external memory beyond the window cache', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', {
    ...testLogConfig,
    segmentBytes: 64 * mebibyte,
  })
  const batches = 600
  const batch = batchOfSize(mebibyte - 1000)
  for (let i = 0; i < batches; i++) assert.ok(log.append(batch).ok)
  for (let i = 0; i < 10_000; i++) await readOnce(log, (i * 7) % batches, i % 10 === 0)
  const boundBytes = windowCacheBytes + 16 * mebibyte
  const heldBytes = await viewBytesAfterCollecting(boundBytes)
  assert.ok(heldBytes > 0)
  assert.ok(heldBytes <= boundBytes, `${Math.round(heldBytes / mebibyte)} MiB are held by views`)
})
