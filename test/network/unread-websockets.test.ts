// WebSocket clients that ask for gigabytes and never read their socket, in both subprotocols: a broker of
// its own, so that its memory is told apart. Frames by hand, since no client library lets its socket lie.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
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
const ASKED_EACH = 50
const BATCHES = 8
const VALUE_BYTES = 900_000
/** Of 40 clients together, who ask for 14 GB. */
const MAX_GROWTH_BYTES = 192 << 20

function maskedFrame(opcode: number, payload: Uint8Array): Buffer {
  const header = Buffer.alloc(14)
  header[0] = 0x80 | opcode
  header[1] = 0x80 | 127
  header.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([header, payload]) // a mask of zeros
}

const texts: readonly object[] = [
  { type: 'hello' },
  ...Array.from({ length: ASKED_EACH }, (_, i) => ({
    type: 'open',
    channel: i + 1,
    kind: 'reader',
    topic: 't',
    from: 'earliest',
    credit: { bytes: 1_000_000_000 },
  })),
]

const subprotocols = [
  {
    name: 'millrace.v1',
    path: '/',
    requests: () => texts.map((text) => maskedFrame(1, Buffer.from(JSON.stringify(text)))),
  },
  {
    name: 'kafka',
    path: '/kafka',
    requests: () =>
      Array.from({ length: ASKED_EACH }, () => maskedFrame(2, frameOf(fetch, 11, fetchFrom('t')))),
  },
]

/** Resolves when the kernel has all the requests; nothing behind the first answer's head is read. */
async function askWithoutReading(
  url: string,
  { name, path, requests }: (typeof subprotocols)[number],
): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${name}\r\n\r\n`,
  )
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString('latin1'), /^HTTP\/1.1 101/)
  socket.pause()
  socket.on('error', () => {})
  await new Promise<void>((resolve) => socket.write(Buffer.concat(requests()), () => resolve()))
  return socket
}

for (const subprotocol of subprotocols) {
  test(`${subprotocol.name}: sockets that are never read cost a bounded memory, and the next client is served`, async () => {
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
      for (let client = 0; client < CLIENTS; client++) {
        unread.push(await askWithoutReading(broker.websocket, subprotocol))
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
}
