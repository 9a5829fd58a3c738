// Frames that are no requests, thousands of them, over TCP and WebSocket: each costs its connection at
// most, the next client is served, and memory stays bounded. What is answered to each is compared with
// Kafka in test/oracle. A broker of its own, so that its memory is told apart.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { badFrames } from '../oracle/cases/bad-frames.js'
import { Probe } from '../oracle/probe.js'
import { KafkaWebSocket } from '../oracle/web-socket.js'
import { startBroker, type TestBroker } from '../support/broker.js'
import { anonymousBytes } from '../support/processes.js'

const TIMES = 50
/** Together they announce more than 100 GiB, and count 10^11 elements. */
const MAX_GROWTH_BYTES = 64 << 20

let broker: TestBroker
let honest: Probe

before(async () => {
  broker = await startBroker()
  honest = new Probe(broker.kafka)
})

after(async () => {
  honest?.close()
  await broker?.stop()
})

/** Resolves when the broker has answered, or closed. */
function overTcp(frame: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: broker.kafkaPort }, () => socket.write(frame))
    socket.on('error', () => {})
    socket.once('data', () => socket.destroy())
    socket.once('close', () => resolve())
  })
}

async function overWebSocket(frame: Uint8Array): Promise<void> {
  const socket = await KafkaWebSocket.open(broker.websocket)
  await socket.exchange(frame)
  socket.close()
}

async function costs(send: (frame: Uint8Array) => Promise<void>, times: number): Promise<number> {
  for (const [, bytes] of badFrames) await send(bytes())
  const begin = anonymousBytes(broker.pid)
  for (let time = 0; time < times; time++) {
    await Promise.all(badFrames.map(([, bytes]) => send(bytes())))
    // A connection of its own each time, so both workers are asked.
    honest.close()
    assert.notEqual(await honest.askQuietly(metadata, 4, { topics: [] }), undefined)
  }
  return anonymousBytes(broker.pid) - begin
}

for (const [transport, send] of [
  ['TCP', overTcp],
  ['WebSocket', overWebSocket],
] as const) {
  test(`bad frames over ${transport} cost a bounded memory and nobody else`, async () => {
    const growth = await costs(send, TIMES)
    assert.ok(growth < MAX_GROWTH_BYTES, `grew by ${growth} bytes`)
  })
}
