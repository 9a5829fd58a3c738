// Produce and fetch on the native log: what clients send well and badly, frame in, frame out.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { kafkaError } from '../../src/handlers/error-mapping.js'
import {
  attachPartition,
  crc32c,
  onMoved,
  subscribeMoved,
  unsubscribeMoved,
} from '../../src/log/log.js'
import type { FlushPolicy, LogConfig } from '../../src/log/types.js'
import { fetch } from '../../src/protocol/messages/fetch.js'
import { listOffsets } from '../../src/protocol/messages/list-offsets.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { type BatchOptions, makeBatch, testLogConfig } from '../log/batches.js'
import { openTemporary } from '../log/temporary-log.js'
import { IoFixture } from './io-fixture.js'

function realFixture(
  context: TestContext,
  flush: FlushPolicy = 'os',
  config: Partial<LogConfig> = {},
): IoFixture {
  const directory = openTemporary(context, { flush })
  const fixture = new IoFixture({
    config: { flush },
    realLogs: {
      open: (name) => directory.openPartition(name, { ...testLogConfig, ...config }),
      attach: attachPartition,
      watch: subscribeMoved,
      unwatch: unsubscribeMoved,
    },
  })
  // The log's notifications do not keep a process alive; a broker's sockets do.
  const alive = setInterval(() => {}, 1000)
  context.after(() => clearInterval(alive))
  context.after(onMoved((handles) => fixture.registry.onMoved(handles)))
  fixture.topic('t', { partitions: 4 })
  return fixture
}

async function send(fixture: IoFixture, records: Uint8Array, index = 0) {
  const answer = await fixture.ask(produce, 9, {
    acks: -1,
    timeoutMs: 5000,
    topicData: [{ name: 't', partitionData: [{ index, records: [records] }] }],
  })
  const partition = answer.responses[0]?.partitionResponses[0]
  assert.ok(partition !== undefined)
  return partition
}

async function read(fixture: IoFixture, fetchOffset: number, maxWaitMs = 0) {
  const answer = await fixture.ask(fetch, 11, {
    maxWaitMs,
    minBytes: 1,
    topics: [
      { topic: 't', partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1 << 20 }] },
    ],
  })
  const partition = answer.responses[0]?.partitions[0]
  assert.ok(partition !== undefined)
  return partition
}

const batch = (count = 1, options: BatchOptions = {}) =>
  makeBatch(
    Array.from({ length: count }, (_, i) => ({ value: `value ${i}` })),
    options,
  )

/** Changes a batch behind its CRC, and sets the CRC right again. */
function altered(change: (view: DataView) => void, count = 1): Uint8Array {
  const bytes = batch(count)
  const view = new DataView(bytes.buffer)
  change(view)
  view.setUint32(17, crc32c(bytes.subarray(21)))
  return bytes
}

for (const flush of ['os', 'group'] as const) {
  test(`what was acknowledged is read back byte for byte, flush=${flush}`, async (context) => {
    const fixture = realFixture(context, flush)
    assert.equal((await send(fixture, batch(3))).baseOffset, 0)
    assert.equal((await send(fixture, batch(2))).baseOffset, 3)
    const inside = await read(fixture, 4)
    assert.equal(inside.highWatermark, 5)
    const bytes = Buffer.concat(inside.records ?? [])
    assert.equal(bytes.readBigInt64BE(0), 3n)
    assert.deepEqual(bytes.subarray(17), Buffer.from(batch(2)).subarray(17))
  })
}

test('every codec passes through', async (context) => {
  const fixture = realFixture(context)
  let offset = 0
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const sent = batch(4, { codec })
    assert.equal((await send(fixture, sent)).baseOffset, offset)
    const bytes = Buffer.concat((await read(fixture, offset)).records ?? [])
    assert.deepEqual(bytes.subarray(17), Buffer.from(sent).subarray(17))
    offset += 4
  }
})

test('a long poll on the real log ends with an append', async (context) => {
  const fixture = realFixture(context, 'group')
  const waiting = read(fixture, 0, 60_000)
  await send(fixture, batch(1))
  assert.equal((await waiting).highWatermark, 1)
})

test('bad batches are refused by name and leave nothing behind', async (context) => {
  const fixture = realFixture(context, 'os', { maxMessageBytes: 1000 })
  const wrongCrc = batch()
  wrongCrc[wrongCrc.length - 1] = 0x7f
  const twice = Buffer.concat([batch(), batch()])
  const cases: [string, Uint8Array, number, number][] = [
    ['wrong CRC', wrongCrc, kafkaError.CORRUPT_MESSAGE, -1],
    ['old magic', altered((v) => v.setInt8(16, 1)), kafkaError.INVALID_RECORD, -1],
    ['two batches', twice, kafkaError.INVALID_RECORD, -1],
    ['control batch', altered((v) => v.setInt16(21, 0x20)), kafkaError.INVALID_RECORD, 0],
    ['a count that lies', altered((v) => v.setInt32(57, 5)), kafkaError.INVALID_RECORD, 0],
    ['a last offset that lies', altered((v) => v.setInt32(23, 5)), kafkaError.INVALID_RECORD, 0],
    ['transactional', transactional(), kafkaError.INVALID_TXN_STATE, 0],
    ['too large', makeBatch([{ value: 'x'.repeat(2000) }]), kafkaError.MESSAGE_TOO_LARGE, -1],
  ]
  for (const [what, records, errorCode, logStartOffset] of cases) {
    const answer = await send(fixture, records)
    assert.equal(answer.errorCode, errorCode, what)
    assert.equal(answer.logStartOffset, logStartOffset, what)
    assert.equal(answer.baseOffset, -1, what)
  }
  assert.equal((await send(fixture, batch())).baseOffset, 0)
})

const LOG_APPEND_TIME = 0x08

test('the answer to a bad timestamp type names a thousand records at most', async (context) => {
  const fixture = realFixture(context, 'os', {
    timestampType: 'LogAppendTime',
    validateRecords: 'header',
  })
  const told = async (records: Uint8Array) => {
    const { errorCode, recordErrors } = await send(fixture, records)
    assert.equal(errorCode, kafkaError.INVALID_TIMESTAMP)
    return recordErrors.length
  }
  const withCount = (count: number) => (view: DataView) => {
    view.setInt16(21, LOG_APPEND_TIME)
    view.setInt32(23, count - 1)
    view.setInt32(57, count)
  }
  assert.equal(await told(altered(withCount(900), 900)), 900)
  assert.equal(await told(altered(withCount(1100), 1100)), 1000)
  assert.equal(await told(altered(withCount(2 ** 31 - 1))), 1000)
})

test('an answer stays below what fits in one, whatever is asked for', async (context) => {
  const MIB = 1 << 20
  const fixture = realFixture(context)
  const large = makeBatch([{ value: 'x'.repeat(1_000_000) }])
  for (let n = 0; n < 64; n++) await send(fixture, large, n % 4)
  const partition = { fetchOffset: 0, partitionMaxBytes: 2 ** 31 - 1 }
  const answer = await fixture.ask(fetch, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 2 ** 31 - 1,
    topics: [
      { topic: 't', partitions: [0, 1, 2, 3].map((index) => ({ ...partition, partition: index })) },
    ],
  })
  const chunks = answer.responses[0]?.partitions.flatMap(({ records }) => records ?? []) ?? []
  const sizeBytes = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0)
  assert.ok(sizeBytes > 50 * MIB && sizeBytes <= 55 * MIB, `${sizeBytes} bytes`)
})

function transactional(): Uint8Array {
  return altered((view) => {
    view.setInt16(21, 0x10)
    view.setBigInt64(43, 5n)
    view.setInt16(51, 0)
    view.setInt32(53, 0)
  })
}

test('idempotence: a resend is told its first offsets, a gap is refused', async (context) => {
  const fixture = realFixture(context)
  const sequenced = (baseSequence: number) =>
    batch(2, { producerId: 9, producerEpoch: 0, baseSequence })
  assert.equal((await send(fixture, sequenced(0))).baseOffset, 0)
  assert.equal((await send(fixture, sequenced(2))).baseOffset, 2)
  assert.equal((await send(fixture, sequenced(0))).baseOffset, 0)
  const gap = await send(fixture, sequenced(9))
  assert.equal(gap.errorCode, kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER)
  assert.equal((await send(fixture, sequenced(4))).baseOffset, 4)
})

test('timestamps are found, and the greatest', async (context) => {
  const fixture = realFixture(context)
  await send(fixture, batch(2, { timestampMs: 1000 }))
  await send(fixture, batch(2, { timestampMs: 3000 }))
  const offsetAt = async (timestamp: number) => {
    const answer = await fixture.ask(listOffsets, 8, {
      replicaId: -1,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }],
    })
    return answer.topics[0]?.partitions[0]?.offset
  }
  assert.equal(await offsetAt(1), 0)
  assert.equal(await offsetAt(2000), 2)
  assert.equal(await offsetAt(-3), 2)
  assert.equal(await offsetAt(5000), -1)
  assert.equal(await offsetAt(-1), 4)
})
