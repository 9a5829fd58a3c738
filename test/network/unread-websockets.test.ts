// WebSocket clients that ask for gigabytes and never read their socket, in both subprotocols. Frames by
// hand, since no client library lets its socket lie.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test } from 'node:test'
import { fetchFrame, unreadCostAtMost } from './unread.js'

const ASKED_EACH = 50
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
    requests: () => Array.from({ length: ASKED_EACH }, () => maskedFrame(2, fetchFrame)),
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
    await unreadCostAtMost(MAX_GROWTH_BYTES, ({ websocket }) =>
      askWithoutReading(websocket, subprotocol),
    )
  })
}
