import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionFault } from '../../src/handlers/connection-fault.js'
import type { ClientContext } from '../../src/handlers/context.js'
import { Dispatcher, neverCloses } from '../../src/handlers/dispatcher.js'
import { kafkaError } from '../../src/handlers/error-mapping.js'
import { ioTable } from '../../src/handlers/io-table.js'
import { type HandlerRow, row } from '../../src/handlers/table.js'
import { codecFor } from '../../src/protocol/codec.js'
import { encodeRequestFrame } from '../../src/protocol/headers.js'
import { apiByKey } from '../../src/protocol/messages/api-table.js'
import { apiVersions } from '../../src/protocol/messages/api-versions.js'
import { createTopics } from '../../src/protocol/messages/create-topics.js'
import { describeCluster } from '../../src/protocol/messages/describe-cluster.js'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { batch, decodeAnswer, IoFixture } from './io-fixture.js'

const controlRow: HandlerRow<never> = row(createTopics, {
  operation: 'cluster:create',
  handle: () => ({ throttleTimeMs: 0, topics: [] }),
})

test('every row has the versions of its schema and names an operation', () => {
  const { services } = new IoFixture()
  const table = ioTable(services, [controlRow])
  assert.ok(table.length >= 11)
  for (const { key, name, versions, operation } of table) {
    const api = apiByKey(key)
    assert.ok(api !== undefined, name)
    assert.equal(name, api.name)
    assert.deepEqual(versions, api.versions, name)
    assert.ok(operation.length > 0, name)
  }
})

test('two rows for one API are a mistake that shows at start', () => {
  const { services } = new IoFixture()
  assert.throws(() => new IoFixture({ control: [controlRow, controlRow] }), /two rows/)
  assert.ok(services)
})

test('ApiVersions lists exactly the rows, and Produce from version 0', async () => {
  const fixture = new IoFixture({ control: [controlRow] })
  const answer = await fixture.ask(apiVersions, 4, software('librdkafka', '2.4.0'))
  assert.equal(answer.errorCode, kafkaError.NONE)
  assert.deepEqual(
    answer.apiKeys.map((a) => a.apiKey),
    [0, 1, 2, 3, 18, 19, 21, 23, 60, 61, 75],
  )
  assert.deepEqual(answer.apiKeys[0], { apiKey: 0, minVersion: 0, maxVersion: 13 })
  assert.deepEqual(answer.apiKeys[1], { apiKey: 1, minVersion: 4, maxVersion: 18 })
  assert.deepEqual(answer.finalizedFeatures, [])
  assert.equal(fixture.client.softwareName, 'librdkafka')
  assert.equal(fixture.client.softwareVersion, '2.4.0')
})

function software(clientSoftwareName: string, clientSoftwareVersion: string) {
  return { clientSoftwareName, clientSoftwareVersion }
}

test('a software name that breaks the rule is an invalid request', async () => {
  for (const bad of [
    software('', '1'),
    software('-a', '1'),
    software('a', 'b!'),
    software('ä', '1'),
  ]) {
    const answer = await new IoFixture().ask(apiVersions, 3, bad)
    assert.equal(answer.errorCode, kafkaError.INVALID_REQUEST)
    assert.deepEqual(answer.apiKeys, [])
  }
})

test('an unknown version of ApiVersions is answered as v0 with its own entry', async () => {
  const frame = Buffer.alloc(15)
  frame.writeInt16BE(18, 0)
  frame.writeInt16BE(99, 2)
  frame.writeInt32BE(77, 4)
  frame.writeInt16BE(-1, 8)
  const chunks = await new IoFixture().sendBytes(frame)
  assert.ok(chunks !== null)
  const bytes = Buffer.concat(chunks)
  assert.equal(bytes.readInt32BE(4), 77)
  const answer = decodeAnswer(apiVersions, 0, chunks)
  assert.equal(answer.errorCode, kafkaError.UNSUPPORTED_VERSION)
  assert.deepEqual(answer.apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }])
})

test('an unknown API, and an unknown version of another, close the connection', () => {
  const fixture = new IoFixture()
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 0])
  header.writeInt16BE(999, 0)
  assert.throws(() => fixture.sendBytes(header), /API key 999/)
  header.writeInt16BE(0, 0)
  header.writeInt16BE(2, 2)
  assert.throws(() => fixture.sendBytes(header), ConnectionFault)
  header.writeInt16BE(14, 2)
  assert.throws(() => fixture.sendBytes(header), /Produce version 14 is not between 3 and 13/)
})

test('frames that lie throw a ProtocolError that names the field', () => {
  const fixture = new IoFixture()
  const frame = encodeRequestFrame(
    codecFor(metadata, 12),
    { correlationId: 1, clientId: 'x' },
    { topics: [{ name: 'a' }] },
  )
  const whole = Buffer.concat(frame.chunks).subarray(4)
  for (let cut = 0; cut < whole.length; cut++) {
    assert.throws(() => fixture.sendBytes(whole.subarray(0, cut)), ProtocolError, `cut at ${cut}`)
  }
  const counted = Buffer.from(whole)
  counted[counted.indexOf(2, 12)] = 100 // the count of topics, plus one
  assert.throws(() => fixture.sendBytes(counted), /topics/)
})

test('bytes behind a request are left alone, as Kafka does', async () => {
  const fixture = new IoFixture()
  const frame = encodeRequestFrame(
    codecFor(metadata, 1),
    { correlationId: 1, clientId: null },
    { topics: [] },
  )
  const chunks = await fixture.sendBytes(
    Buffer.concat([...frame.chunks, Buffer.alloc(9)]).subarray(4),
  )
  assert.ok(chunks !== null)
  assert.equal(decodeAnswer(metadata, 1, chunks).brokers.length, 1)
})

test('a frame in any chunks is the same frame', async () => {
  const fixture = new IoFixture()
  fixture.topic('a')
  const frame = encodeRequestFrame(
    codecFor(metadata, 9),
    { correlationId: 1, clientId: 'chunked' },
    { topics: [{ name: 'a' }] },
  )
  const whole = Buffer.concat(frame.chunks).subarray(4)
  const whole1 = await fixture.connection.onFrame([whole], whole.length)
  const bytes = Array.from(whole, (_, at) => whole.subarray(at, at + 1))
  const whole2 = await fixture.connection.onFrame(bytes, whole.length)
  assert.ok(whole1 !== null && whole2 !== null)
  assert.deepEqual(Buffer.concat(whole2), Buffer.concat(whole1))
})

test('a row of the control plane is forwarded as the raw frame, copied', async () => {
  const forwarded: { frame: Uint8Array; client: ClientContext }[] = []
  const fixture = new IoFixture({
    control: [controlRow],
    dispatcher: {
      forward: (frame, client) => {
        forwarded.push({ frame, client })
        return Promise.resolve([Uint8Array.of(1, 2, 3)])
      },
    },
  })
  const frame = encodeRequestFrame(
    codecFor(createTopics, 7),
    { correlationId: 5, clientId: 'x' },
    { topics: [], timeoutMs: 10, validateOnly: false },
  )
  const whole = Buffer.concat(frame.chunks).subarray(4)
  const sent = Buffer.from(whole)
  const answer = fixture.connection.onFrame([whole.subarray(0, 5), whole.subarray(5)], whole.length)
  whole.fill(0)
  assert.deepEqual(await answer, [Uint8Array.of(1, 2, 3)])
  assert.equal(forwarded.length, 1)
  assert.deepEqual(Buffer.from(forwarded[0]?.frame ?? []), sent)
  assert.equal(forwarded[0]?.client, fixture.client)
})

test('the control plane answers a forwarded frame with the same class', async () => {
  const fixture = new IoFixture()
  const control = new Dispatcher<null>({
    table: [
      row<null, typeof createTopics.request, typeof createTopics.response>(createTopics, {
        operation: 'cluster:create',
        handle: () => ({ throttleTimeMs: 0, topics: [] }),
      }),
    ],
    services: null,
    clock: fixture.clock,
    logger: fixture.services.logger,
  })
  const frame = encodeRequestFrame(
    codecFor(createTopics, 7),
    { correlationId: 5, clientId: 'x' },
    { topics: [], timeoutMs: 10, validateOnly: false },
  )
  const origin = { client: fixture.client, closed: neverCloses }
  const chunks = await control.dispatch([Buffer.concat(frame.chunks).subarray(4)], origin)
  assert.ok(chunks !== null)
  assert.deepEqual(decodeAnswer(createTopics, 7, chunks).topics, [])
})

test('authorise lets in or closes, before the request is decoded', async () => {
  const asked: string[] = []
  const fixture = new IoFixture({
    dispatcher: {
      authorise: (_client, { name, operation }) => {
        asked.push(`${name} ${operation}`)
        return operation === 'none'
      },
    },
  })
  await fixture.ask(apiVersions, 0, {})
  assert.throws(() => fixture.send(metadata, 1, { topics: [] }), /Metadata is not allowed/)
  assert.deepEqual(asked, ['ApiVersions none', 'Metadata cluster:describe'])
})

test('a handler that throws answers UNKNOWN_SERVER_ERROR where the API can say so', async () => {
  const failures: string[] = []
  const observer = { answered: () => {}, failed: (name: string) => failures.push(name) }
  const fixture = new IoFixture({ dispatcher: { observer } })
  const broken = new Dispatcher({
    table: ioTable(fixture.services, []),
    services: { ...fixture.services, metadata: () => assert.fail('broken') },
    clock: fixture.clock,
    logger: fixture.services.logger,
    observer,
  }).connection(fixture.client)
  const header = { correlationId: 1, clientId: null }
  const cluster = encodeRequestFrame(codecFor(describeCluster, 0), header, {
    includeClusterAuthorizedOperations: false,
  })
  const chunks = await broken.onFrame([Buffer.concat(cluster.chunks).subarray(4)], 0)
  assert.ok(chunks !== null)
  const answer = decodeAnswer(describeCluster, 0, chunks)
  assert.equal(answer.errorCode, kafkaError.UNKNOWN_SERVER_ERROR)
  const whole = encodeRequestFrame(codecFor(metadata, 1), header, { topics: [] })
  const closes = broken.onFrame([Buffer.concat(whole.chunks).subarray(4)], 0)
  await assert.rejects(Promise.resolve(closes), /Metadata failed unexpectedly/)
  assert.deepEqual(failures, ['DescribeCluster', 'Metadata'])
})

test('the observer hears of each answered request', async () => {
  const heard: string[] = []
  const fixture = new IoFixture({
    dispatcher: { observer: { answered: (name) => heard.push(name), failed: () => {} } },
  })
  fixture.topic('t')
  await fixture.ask(metadata, 9, { topics: [] })
  await fixture.ask(produce, 9, {
    acks: 1,
    timeoutMs: 100,
    topicData: [{ name: 't', partitionData: [{ index: 0, records: [batch()] }] }],
  })
  assert.deepEqual(heard, ['Metadata', 'Produce'])
})
