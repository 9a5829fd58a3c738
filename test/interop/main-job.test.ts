// The main job on real input: a file of over a million lines goes in over WebSocket and comes out byte
// for byte through stock Kafka clients and ours; and once more with the broker killed in the middle.
import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { millrace, startBroker, type TestBroker } from '../support/broker.js'
import { withPage } from '../support/browser.js'
import { runKafkaTool } from '../support/kafka-server.js'
import { type LogFile, realLogFile, sha256 } from '../support/log-file.js'
import { outputLine, runOrFail, start } from '../support/processes.js'
import { readPlainly } from './plain-reader.js'
import { firstLines } from './slice.js'

const TOPIC = 'packages'
const LINES_IN_BROWSER = 100_000
let broker: TestBroker
let file: LogFile

before(async () => {
  file = realLogFile()
  broker = await startBroker()
  await cli('topic', 'create', TOPIC, '--partitions', '1')
})

after(() => broker.stop())

function cli(...args: string[]) {
  return runOrFail(process.execPath, [millrace, ...args, '--url', broker.websocket], {})
}

async function produceFile(topic: string): Promise<{ acknowledged: number }> {
  const child = start(
    process.execPath,
    [millrace, 'produce', topic, '--url', broker.websocket, '--json'],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const summary = outputLine(child, /"acknowledged"/)
  if (child.stdin) createReadStream(file.path).pipe(child.stdin)
  return JSON.parse(await summary) as { acknowledged: number }
}

test('goes in over WebSocket with millrace produce', async () => {
  const summary = await produceFile(TOPIC)
  assert.equal(summary.acknowledged, file.lines)
})

test('comes out byte-equal through kcat', async () => {
  const { stdout } = await runOrFail('kcat', [
    '-b',
    broker.kafka,
    '-C',
    '-t',
    TOPIC,
    '-p',
    '0',
    '-o',
    'beginning',
    '-e',
    '-q',
  ])
  assert.equal(sha256(stdout), file.sha256)
})

test("comes out byte-equal through Kafka's console consumer", async () => {
  const { stdout, stderr } = await runKafkaTool('console-consumer', [
    '--bootstrap-server',
    broker.kafka,
    '--topic',
    TOPIC,
    '--partition',
    '0',
    '--offset',
    'earliest',
    '--max-messages',
    `${file.lines}`,
    '--timeout-ms',
    '60000',
  ])
  assert.equal(sha256(stdout), file.sha256, stderr)
})

test('comes out byte-equal through millrace consume', async () => {
  const { stdout } = await cli('consume', TOPIC, '--from', 'earliest', '--until-end')
  assert.equal(sha256(stdout), file.sha256)
})

test('comes out byte-equal through a plain WebSocket', async () => {
  const wanted = { url: broker.websocket, topic: TOPIC, count: file.lines }
  const text = await readPlainly(WebSocket, wanted)
  assert.equal(sha256(Buffer.from(text, 'latin1')), file.sha256)
})

test('comes out byte-equal in a page of a browser', async () => {
  const lines = firstLines(LINES_IN_BROWSER)
  const wanted = { url: broker.websocket, topic: TOPIC, count: LINES_IN_BROWSER }
  const digest = await withPage(broker, (page) =>
    page.evaluate(
      `(${readPlainly})(WebSocket, ${JSON.stringify(wanted)}).then((text) => {
        const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0))
        return crypto.subtle.digest('SHA-256', bytes)
      }).then((hash) => Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join(''))`,
    ),
  )
  assert.equal(digest, sha256(lines.bytes))
})

test('is there once, in order, when the broker is killed in the middle', async () => {
  const topic = 'killed'
  await cli('topic', 'create', topic, '--partitions', '1')
  const producing = produceFile(topic)
  await recordsVisible(topic, file.lines / 5)
  await broker.crash()
  broker = await broker.restart()
  const { acknowledged } = await producing
  assert.equal(acknowledged, file.lines)
  const { stdout } = await runOrFail('kcat', [
    '-b',
    broker.kafka,
    '-C',
    '-t',
    topic,
    '-p',
    '0',
    '-o',
    'beginning',
    '-e',
    '-q',
  ])
  assert.equal(sha256(stdout), file.sha256)
})

/** Resolves when a consumer has seen that many records: the producer is then in the middle. */
async function recordsVisible(topic: string, count: number): Promise<void> {
  await cli('consume', topic, '--from', 'earliest', '--follow', '--count', `${Math.ceil(count)}`)
}
