// A connection to another broker over real sockets: answers by their number, deadlines, and ends that tell
// a dead process from a silent one.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { systemClock } from '../../src/base/clock.js'
import { probeProcess } from '../../src/peer/hello.js'
import { PeerConnection } from '../../src/peer/peer-connection.js'
import { tcpTransport } from '../../src/peer/tcp-transport.js'
import { codecFor } from '../../src/protocol/codec.js'
import { decodeRequestHeader, encodeResponseFrame } from '../../src/protocol/headers.js'
import { brokerHello } from '../../src/protocol/inter-broker/broker-hello.js'
import { FrameReader } from '../../src/protocol/reader.js'

const codec = codecFor(brokerHello, 0)
const question = { clusterId: 'c', brokerId: 1 }
const identity = { clusterId: 'c', brokerId: 2, incarnation: 'two' }
const patience = 10_000

type Listener = (socket: Socket) => void

async function listen(t: TestContext, accept: Listener) {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {})
    t.after(() => socket.destroy())
    accept(socket)
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { host: '127.0.0.1', port: address.port }
}

async function freePort(t: TestContext): Promise<{ host: string; port: number }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  await new Promise((done) => server.close(done))
  t.diagnostic(`nobody listens at ${address.port}`)
  return { host: '127.0.0.1', port: address.port }
}

const connect = (address: { host: string; port: number }, openWithinMs = patience) =>
  new PeerConnection({
    address,
    transport: tcpTransport,
    clock: systemClock,
    clientId: 'broker-1',
    openWithinMs,
    maxAnswerBytes: 1 << 20,
  })

/** Answers hellos; `reply` may say something else. */
function helloServer(reply: (correlationId: number, socket: Socket) => void): Listener {
  return (socket) => {
    socket.on('data', (bytes) => {
      const { correlationId } = decodeRequestHeader(new FrameReader([bytes.subarray(4)]))
      reply(correlationId, socket)
    })
  }
}

function answerTo(correlationId: number): Buffer {
  const draft = { errorCode: 0, errorMessage: null, ...identity }
  return Buffer.concat(encodeResponseFrame(codec, correlationId, draft).chunks)
}

test('answers find their questions, in whatever order and pieces they come', async (t) => {
  const waiting: number[] = []
  const address = await listen(t, (socket) => {
    let held = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      held = Buffer.concat([held, bytes])
      while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
        const size = held.readInt32BE(0)
        waiting.push(
          decodeRequestHeader(new FrameReader([held.subarray(4, 4 + size)])).correlationId,
        )
        held = held.subarray(4 + size)
      }
      if (waiting.length < 3) return
      const all = Buffer.concat(waiting.reverse().map(answerTo))
      for (let at = 0; at < all.length; at += 7) socket.write(all.subarray(at, at + 7))
    })
  })
  const connection = connect(address)
  const answers = await Promise.all(
    [1, 2, 3].map(() => connection.request(codec, question, patience)),
  )
  for (const answer of answers) assert.equal(answer.ok && answer.value.incarnation, 'two')
  connection.close()
})

test('each end says what it was', async (t) => {
  const reasons: [string, () => Promise<PeerConnection>][] = [
    ['refused', async () => connect(await freePort(t))],
    ['closed', async () => connect(await listen(t, (socket) => socket.end()))],
    ['reset', async () => connect(await listen(t, (socket) => socket.resetAndDestroy()))],
    ['damaged', async () => connect(await listen(t, (socket) => socket.write('HTTP/1.1 400')))],
  ]
  for (const [reason, open] of reasons) {
    const connection = await open()
    const asked = connection.request(codec, question, patience)
    assert.equal((await connection.ended).reason, reason)
    assert.equal((await asked).ok, false)
  }
})

test('silence is silence: nobody is called dead for it', async (t) => {
  const connection = connect(await listen(t, () => {}))
  const answer = await connection.request(codec, question, 50)
  assert.equal(answer.ok, false)
  assert.equal((await connection.ended).reason, 'silent')
})

test('an answer that nobody asked for ends the connection', async (t) => {
  const address = await listen(
    t,
    helloServer((correlationId, socket) => socket.write(answerTo(correlationId + 5))),
  )
  const connection = connect(address)
  void connection.request(codec, question, patience)
  assert.equal((await connection.ended).reason, 'damaged')
})

test('a probe tells the dead from the living', async (t) => {
  const alive = await listen(
    t,
    helloServer((correlationId, socket) => socket.write(answerTo(correlationId))),
  )
  const record = (interBroker: { host: string; port: number }, id = 2) => ({
    id,
    epoch: 1,
    rack: undefined,
    endpoints: [],
    interBroker,
  })
  const options = {
    clusterId: 'c',
    brokerId: 1,
    transport: tcpTransport,
    clock: systemClock,
    incarnation: 'one',
  }
  assert.equal(await probeProcess(record(alive), options), 'alive')
  assert.equal(await probeProcess(record(await freePort(t)), options), 'dead')
  assert.equal(await probeProcess(record(alive, 3), options), 'dead', 'somebody else is there')
  const self = { ...options, incarnation: 'two' }
  assert.equal(await probeProcess(record(alive), self), 'dead', 'it is this process itself')
})
