// Connections that announce much and send little: a broker of its own, so that its memory is told apart.
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { frameOf, Probe } from '../oracle/probe.js'
import { startBroker } from '../support/broker.js'
import { anonymousBytes } from '../support/processes.js'

const CONNECTIONS = 1000
const ANNOUNCED_BYTES = 60 << 20
/** Of all together, who announce 60 GB. */
const MAX_GROWTH_BYTES = 64 << 20

/** Resolves with the first answer: from then on the limit of a first request does not apply. */
function say(port: number, bytes: Uint8Array): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.write(bytes)
    })
    socket.once('data', () => resolve(socket))
    socket.on('error', reject)
  })
}

test('1,000 connections that announce 60 MiB each and send a byte cost a bounded memory', async () => {
  const broker = await startBroker()
  const open: Socket[] = []
  const honest = new Probe(broker.kafka)
  try {
    assert.notEqual(await honest.askQuietly(metadata, 4, { topics: [] }), undefined)
    const before = anonymousBytes(broker.pid)
    const announced = Buffer.alloc(5)
    announced.writeInt32BE(ANNOUNCED_BYTES)
    const beginning = Buffer.concat([frameOf(metadata, 4, { topics: [] }), announced])
    let closed = 0
    for (let at = 0; at < CONNECTIONS; at++) {
      const socket = await say(broker.kafkaPort, beginning)
      socket.on('close', () => closed++)
      open.push(socket)
    }
    // Each is a connection of its own, so both workers are asked.
    for (let client = 0; client < 50; client++) {
      honest.close()
      assert.notEqual(await honest.askQuietly(metadata, 4, { topics: [] }), undefined)
    }
    assert.equal(closed, 0, 'each still waits for the rest')
    const growth = anonymousBytes(broker.pid) - before
    assert.ok(growth < MAX_GROWTH_BYTES, `grew by ${growth} bytes`)
  } finally {
    for (const socket of open) socket.destroy()
    honest.close()
    await broker.stop()
  }
})
