// Kafka's own kafka-dump-log reads our files: each rolled segment while the broker runs, and the active
// one after a clean stop.
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { millrace, startBroker, type TestBroker } from '../support/broker.js'
import { runKafkaTool } from '../support/kafka-server.js'
import { runOrFail } from '../support/processes.js'
import { firstFullLines, type Slice } from './slice.js'

const TOPIC = 'dumped'
let broker: TestBroker
let slice: Slice

before(async () => {
  slice = firstFullLines(60_000)
  broker = await startBroker()
  const at = ['--url', broker.websocket]
  await runOrFail(process.execPath, [
    millrace,
    'topic',
    'create',
    TOPIC,
    '--config',
    'segment.bytes=1048576',
    ...at,
  ])
  await runOrFail('kcat', ['-b', broker.kafka, '-P', '-t', TOPIC, '-z', 'zstd', '-l', slice.path])
  await runOrFail(process.execPath, [millrace, 'produce', TOPIC, ...at], { input: slice.bytes })
})

after(() => broker.stop())

function files(extension: string): string[] {
  const folder = join(broker.dataDirectory, `${TOPIC}-0`)
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(folder, name))
}

/** How many records the tool finds in the segments; a problem in one of them is an error. */
async function dump(paths: readonly string[]): Promise<number> {
  const { code, stdout, stderr } = await runKafkaTool('dump-log', [
    '--deep-iteration',
    '--print-data-log',
    '--files',
    paths.join(','),
  ])
  const text = stdout.toString()
  assert.equal(code, 0, stderr)
  assert.doesNotMatch(text, /isvalid: false|invalid bytes|Found \d+/)
  return text.split('\n').filter((line) => line.startsWith('| offset: ')).length
}

test('every rolled segment while the broker runs', async () => {
  const segments = files('.log')
  assert.ok(segments.length >= 3, `only ${segments.length} segments`)
  const rolled = segments.slice(0, -1)
  const active = segments.at(-1) ?? ''
  const activeBase = Number(/(\d{20})\.log$/.exec(active)?.[1])
  assert.equal(await dump(rolled), activeBase)
})

test('all of them after a clean stop, indexes included', async () => {
  assert.equal(await broker.stop(), 0)
  assert.equal(await dump(files('.log')), 2 * slice.lines.length)
  const indexes = [...files('.index'), ...files('.timeindex')]
  assert.equal(indexes.length, 2 * files('.log').length)
  const { code, stdout, stderr } = await runKafkaTool('dump-log', [
    '--index-sanity-check',
    '--files',
    indexes.join(','),
  ])
  assert.equal(code, 0, stderr)
  const good = stdout.toString().match(/passed sanity check|index is empty/g)
  assert.equal(good?.length, indexes.length, stdout.toString())
  assert.doesNotMatch(stdout.toString() + stderr, /mismatch|not monotonic|exception/i)
})
