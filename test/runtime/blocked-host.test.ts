// The application's thread stands still for ten seconds: its broker serves, creates topics included.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { Kafka, logLevel } from 'kafkajs'
import { connect } from '../../src/client/index.js'
import { temporaryDirectory } from '../support/broker.js'
import { kill, outputLine, start } from '../support/processes.js'
import { projectRoot } from '../support/project.js'

const program = join(projectRoot, 'test/runtime/host-that-blocks.mjs')
const embed = new URL('../../src/embed.js', import.meta.url).href

test('a host that blocks its own thread for ten seconds harms nobody', async () => {
  const host = start(process.execPath, [program, embed, temporaryDirectory()], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ready = await outputLine(host, /^ready /)
  const [, url = '', kafka = ''] = ready.split(' ')
  let isUnblocked = false
  const unblocked = outputLine(host, /^unblocked/).then(() => {
    isUnblocked = true
  })
  const blocked = outputLine(host, /^blocked/, 'stderr')
  host.stdin?.write('block\n')
  await blocked

  const client = await connect(url)
  const producer = await client.producer('made-meanwhile')
  await producer.send({ value: 'over WebSocket' })
  const stock = new Kafka({ brokers: [kafka.trim()], logLevel: logLevel.NOTHING })
  const kafkaProducer = stock.producer()
  await kafkaProducer.connect()
  await kafkaProducer.send({ topic: 'made-meanwhile', messages: [{ value: 'over TCP' }] })
  const reader = await client.reader('made-meanwhile', { from: 'earliest' })
  const read: string[] = []
  for await (const { value } of reader) {
    read.push(Buffer.from(value ?? []).toString())
    if (read.length === 2) break
  }
  assert.deepEqual(read, ['over WebSocket', 'over TCP'])
  assert.equal(isUnblocked, false)
  await kafkaProducer.disconnect()
  await client.close()
  await unblocked
  await kill(host, 'SIGKILL')
})
