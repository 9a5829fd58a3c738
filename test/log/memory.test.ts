import assert from 'node:assert/strict'
import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadAddon } from '../../src/log/native.js'
import type { LogDirectory, PartitionLog, ReadOptions } from '../../src/log/types.js'
import { batchOfSize, testLogConfig } from './batches.js'
import { openTemporary } from './temporary-log.js'

setFlagsFromString('--expose-gc')

const mebibyte = 1024 * 1024
const OFFSETS_A_MIB = 64
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

/** A partition of so many MiB, a batch an offset, in segments of 64 MiB. */
function filled(directory: LogDirectory, name: string, mebibytes: number): PartitionLog {
  const log = directory.openPartition(name, { ...testLogConfig, segmentBytes: 64 * mebibyte })
  // Small: one that crosses two windows is copied, and copies are memory that V8 collects for.
  const batch = batchOfSize(mebibyte / OFFSETS_A_MIB)
  for (let i = 0; i < mebibytes * OFFSETS_A_MIB; i++) assert.ok(log.append(batch).ok)
  return log
}

/** Files of this process that are deleted and still take up space; its own mappings aside. */
function deletedFilesHeld(): number {
  const targets = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(join('/proc/self/fd', fd))
    } catch {
      return '' // closed meanwhile
    }
  })
  return targets.filter((target) => target.endsWith('.log (deleted)')).length
}

test('10,000 reads over 600 MiB keep no external memory beyond the window cache', async (t) => {
  const offsets = 600 * OFFSETS_A_MIB
  const log = filled(openTemporary(t), 'orders-0', 600)
  for (let i = 0; i < 10_000; i++)
    await readOnce(log, (i * 7 * OFFSETS_A_MIB) % offsets, i % 10 === 0)
  const boundBytes = windowCacheBytes + 16 * mebibyte
  const heldBytes = await viewBytesAfterCollecting(boundBytes)
  assert.ok(heldBytes > 0)
  assert.ok(heldBytes <= boundBytes, `${Math.round(heldBytes / mebibyte)} MiB are held by views`)
})

test('deleted segments that were read are let go of while other reads go on', async (t) => {
  const directory = openTemporary(t)
  const short = filled(directory, 'short-0', 200)
  const long = filled(directory, 'long-0', 600)
  for (let i = 0; i < 200; i++) await readOnce(short, i * OFFSETS_A_MIB, false)
  assert.ok(short.deleteRecords(199 * OFFSETS_A_MIB).ok)
  assert.equal(await short.enforceRetention(), 3)
  assert.equal(deletedFilesHeld(), 3)
  // Far less than what views of segments that are still there may hold before they are collected.
  for (let i = 0; i < 600; i++) {
    await readOnce(long, i * OFFSETS_A_MIB, false)
    if (i % 16 === 0) await nextTurn()
  }
  for (let turn = 0; turn < 1000 && deletedFilesHeld() > 0; turn++) await nextTurn()
  assert.equal(deletedFilesHeld(), 0)
})
