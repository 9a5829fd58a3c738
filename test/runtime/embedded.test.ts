// A broker inside this process: appends are plain calls, and what was acknowledged is there again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/base/clock.js'
import { silentLogger } from '../../src/base/logger.js'
import { loadConfig } from '../../src/config/load.js'
import { createBroker, EmbeddedBroker, EmbeddedBrokerError } from '../../src/embed.js'
import { startBroker } from '../../src/main.js'
import { WriteBudget } from '../../src/runtime/write-budget.js'
import { temporaryDirectory } from '../support/broker.js'

for (const workers of [0, 1, 2]) {
  test(`appends are read back, also after a restart (workers: ${workers})`, async () => {
    const data = temporaryDirectory()
    const broker = await createBroker({ data, workers })
    await broker.createTopic('events', { partitions: 2 })
    const first = broker.append('events', 1, [
      { key: 'a', value: 'eins', headers: [{ key: 'h', value: new Uint8Array([1]) }] },
      { value: null },
    ])
    const second = broker.append('events', 1, [{ value: 'zwei' }])
    assert.deepEqual([first.baseOffset, first.lastOffset], [0, 1])
    assert.equal(second.baseOffset, 2)
    const acknowledged = await second.acknowledged
    assert.equal(acknowledged.outcome, 'reached')
    assert.equal(acknowledged.durability, 'durable')
    const { records, nextOffset, state } = await broker.read('events', 1, { offset: 1 })
    assert.equal(nextOffset, 3)
    assert.ok(state.durableOffset >= 3)
    assert.deepEqual(
      records.map(({ offset, value }) => [offset, value && Buffer.from(value).toString()]),
      [
        [1, null],
        [2, 'zwei'],
      ],
    )
    await broker.close()

    const again = await createBroker({ data, workers })
    const read = await again.read('events', 1, { offset: 0 })
    assert.equal(read.records.length, 3)
    assert.equal(Buffer.from(read.records[0]?.key ?? []).toString(), 'a')
    assert.equal(again.clusterId, broker.clusterId)
    await again.close()
    await again.close()
  })
}

test('what cannot be done says why', async () => {
  const broker = await createBroker({ data: temporaryDirectory(), flush: 'os' })
  await broker.createTopic('t')
  const code = (expected: string) => (error: unknown) =>
    error instanceof EmbeddedBrokerError && error.code === expected
  await assert.rejects(broker.createTopic('t'), code('TOPIC_EXISTS'))
  await assert.rejects(broker.createTopic('not/allowed'), code('INVALID_TOPIC'))
  assert.throws(
    () => broker.append('nothing', 0, [{ value: 'x' }]),
    code('UNKNOWN_TOPIC_OR_PARTITION'),
  )
  assert.throws(
    () => broker.append('t', 0, [{ value: 'x' }], { durability: 'durable' }),
    code('INVALID_CONFIG'),
  )
  const garbage = new Uint8Array(100)
  assert.throws(() => broker.appendBatch('t', 0, garbage), code('CORRUPT_BATCH'))
  await assert.rejects(broker.read('t', 0, { offset: 5 }), code('OFFSET_OUT_OF_RANGE'))
  await broker.close()
  await assert.rejects(
    createBroker({ data: temporaryDirectory(), settings: { flush: 'sometimes' } }),
    code('INVALID_CONFIG'),
  )
})

test('two brokers cannot share a data directory, and the second says so', async () => {
  const data = temporaryDirectory()
  const broker = await createBroker({ data })
  await assert.rejects(createBroker({ data }), /another broker uses the data directory/)
  await broker.close()
})

test('an acknowledgement is called back while nobody awaits a promise', async () => {
  const broker = await createBroker({ data: temporaryDirectory() })
  await broker.createTopic('t')
  const offsets: number[] = []
  await new Promise<void>((resolve) => {
    for (let i = 0; i < 50; i++) {
      broker.append('t', 0, [{ value: `${i}` }], {
        onAcknowledged: ({ outcome, baseOffset }) => {
          assert.equal(outcome, 'reached')
          if (offsets.push(baseOffset) === 50) resolve()
        },
      })
    }
  })
  assert.deepEqual(
    offsets,
    Array.from({ length: 50 }, (_, i) => i),
  )
  await broker.close()
})

test('an application that is faster than the disk is answered at its pace, in order', async () => {
  const flags = { data: temporaryDirectory(), flush: 'os', workers: 1 }
  const config = loadConfig({ flags, environment: {}, file: undefined })
  assert.ok(config.ok)
  const running = await startBroker({ ...config.value, listeners: [] }, silentLogger)
  assert.ok(running.ok)
  let over = true
  const budget = new WriteBudget([{ overBudget: () => over }], systemClock)
  const broker = new EmbeddedBroker(running.value, config.value, budget)
  await broker.createTopic('t')
  const answered: number[] = []
  const onAcknowledged = ({ baseOffset }: { baseOffset: number }) => answered.push(baseOffset)
  broker.append('t', 0, [{ value: 'a' }], { onAcknowledged })
  over = false
  const second = broker.append('t', 0, [{ value: 'b' }], { onAcknowledged })
  assert.deepEqual(answered, [])
  await second.acknowledged
  assert.deepEqual(answered, [0, 1])
  over = true
  const last = broker.append('t', 0, [{ value: 'c' }])
  const settled = last.acknowledged
  await broker.close()
  assert.equal((await settled).outcome, 'reached')
})
