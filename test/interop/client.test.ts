// The TypeScript client against a broker in its own process, over real sockets.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Client, connect } from '../../src/client/index.js'
import { startBroker, type TestBroker } from '../support/broker.js'
import { start } from '../support/processes.js'

let broker: TestBroker
let client: Client
before(async () => {
  broker = await startBroker()
  client = await connect(broker.websocket)
})
after(async () => {
  await client.close()
  await broker.stop()
})

const text = (bytes: Uint8Array | null) => (bytes === null ? null : new TextDecoder().decode(bytes))

async function readAll(topic: string): Promise<(string | null)[]> {
  const values: (string | null)[] = []
  for await (const records of (await client.reader(topic, { until: 'end' })).batches()) {
    for (const { value } of records) values.push(text(value))
  }
  return values
}

test('100,000 records go in and come out in order', async () => {
  const producer = await client.producer('many')
  const expected = Array.from({ length: 100_000 }, (_, i) => `record ${i}`)
  let failed: unknown
  for (const value of expected) {
    producer.send({ value }).catch((error: unknown) => {
      failed = error
    })
    await producer.ready()
  }
  await producer.flush()
  assert.equal(failed, undefined)
  assert.deepEqual(await readAll('many'), expected)
})

test('a killed broker is invisible but for the time it takes', async () => {
  const producer = await client.producer('killed', { durability: 'all' })
  const reader = await client.reader('killed')
  const expected = Array.from({ length: 400 }, (_, i) => `record ${i}`)
  const seen: (string | null)[] = []
  const reading = (async () => {
    for await (const { value } of reader) if (seen.push(text(value)) === expected.length) break
  })()
  for (const [i, value] of expected.entries()) {
    const sent = producer.send({ value })
    if (i === 150) {
      await broker.crash()
      broker = await broker.restart()
    }
    if (i % 10 === 0) await sent
  }
  await producer.flush()
  await reading
  assert.deepEqual(seen, expected)
  assert.deepEqual(await readAll('killed'), expected)
})

for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
  test(`records that another client compressed with ${codec}`, async () => {
    const topic = `packed-${codec}`
    await client.topics.create(topic, { partitions: 1 })
    const expected = Array.from({ length: 500 }, (_, i) => `a value to compress ${i}`)
    const flags = ['-b', broker.kafka, '-P', '-t', topic, '-p', '0', '-z', codec]
    const kcat = start('kcat', flags, { stdio: ['pipe', 'inherit', 'inherit'] })
    const exited = new Promise((resolve) => kcat.once('exit', resolve))
    kcat.stdin?.end(`${expected.join('\n')}\n`)
    assert.equal(await exited, 0)
    assert.deepEqual(await readAll(topic), expected)
  })
}
