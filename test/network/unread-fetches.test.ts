// Clients that ask for gigabytes and never read: a broker of its own, so that its memory is told apart.
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { fetch } from '../../src/protocol/messages/fetch.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { batchOf } from '../oracle/cases/batches.js'
import { produceDraft } from '../oracle/cases/produce.js'
import { frameOf, Probe } from '../oracle/probe.js'
import { startBroker } from '../support/broker.js'
import { anonymousBytes, fetchFrom } from './unread.js'

const CLIENTS = 40
const FETCHES_EACH = 100
const BATCHES = 8
const VALUE_BYTES = 900_000
/** Of 40 clients together, who ask for 28 GB. */
const MAX_GROWTH_BYTES = 96 << 20

/** Resolves when the kernel has all the requests; nothing is ever read. */
function askWithoutReading(port: number, requests: Uint8Array): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.pause()
      socket.write(requests, () => resolve(socket))
    })
    socket.on('error', reject)
  })
}

test('clients that fetch and never read cost a bounded memory, and the next one is served', async () => {
  const broker = await startBroker({ flags: ['--flush', 'os'] })
  const unread: Socket[] = []
  const honest = new Probe(broker.kafka)
  try {
    await honest.createTopic('t')
    const records = batchOf(['x'.repeat(VALUE_BYTES)])
    for (let sent = 0; sent < BATCHES; sent++) {
      await honest.askQuietly(produce, 9, produceDraft({ name: 't', records }))
    }
    const whole = async () => {
      const answer = await honest.askQuietly(fetch, 11, fetchFrom('t'))
      const chunks = answer?.responses[0]?.partitions[0]?.records ?? []
      return chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    }
    assert.equal(await whole(), BATCHES * records.length)
    const before = anonymousBytes(broker.pid)
    const requests = Buffer.concat(
      Array.from({ length: FETCHES_EACH }, () => frameOf(fetch, 11, fetchFrom('t'))),
    )
    for (let client = 0; client < CLIENTS; client++) {
      unread.push(await askWithoutReading(broker.kafkaPort, requests))
    }
    // Both workers have turned many times since the last request came.
    for (let round = 0; round < 20; round++) {
      assert.equal(await whole(), BATCHES * records.length)
    }
    const growth = anonymousBytes(broker.pid) - before
    assert.ok(growth < MAX_GROWTH_BYTES, `grew by ${growth} bytes`)
  } finally {
    for (const socket of unread) socket.destroy()
    honest.close()
    await broker.stop()
  }
})
