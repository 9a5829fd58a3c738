import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  BrokerError,
  ClosedError,
  ConnectionError,
  type Gap,
  GapError,
  MillraceError,
  OutcomeUnknownError,
  type ReceivedRecord,
} from '../../src/client/index.js'
import { partitionForKey } from '../../src/protocol/records/murmur2.js'
import { withClient } from './client-fixture.js'

const text = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes))

test('sends, acknowledges, reads to the end', () =>
  withClient({}, async ({ client }) => {
    await client.topics.create('orders', { partitions: 3 })
    const producer = await client.producer('orders')
    assert.equal(producer.partitions, 3)
    const record = { key: 'k', value: 'v', headers: { h: 'x' }, timestamp: 5 }
    const acknowledged = await producer.send(record)
    const partition = partitionForKey(new TextEncoder().encode('k'), 3)
    assert.deepEqual(acknowledged, { partition, offset: 0, durability: 'leader' })
    await producer.send({ value: null, partition })
    const seen: ReceivedRecord[] = []
    for await (const received of await client.reader('orders', { until: 'end' })) {
      seen.push(received)
    }
    assert.deepEqual(
      seen.map((r) => [r.offset, r.timestamp, text(r.key), text(r.value), r.headers.length]),
      [
        [0, 5, 'k', 'v', 1],
        [1, seen[1]?.timestamp, null, null, 0],
      ],
    )
  }))

test('records that are sent together travel together', () =>
  withClient({}, async ({ client, broker }) => {
    const producer = await client.producer('orders')
    const acknowledged = await Promise.all(
      Array.from({ length: 1000 }, (_, i) => producer.send({ value: `${i}` })),
    )
    assert.deepEqual(
      acknowledged.map(({ offset }) => offset),
      Array.from({ length: 1000 }, (_, i) => i),
    )
    assert.equal(broker.logOf('orders').batches.length, 1)
  }))

test('a fast sender is held back by ready, and not without end', () =>
  withClient({ log: { settlesAtOnce: false }, flush: 'group' }, async ({ client }) => {
    const producer = await client.producer('orders', { maxBufferedBytes: 100_000 })
    const value = new Uint8Array(60_000)
    const sent = [producer.send({ value }), producer.send({ value })]
    let isReady = false
    const ready = producer.ready().then(() => {
      isReady = true
    })
    await Promise.resolve()
    assert.equal(isReady, false)
    sent.push(producer.send({ value }), producer.send({ value }))
    await assert.rejects(producer.send({ value }), { code: 'buffer-full' })
    await ready
    await Promise.all(sent)
  }))

test('a lost connection is invisible', () =>
  withClient({}, async ({ client, broker, network }) => {
    const producer = await client.producer('orders')
    const reader = await client.reader('orders')
    const seen: (string | null)[] = []
    const reading = (async () => {
      for await (const record of reader) if (seen.push(text(record.value)) === 20) break
    })()
    for (let i = 0; i < 20; i++) {
      const sent = producer.send({ value: `${i}` })
      if (i % 5 === 2) network.cutAll()
      await sent
    }
    await reading
    const expected = Array.from({ length: 20 }, (_, i) => `${i}`)
    assert.deepEqual(broker.logOf('orders').values(), expected)
    assert.deepEqual(seen, expected)
  }))

test('what became of records is unknown when the identity is forgotten, and said so', () =>
  withClient(
    { log: { settlesAtOnce: false }, flush: 'group' },
    async ({ client, broker, network }) => {
      const producer = await client.producer('orders')
      await producer.send({ value: 'a' })
      network.isDown = true
      const sent = producer.send({ value: 'b' })
      await Promise.resolve()
      network.cutAll()
      const later = producer.send({ value: 'c' })
      broker.logOf('orders').forgetProducers()
      network.isDown = false
      await assert.rejects(sent, OutcomeUnknownError)
      assert.equal((await later).offset !== undefined, true)
      assert.deepEqual(broker.logOf('orders').values(), ['a', 'c'])
    },
  ))

test('a refused record fails alone, its neighbours are stored', () =>
  withClient({}, async ({ client, broker }) => {
    const producer = await client.producer('orders')
    await producer.send({ value: 'a' })
    broker.logOf('orders').nextFailure = {
      ok: false,
      failure: { code: 'RECORD_TOO_LARGE', message: 'too large' },
      recordIndex: 0,
    }
    const refused = producer.send({ value: 'b' })
    await Promise.resolve()
    const others = [producer.send({ value: 'c' }), producer.send({ value: 'd' })]
    await assert.rejects(refused, BrokerError)
    await Promise.all(others)
    assert.deepEqual(broker.logOf('orders').values(), ['a', 'c', 'd'])
  }))

test('a cursor resumes in another client', () =>
  withClient({}, async ({ client, connect }) => {
    const producer = await client.producer('orders')
    for (const value of ['a', 'b', 'c']) producer.send({ value })
    await producer.flush()
    const reader = await client.reader('orders')
    let cursor = ''
    for await (const record of reader) {
      cursor = reader.cursor
      if (text(record.value) === 'b') break
    }
    const other = await connect()
    const rest: (string | null)[] = []
    for await (const record of await other.reader('orders', { from: { cursor }, until: 'end' })) {
      rest.push(text(record.value))
    }
    assert.deepEqual(rest, ['c'])
    await other.close()
  }))

test('a gap is reported, or thrown where nobody asked', () =>
  withClient({}, async ({ client, broker }) => {
    const producer = await client.producer('orders')
    for (const value of ['a', 'b', 'c']) await producer.send({ value })
    broker.logOf('orders').deleteRecords(2)
    const gaps: object[] = []
    const onGap = (gap: object) => gaps.push(gap)
    const seen: number[] = []
    const from = { offset: 0 }
    for await (const record of await client.reader('orders', { from, until: 'end', onGap })) {
      seen.push(record.offset)
    }
    assert.deepEqual(seen, [2])
    const message = 'partition 0: offset 0 is gone (retention), the next is 2'
    assert.deepEqual(gaps, [
      { partition: 0, reason: 'retention', requested: 0, offset: 2, message },
    ])
    const strict = await client.reader('orders', { from })
    await assert.rejects(async () => {
      for await (const _ of strict);
    }, GapError)
  }))

test('a gap is told where it leads to the end, and nothing follows', () =>
  withClient({}, async ({ client }) => {
    await client.topics.create('orders', { partitions: 2 })
    const gaps: Gap[] = []
    const onGap = (gap: Gap) => gaps.push(gap)
    const from = { offset: 5 }
    for await (const _ of await client.reader('orders', { from, until: 'end', onGap }))
      assert.fail()
    assert.deepEqual(
      gaps.map(({ partition, reason, requested }) => [partition, reason, requested]),
      [
        [0, 'truncation', 5],
        [1, 'truncation', 5],
      ],
    )
  }))

test('a reader with a small window reads everything', () =>
  withClient({}, async ({ client }) => {
    const producer = await client.producer('orders', { maxBatchBytes: 500 })
    for (let i = 0; i < 200; i++) producer.send({ value: `${i}`.padEnd(50) })
    await producer.flush()
    let count = 0
    for await (const _ of await client.reader('orders', { until: 'end', windowBytes: 600 })) count++
    assert.equal(count, 200)
  }))

test('an empty topic ends at once', () =>
  withClient({}, async ({ client }) => {
    await client.topics.create('empty', { partitions: 2 })
    for await (const _ of await client.reader('empty', { until: 'end' })) assert.fail()
  }))

test('topics', () =>
  withClient({}, async ({ client }) => {
    await client.topics.create('orders', { partitions: 2 })
    assert.deepEqual(
      (await client.topics.list()).map(({ name, partitions }) => [name, partitions]),
      [['orders', 2]],
    )
    assert.equal((await client.topics.describe('orders')).partitions.length, 2)
    await assert.rejects(client.topics.create('orders'), { code: 'topic-exists' })
    await client.topics.delete('orders')
    await assert.rejects(client.reader('orders'), { code: 'unknown-topic' })
  }))

test('no broker: one clear error; a broker that is gone for good: everything fails', () =>
  withClient({}, async ({ client, network, connect }) => {
    const producer = await client.producer('orders')
    const reader = await client.reader('orders')
    network.isDown = true
    await assert.rejects(connect(), ConnectionError)
    const sent = producer.send({ value: 'a' })
    await Promise.resolve()
    network.cutAll()
    await assert.rejects(sent, MillraceError)
    await assert.rejects(async () => {
      for await (const _ of reader);
    }, ConnectionError)
    await assert.rejects(producer.ready(), ConnectionError)
  }))

test('a signal ends a reader and a producer; closed things say so', () =>
  withClient({}, async ({ client }) => {
    const stop = new AbortController()
    const reader = await client.reader('orders-made-first').catch(() => undefined)
    assert.equal(reader, undefined)
    const producer = await client.producer('orders', { signal: stop.signal })
    const tail = await client.reader('orders', { signal: stop.signal })
    stop.abort()
    await assert.rejects(async () => {
      for await (const _ of tail);
    }, ClosedError)
    await assert.rejects(producer.send({ value: 'a' }), ClosedError)
  }))

test('a partition that is not there and a record that is too large are refused here', () =>
  withClient({}, async ({ client }) => {
    const producer = await client.producer('orders')
    await assert.rejects(producer.send({ value: 'a', partition: 1 }), { code: 'invalid-partition' })
    const value = new Uint8Array(9 * 1024 * 1024)
    await assert.rejects(producer.send({ value }), { code: 'record-too-large' })
  }))
