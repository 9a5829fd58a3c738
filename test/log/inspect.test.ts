import assert from 'node:assert/strict'
import { closeSync, openSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  type Codec,
  inspectSegment,
  readBatchRecords,
  type SegmentBatch,
  type SegmentEnd,
} from '../../src/log/log.js'
import { makeBatch, testLogConfig } from './batches.js'
import { openTemporary } from './temporary-log.js'

const codecs: readonly (Codec | undefined)[] = [undefined, 'gzip', 'snappy', 'lz4', 'zstd']

async function all(path: string): Promise<{ batches: SegmentBatch[]; end: SegmentEnd }> {
  const batches: SegmentBatch[] = []
  const segment = inspectSegment(path)
  for (;;) {
    const next = await segment.next()
    if (next.done) return { batches, end: next.value }
    batches.push(next.value)
  }
}

/** A closed segment with one batch of two records for each codec. */
async function segmentWithEveryCodec(t: TestContext): Promise<string> {
  const directory = openTemporary(t)
  const log = directory.openPartition('orders-0', testLogConfig)
  for (const codec of codecs) {
    const records = [{ key: 'k', value: `one ${codec}`, headers: { h: 'v' } }, { value: 'two' }]
    const appended = log.append(makeBatch(records, { timestampMs: 5000, ...(codec && { codec }) }))
    assert.ok(appended.ok)
  }
  const path = join(directory.path, 'orders-0', `${'0'.repeat(20)}.log`)
  await directory.close()
  return path
}

test('every batch of a segment, and its records whatever the codec', async (t) => {
  const path = await segmentWithEveryCodec(t)
  const { batches, end } = await all(path)
  assert.deepEqual(
    batches.map((batch) => [batch.baseOffset, batch.lastOffset, batch.compression, batch.problem]),
    codecs.map((_, i) => [i * 2, i * 2 + 1, i, undefined]),
  )
  assert.equal(end.reason, 'end')
  assert.equal(end.position, end.fileBytes)
  for (const [i, batch] of batches.entries()) {
    const [first, second] = await readBatchRecords(path, batch)
    assert.ok(first && second)
    assert.equal(Buffer.from(first.value ?? []).toString(), `one ${codecs[i]}`)
    assert.equal(Buffer.from(first.key ?? []).toString(), 'k')
    assert.deepEqual(
      first.headers.map(({ key, value }) => [key, Buffer.from(value ?? []).toString()]),
      [['h', 'v']],
    )
    assert.deepEqual([second.offset, second.timestampMs, second.key], [i * 2 + 1, 5000, null])
  }
})

test('a flipped byte is a problem of its batch; the next ones are still seen', async (t) => {
  const path = await segmentWithEveryCodec(t)
  const before = await all(path)
  const second = before.batches[1]
  assert.ok(second)
  const file = openSync(path, 'r+')
  writeSync(file, Uint8Array.of(0xff), 0, 1, second.position + 70)
  closeSync(file)
  const { batches } = await all(path)
  assert.equal(batches.length, codecs.length)
  assert.match(batches[1]?.problem ?? '', /crc/i)
  assert.equal(batches[2]?.problem, undefined)
})

test('a cut file and preallocated zeros are told apart', async (t) => {
  const path = await segmentWithEveryCodec(t)
  const { end } = await all(path)
  truncateSync(path, end.position + 5000)
  assert.equal((await all(path)).end.reason, 'zeros')
  truncateSync(path, end.position - 1)
  const torn = await all(path)
  assert.equal(torn.end.reason, 'torn')
  assert.equal(torn.batches.length, codecs.length - 1)
})

test('a file that does not exist is said so', async () => {
  await assert.rejects(all('/nowhere/at-all.log'), { name: 'LogError', code: 'NOT_FOUND' })
})
