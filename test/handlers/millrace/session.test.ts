import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BrokerFixture } from './broker-fixture.js'
import { SessionClient } from './session-client.js'

const openProducer = { type: 'open', channel: 1, kind: 'producer', topic: 'orders' }

test('hello is welcomed, and comes first', async () => {
  const broker = new BrokerFixture()
  const client = new SessionClient(broker)
  const [welcome] = await client.say({ type: 'hello', client: { name: 'test' } })
  assert.equal(welcome?.type, 'welcome')
  assert.equal(welcome?.protocol, 'millrace.v1')
  assert.equal(welcome?.cluster, 'a-cluster')
  assert.deepEqual(welcome?.broker, { id: 1, version: '0.0.0-test' })
  const rude = new SessionClient(broker)
  const [error] = await rude.say(openProducer)
  assert.equal(error?.code, 'hello-expected')
  assert.equal(rude.closedWith, 4000)
})

test('a bad frame costs the socket, and says why', async () => {
  const bad = ['{"type":', '[1]', '"text"', '{"type":"shout"}', '{}', 'null', '[{"type":"ping"},7]']
  const broker = new BrokerFixture()
  for (const frame of bad) {
    const client = await SessionClient.greeted(broker)
    const error = (await client.sayText(frame)).at(-1)
    assert.deepEqual([error?.type, error?.code, error?.channel], ['error', 'bad-frame', undefined])
    assert.equal(client.closedWith, 4000, frame)
  }
  const client = await SessionClient.greeted(broker)
  await client.sayBinary(new Uint8Array(15))
  assert.equal(client.closedWith, 4000)
  assert.equal(broker.sessions.count, 0)
})

test('a bad message costs its channel and nothing else', async () => {
  const broker = new BrokerFixture({ flush: 'os' })
  broker.topic('orders')
  const client = await SessionClient.greeted(broker)
  await client.say(openProducer, { ...openProducer, channel: 2 })
  const good = { type: 'produce', channel: 2, partition: 0, sequence: 0, records: [{ value: 1 }] }
  const bad = { ...good, channel: 1, sequence: -1 }
  const answers = await client.say(bad, good)
  assert.deepEqual(
    answers.map(({ type, channel, code }) => [type, channel, code]),
    [
      ['error', 1, 'bad-message'],
      ['ack', 2, undefined],
    ],
  )
})

test('channels: unknown, in use, of the wrong kind, too many', async () => {
  const broker = new BrokerFixture()
  broker.topic('orders')
  const client = await SessionClient.greeted(broker)
  const code = async (...messages: object[]) => (await client.say(...messages)).at(-1)?.code
  assert.equal(await code({ type: 'credit', channel: 5, bytes: 1 }), 'unknown-channel')
  assert.equal(await code({ type: 'close', channel: 6 }), 'unknown-channel')
  assert.equal(await code(openProducer, openProducer), 'channel-in-use')
  await client.say({ ...openProducer, channel: 3 })
  assert.equal(await code({ type: 'credit', channel: 3, bytes: 1 }), 'bad-message')
  const many = Array.from({ length: 257 }, (_, i) => ({ ...openProducer, channel: 100 + i }))
  assert.equal((await client.say(...many)).filter((m) => m.code === 'too-many-channels').length, 1)
})

test('topics are administered by requests', async () => {
  const broker = new BrokerFixture()
  const client = await SessionClient.greeted(broker)
  const ask = async (id: number, request: object) => {
    const [response] = await client.say({ type: 'request', id, ...request })
    assert.deepEqual([response?.type, response?.id], ['response', id])
    return response
  }
  const created = await ask(1, { op: 'createTopic', topic: 'orders', partitions: 2 })
  assert.ok(created !== undefined)
  const described = created.result as { partitions: object[] }
  assert.deepEqual(described.partitions[1], {
    partition: 1,
    leader: 1,
    leaderEpoch: 0,
    startOffset: 0,
    endOffset: 0,
    sizeBytes: 0,
  })
  const again = (await ask(2, { op: 'createTopic', topic: 'orders' })) ?? {}
  assert.deepEqual([again.ok, (again.error as { code: string }).code], [false, 'topic-exists'])
  const listed = (await ask(3, { op: 'listTopics' }))?.result as {
    topics: { name: string }[]
  }
  assert.deepEqual(listed.topics[0]?.name, 'orders')
  assert.equal((await ask(4, { op: 'describeTopic', topic: 'orders' }))?.ok, true)
  assert.equal((await ask(5, { op: 'deleteTopic', topic: 'orders' }))?.ok, true)
  assert.equal((await ask(6, { op: 'describeTopic', topic: 'orders' }))?.ok, false)
  const bad = (await ask(7, { op: 'burnTopic', topic: 'orders' })) ?? {}
  assert.equal((bad.error as { code: string }).code, 'invalid-request')
})

test('heartbeat: ping after silence, the end after more', async () => {
  const broker = new BrokerFixture()
  const mute = new SessionClient(broker)
  const client = await SessionClient.greeted(broker)
  assert.deepEqual(await client.say({ type: 'ping', id: 'x' }), [{ type: 'pong', id: 'x' }])
  broker.clock.advance(11_000)
  await broker.turn()
  assert.equal(mute.closedWith, 4001)
  assert.deepEqual(client.take(), [{ type: 'ping' }])
  await client.say({ type: 'pong' })
  broker.clock.advance(20_000)
  assert.equal(client.closedWith, undefined)
  broker.clock.advance(11_000)
  assert.equal(client.closedWith, 4101)
})

test('a stop is announced, then comes', async () => {
  const broker = new BrokerFixture()
  const client = await SessionClient.greeted(broker)
  broker.sessions.announceDrain()
  await broker.turn()
  const [drain] = client.take()
  assert.equal(drain?.type, 'drain')
  broker.sessions.close()
  assert.equal(client.closedWith, 4103)
})

test('answers that nobody reads do not pile up without end', async () => {
  const broker = new BrokerFixture()
  const client = await SessionClient.greeted(broker)
  client.bufferedBytes = 9 * 1024 * 1024
  await client.say({ type: 'ping' })
  assert.equal(client.closedWith, 4003)
})

test('no frame whatever makes a session throw or find a defect', async () => {
  const names = ['type', 'channel', 'kind', 'topic', 'partition', 'sequence', 'records', 'from']
  const types = ['hello', 'open', 'produce', 'credit', 'close', 'ping', 'request', 'pong']
  const field = fc.oneof(
    fc.constantFrom(...types, 'producer', 'reader', 'orders', 'earliest'),
    fc.integer({ min: -2, max: 3 }),
    fc.jsonValue({ maxDepth: 2 }),
    fc.constant([{ value: 'x', headers: { a: 1 } }]),
    fc.constant({ bytes: 1000 }),
  )
  const likely = fc.dictionary(fc.constantFrom(...names, 'op', 'id', 'bytes', 'credit'), field)
  const valid = fc.constantFrom<object>(
    openProducer,
    { ...openProducer, channel: 2, kind: 'reader', credit: { bytes: 500 } },
    { type: 'produce', channel: 1, partition: 0, sequence: 0, records: [{ value: 'v' }] },
    { type: 'close', channel: 1 },
  )
  const text = fc.oneof(
    fc
      .oneof(likely, valid, fc.array(fc.oneof(likely, valid), { maxLength: 4 }))
      .map((m) => JSON.stringify(m)),
    fc.string(),
  )
  const header = fc
    .tuple(fc.constantFrom(1, 2, 0x81), fc.nat(2), fc.nat(2), fc.uint8Array({ maxLength: 80 }))
    .map(([type, channel, partition, content]) => {
      const frame = new Uint8Array(16 + content.length)
      const view = new DataView(frame.buffer)
      view.setUint8(0, type)
      view.setUint32(4, channel)
      view.setUint32(8, partition)
      view.setUint32(12, content.length)
      frame.set(content, 16)
      return frame
    })
  const frames = fc.array(fc.oneof(text, header, fc.uint8Array({ maxLength: 40 })), {
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(frames, async (given) => {
      const broker = new BrokerFixture({ flush: 'os' })
      broker.topic('orders')
      const client = await SessionClient.greeted(broker)
      for (const frame of given) {
        if (typeof frame === 'string') await client.sayText(frame)
        else await client.sayBinary(frame)
      }
      assert.deepEqual(broker.defects, [])
    }),
    { numRuns: 300 },
  )
})
