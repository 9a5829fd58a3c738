// What retention.ms, retention.bytes and segment.ms do in a started broker.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startBroker, type TestBroker } from '../support/broker.js'
import { ByHand } from './by-hand.js'

const VALUE = 'x'.repeat(64 * 1024)
const RECORDS = 64 // 4 MiB
const SEGMENT = { 'segment.bytes': '1048576' }

let broker: TestBroker
let client: ByHand
let channel = 0

before(async () => {
  broker = await startBroker({
    flags: ['--flush', 'os', '--log-retention-check-interval-ms', '100'],
  })
  client = await ByHand.welcomed(broker.websocket)
})

after(async () => {
  client?.close()
  await broker?.stop()
})

async function fill(topic: string, configs: object, timestamp = Date.now()): Promise<void> {
  const made = await client.request('createTopic', { topic, configs: { ...SEGMENT, ...configs } })
  assert.equal(made.ok, true, JSON.stringify(made))
  client.send({ type: 'open', channel: ++channel, kind: 'producer', topic })
  await client.next('opened')
  for (let sequence = 0; sequence < RECORDS; sequence++) {
    const records = [{ value: VALUE, timestamp }]
    client.send({ type: 'produce', channel, partition: 0, sequence, records })
    while ((await client.next('ack')).sequence !== sequence);
  }
}

async function offsets(topic: string): Promise<{ startOffset: number; endOffset: number }> {
  const { result } = await client.request('describeTopic', { topic })
  const { partitions } = result as { partitions: { startOffset: number; endOffset: number }[] }
  const [only] = partitions
  assert.ok(only)
  return only
}

function segments(topic: string): string[] {
  return readdirSync(join(broker.dataDirectory, `${topic}-0`)).filter((name) =>
    name.endsWith('.log'),
  )
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await pause(50)
}

test('records older than retention.ms go, with their files', { timeout: 30_000 }, async () => {
  await fill('old', { 'retention.ms': '60000' }, Date.now() - 3_600_000)
  await until(async () => (await offsets('old')).startOffset === RECORDS)
  await until(() => segments('old').length === 1)
  assert.deepEqual(await offsets('old'), { ...(await offsets('old')), endOffset: RECORDS })
})

test('beyond retention.bytes the oldest segments go', { timeout: 30_000 }, async () => {
  await fill('large', { 'retention.bytes': '2097152', 'retention.ms': '-1' })
  await until(async () => (await offsets('large')).startOffset > 0)
  await pause(500)
  const { startOffset, endOffset } = await offsets('large')
  assert.equal(endOffset, RECORDS)
  // What is left is the limit at least, and less than a segment more.
  const left = (endOffset - startOffset) * VALUE.length
  assert.ok(left >= 2_000_000 && left < 3_200_000, `${left} bytes are left`)
})

test('segment.ms rolls a segment that is not full', { timeout: 30_000 }, async () => {
  await fill('rolled', { 'segment.ms': '1000', 'retention.ms': '-1', 'segment.bytes': '104857600' })
  await until(() => segments('rolled').length > 1)
  assert.equal((await offsets('rolled')).startOffset, 0)
})

test('what is neither old nor too much stays', { timeout: 30_000 }, async () => {
  await fill('kept', { 'retention.ms': '3600000' })
  await pause(500)
  assert.deepEqual((await offsets('kept')).startOffset, 0)
  assert.ok(segments('kept').length >= 4)
})
