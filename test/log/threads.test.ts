import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import type { PartitionLog } from '../../src/log/types.js'
import { testLogConfig } from './batches.js'
import { openTemporary, temporaryFolder } from './temporary-log.js'
import type { AppendedRange, AppendTask } from './thread-worker.js'

async function appendInWorker(task: AppendTask): Promise<AppendedRange[]> {
  const worker = new Worker(new URL('./thread-worker.js', import.meta.url), { workerData: task })
  // Asked for before it can happen: a thread that ends hands over its last message and its exit at once.
  const exited = once(worker, 'exit')
  const [ranges] = await once(worker, 'message')
  await exited
  return ranges as AppendedRange[]
}

/** The values of all records, in order: each batch of the workers holds one record. */
async function readValues(log: PartitionLog): Promise<string[]> {
  const values: string[] = []
  for (let offset = 0; ; ) {
    const read = await log.readCold({
      offset,
      maxBytes: 1024 * 1024,
      atLeastOne: true,
      isolation: 'logEnd',
    })
    assert.equal(read.status, 'ok')
    if (read.sizeBytes === 0) return values
    const bytes = Buffer.concat(read.chunks)
    for (let at = 0; at < bytes.length; at += bytes.readInt32BE(at + 8) + 12) {
      assert.equal(bytes.readBigInt64BE(at), BigInt(offset))
      offset += 1
      const end = at + bytes.readInt32BE(at + 8) + 12
      values.push(
        bytes
          .subarray(at + 61, end)
          .toString('latin1')
          .match(/w\d+-\d+/)?.[0] ?? '',
      )
    }
  }
}

test('two workers append to one partition: contiguous offsets, each in its order, nothing lost', async (t) => {
  const folder = temporaryFolder(t)
  const directory = openTemporary(t, { flush: 'group' }, folder)
  const log = directory.openPartition('orders-0', { ...testLogConfig, segmentBytes: 256 * 1024 })
  const count = 5000
  const ranges = await Promise.all(
    ['w1', 'w2'].map((name) => appendInWorker({ partition: log.handle, name, count })),
  )
  assert.equal(log.state().logEndOffset, count * 2)
  await directory.flushAll()
  assert.equal(log.durableOffset(), count * 2)

  const expected: string[] = []
  for (const { offset, value } of ranges.flat()) expected[offset] = value
  assert.deepEqual(await readValues(log), expected)
  for (const range of ranges) {
    assert.deepEqual(
      range,
      range.toSorted((a, b) => a.offset - b.offset),
    )
  }
  await directory.close()

  const reopened = openTemporary(t, {}, folder)
  assert.deepEqual(await readValues(reopened.openPartition('orders-0', testLogConfig)), expected)
})
