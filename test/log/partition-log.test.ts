import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachPartition } from '../../src/log/log.js'
import type { PartitionLog, ReadOk, ReadOptions } from '../../src/log/types.js'
import {
  asStored,
  batchOfSize,
  inChunks,
  makeBatch,
  type TestRecord,
  testLogConfig,
} from './batches.js'
import { openTemporary, temporaryFolder } from './temporary-log.js'

const fromStart: ReadOptions = {
  offset: 0,
  maxBytes: 1024 * 1024,
  atLeastOne: true,
  isolation: 'logEnd',
}

function appendOk(log: PartitionLog, records: Uint8Array | readonly Uint8Array[]) {
  const appended = log.append(records)
  assert.ok(appended.ok, appended.ok ? '' : appended.failure.message)
  return appended
}

async function readOk(log: PartitionLog, options: Partial<ReadOptions> = {}): Promise<ReadOk> {
  let read = log.read({ ...fromStart, ...options })
  if (read.status === 'cold') read = await log.readCold({ ...fromStart, ...options })
  assert.equal(read.status, 'ok')
  return read
}

test('what is appended, whole or in chunks, is read back byte for byte', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  const first = makeBatch([
    { key: 'a', value: '1' },
    { value: '2', headers: { trace: 'x' } },
  ])
  const second = batchOfSize(200_000)
  const one = appendOk(log, first)
  assert.deepEqual([one.baseOffset, one.lastOffset, one.duplicate], [0, 1, false])
  const two = appendOk(log, inChunks(second, 65_536))
  assert.deepEqual([two.baseOffset, two.lastOffset], [2, 2])

  const epoch = log.state().leaderEpoch
  const { chunks, sizeBytes, state } = await readOk(log)
  assert.equal(sizeBytes, first.length + second.length)
  assert.equal(state.logEndOffset, 3)
  assert.deepEqual(
    Buffer.concat(chunks),
    Buffer.concat([asStored(first, 0, epoch), asStored(second, 2, epoch)]),
  )
})

test('a read gives whole batches up to maxBytes, and one larger than that only when asked', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  const batch = batchOfSize(1000)
  for (let i = 0; i < 4; i++) appendOk(log, batch)
  const two = await readOk(log, { maxBytes: batch.length * 2 + 10 })
  assert.equal(two.sizeBytes, batch.length * 2)
  const large = await readOk(log, { maxBytes: 10 })
  assert.equal(large.sizeBytes, batch.length)
  const none = await readOk(log, { maxBytes: 10, atLeastOne: false })
  assert.deepEqual([none.sizeBytes, none.chunks.length], [0, 0])
})

test('a read from inside a batch starts with that batch; at the end it is empty', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  const records: TestRecord[] = [{ value: 'a' }, { value: 'b' }, { value: 'c' }]
  const batch = makeBatch(records)
  appendOk(log, batch)
  appendOk(log, batch)
  assert.equal((await readOk(log, { offset: 4 })).sizeBytes, batch.length)
  assert.equal((await readOk(log, { offset: 6 })).sizeBytes, 0)
})

test('an offset outside the log is a failure with the state that says where it is', (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  appendOk(log, batchOfSize(10))
  const read = log.read({ ...fromStart, offset: 7, isolation: 'uncommitted' })
  assert.equal(read.status, 'failed')
  assert.equal(read.failure.code, 'OFFSET_OUT_OF_RANGE')
  assert.equal(read.state.logEndOffset, 1)
})

test('a batch with a wrong CRC is refused and leaves nothing', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  const batch = batchOfSize(100)
  batch[batch.length - 3] = 0
  const refused = log.append(batch)
  assert.equal(refused.ok, false)
  assert.equal(refused.failure.code, 'CORRUPT_BATCH')
  assert.match(refused.failure.message, /crc/i)
  assert.equal(log.state().logEndOffset, 0)
})

test('a batch above max.message.bytes is refused until the limit is raised', (t) => {
  const log = openTemporary(t).openPartition('orders-0', { ...testLogConfig, maxMessageBytes: 500 })
  const batch = batchOfSize(1000)
  const refused = log.append(batch)
  assert.equal(refused.ok, false)
  assert.equal(refused.failure.code, 'RECORD_TOO_LARGE')
  log.configure({ ...testLogConfig, maxMessageBytes: 5000 })
  appendOk(log, batch)
})

test('an idempotent producer may resend, not skip', (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  const producer = { producerId: 7, producerEpoch: 0 }
  const first = makeBatch([{ value: 'a' }], { ...producer, baseSequence: 0 })
  appendOk(log, first)
  const again = appendOk(log, first)
  assert.deepEqual([again.duplicate, again.baseOffset], [true, 0])
  const skipped = log.append(makeBatch([{ value: 'c' }], { ...producer, baseSequence: 5 }))
  assert.equal(skipped.ok, false)
  assert.equal(skipped.failure.code, 'OUT_OF_ORDER_SEQUENCE')
  assert.deepEqual(
    log.producers().map((state) => [state.producerId, state.lastSequence]),
    [[7, 0]],
  )
})

test('what is not bytes is a programming mistake', (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  // @ts-expect-error: the mistake under test
  assert.throws(() => log.append('text'), TypeError)
  // @ts-expect-error: the mistake under test
  assert.throws(() => log.append([new Uint8Array(3), 5]), TypeError)
})

test('cold reads give the same bytes', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  const batch = batchOfSize(5000)
  for (let i = 0; i < 3; i++) appendOk(log, batch)
  const hot = await readOk(log)
  const cold = await log.readCold(fromStart)
  assert.equal(cold.status, 'ok')
  assert.deepEqual(Buffer.concat(cold.chunks), Buffer.concat(hot.chunks))
  assert.equal(cold.state.logEndOffset, 3)
  const failed = await log.readCold({ ...fromStart, offset: 99 })
  assert.equal(failed.status, 'failed')
  assert.equal(failed.failure.code, 'OFFSET_OUT_OF_RANGE')
})

test('offsets by timestamp', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  for (const timestampMs of [1000, 2000, 3000]) {
    appendOk(log, makeBatch([{ value: 'x' }], { timestampMs }))
  }
  assert.equal((await log.offsetForTimestamp(1500)).offset, 1)
  assert.equal((await log.offsetForTimestamp(9000)).offset, -1)
  const newest = await log.maxTimestamp()
  assert.deepEqual([newest.timestampMs, newest.offset], [3000, 2])
})

test('leader epochs end where the next begins', (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  log.setLeaderEpoch(3)
  appendOk(log, batchOfSize(10))
  log.setLeaderEpoch(5)
  appendOk(log, batchOfSize(10))
  assert.equal(log.state().leaderEpoch, 5)
  assert.deepEqual(log.endOffsetForEpoch(3), { leaderEpoch: 3, endOffset: 1 })
  const stale = log.append(batchOfSize(10), { origin: 'client', leaderEpoch: 3 })
  assert.equal(stale.ok, false)
  assert.equal(stale.failure.code, 'FENCED_LEADER_EPOCH')
})

test('deleted records are gone, and not more than there are', async (t) => {
  const directory = openTemporary(t)
  const log = directory.openPartition('orders-0', testLogConfig)
  for (let i = 0; i < 3; i++) appendOk(log, batchOfSize(10))
  await directory.flushAll()
  assert.deepEqual(log.deleteRecords(2), { ok: true, logStartOffset: 2 })
  const read = log.read(fromStart)
  assert.equal(read.status, 'failed')
  assert.equal(read.state.logStartOffset, 2)
  const beyond = log.deleteRecords(50)
  assert.equal(beyond.ok, false)
  assert.equal(beyond.failure.code, 'OFFSET_OUT_OF_RANGE')
})

test('flushAll makes everything durable and visible', async (t) => {
  const directory = openTemporary(t, { flush: 'group' })
  const log = directory.openPartition('orders-0', testLogConfig)
  appendOk(log, batchOfSize(10))
  await directory.flushAll()
  assert.equal(log.durableOffset(), 1)
  assert.equal(log.highWatermark(), 1)
  assert.equal((await readOk(log, { isolation: 'committed' })).state.lastStableOffset, 1)
})

test('a clean stop and a new start keep everything', async (t) => {
  const folder = temporaryFolder(t)
  const batch = batchOfSize(3000)
  const before = openTemporary(t, {}, folder)
  appendOk(before.openPartition('orders-0', testLogConfig), batch)
  await before.close()

  const after = openTemporary(t, {}, folder)
  assert.equal(after.wasClean, true)
  assert.deepEqual(after.partitionNames(), ['orders-0'])
  const [log] = await after.openPartitions([{ name: 'orders-0', config: testLogConfig }])
  assert.ok(log)
  assert.equal(log.recovery().cutBytes, 0)
  assert.deepEqual(Buffer.concat((await readOk(log)).chunks), asStored(batch, 0, 0))
  assert.equal(appendOk(log, batch).baseOffset, 1)
})

test('views outlive the partition; the partition answers CLOSED', async (t) => {
  const directory = openTemporary(t)
  const log = directory.openPartition('orders-0', testLogConfig)
  const batch = batchOfSize(3000)
  appendOk(log, batch)
  const { chunks } = await readOk(log)
  await directory.deletePartition('orders-0')
  assert.deepEqual(Buffer.concat(chunks), asStored(batch, 0, 0))
  const refused = log.append(batch)
  assert.equal(refused.ok, false)
  assert.equal(refused.failure.code, 'CLOSED')
  assert.equal(log.read(fromStart).status, 'failed')
  assert.equal(log.state().offline, true)
  assert.throws(() => log.recovery(), { name: 'LogError', code: 'CLOSED' })
})

test('one object a thread and handle', (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  assert.equal(attachPartition(log.handle), log)
  assert.throws(() => attachPartition(1_000_000), { name: 'LogError', code: 'CLOSED' })
})
