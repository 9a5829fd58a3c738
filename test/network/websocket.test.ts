// The WebSocket and HTTP port over real sockets: who may come in, what closes, what is bounded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import type { FrameHandler, MessageSocket } from '../../src/network/types.js'
import { bodiesOf, echoHandler, frameOf, startWebSocket } from './fixture.js'

interface Closing {
  readonly code: number
  readonly reason: string
}

function open(
  port: number,
  path: string,
  protocols: string[],
  headers: Record<string, string> = {},
) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers })
  const messages: Buffer[] = []
  let onMessage = () => {}
  socket.on('message', (data: Buffer) => {
    messages.push(data)
    onMessage()
  })
  socket.on('error', () => {})
  return {
    socket,
    messages,
    opened: new Promise<void>((resolve, reject) => {
      socket.on('open', () => resolve())
      socket.on('error', reject)
    }),
    closed: new Promise<Closing>((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    }),
    refused: new Promise<number>((resolve) => {
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode ?? 0)
        request.destroy()
      })
    }),
    async until(bytes: number): Promise<Buffer> {
      while (Buffer.concat(messages).length < bytes) {
        await new Promise<void>((resolve) => {
          onMessage = resolve
        })
      }
      return Buffer.concat(messages)
    },
  }
}

test('kafka frames over binary messages, however they are cut', async () => {
  const server = await startWebSocket({})
  const stream = Buffer.concat(['alpha', 'b', 'gamma'].map(frameOf))
  for (const path of ['/kafka', '/kafka/7']) {
    const client = open(server.port, path, ['kafka'])
    await client.opened
    assert.equal(client.socket.protocol, 'kafka')
    for (const byte of stream) client.socket.send(Buffer.of(byte))
    client.socket.send(stream)
    const bytes = await client.until(stream.length * 2)
    assert.deepEqual(bodiesOf(bytes), ['alpha', 'b', 'gamma', 'alpha', 'b', 'gamma'])
    client.socket.terminate()
  }
  await server.stop()
})

test('the client chooses among the subprotocols; without one that is served it is refused', async () => {
  const server = await startWebSocket({})
  const both = open(server.port, '/', ['unknown', 'millrace.v1'])
  await both.opened
  assert.equal(both.socket.protocol, 'millrace.v1')
  both.socket.terminate()
  for (const [path, protocols, status] of [
    ['/', [], 400],
    ['/', ['kafka'], 400],
    ['/kafka', ['mqtt'], 400],
    ['/kafka/8', ['kafka'], 404],
  ] as const) {
    const client = open(server.port, path, [...protocols])
    client.opened.catch(() => {})
    assert.equal(await client.refused, status)
  }
  const evil = open(server.port, '/', ['millrace.v1'], { origin: 'https://evil.example' })
  evil.opened.catch(() => {})
  assert.equal(await evil.refused, 403)
  const page = open(server.port, '/', ['millrace.v1'], { origin: 'http://localhost:3000' })
  await page.opened
  page.socket.terminate()
  await server.stop()
})

test('a message that is too large closes with 1009, and the next client is served', async () => {
  const server = await startWebSocket({}, { limits: { maxMessageBytes: 1000 } })
  const client = open(server.port, '/', ['millrace.v1'])
  await client.opened
  client.socket.send(Buffer.alloc(1001))
  assert.equal((await client.closed).code, 1009)
  assert.match(String(server.reasons()[0]), /1001 bytes, and at most 1000/)
  const next = open(server.port, '/', ['millrace.v1'])
  await next.opened
  next.socket.terminate()
  await server.stop()
})

test('text on a kafka stream, and a frame that lies, close with their reason, and no other', async () => {
  const server = await startWebSocket({})
  const text = open(server.port, '/kafka', ['kafka'])
  await text.opened
  text.socket.send('hello')
  assert.equal((await text.closed).code, 1003)
  const neighbour = open(server.port, '/kafka', ['kafka'])
  await neighbour.opened
  for (const length of [-1, 0, 2 ** 31 - 1, 101 << 20]) {
    const liar = open(server.port, '/kafka', ['kafka'])
    await liar.opened
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(length)
    liar.socket.send(prefix)
    const closing = await liar.closed
    assert.equal(closing.code, 1008)
    assert.match(closing.reason, new RegExp(`(length|frame) of ${length} bytes`))
  }
  assert.equal(neighbour.socket.readyState, neighbour.socket.OPEN)
  neighbour.socket.terminate()
  await server.stop()
})

test('a kafka stream that asks and never reads is closed at its limit', async () => {
  const answer = frameOf(Buffer.alloc(1 << 20, 'x'))
  let asked = 0
  let isClosed = false
  const handler: FrameHandler = {
    onFrame: () => {
      asked++
      return [answer]
    },
    onClose: () => {
      isClosed = true
    },
  }
  const server = await startWebSocket(
    { kafka: () => handler },
    { limits: { maxUnansweredBytes: 8 << 20 } },
  )
  const client = open(server.port, '/kafka', ['kafka'])
  await client.opened
  client.socket.pause()
  const one = frameOf('more')
  for (let i = 0; i < 400; i++) client.socket.send(one)
  while (server.reasons().length === 0) await new Promise(setImmediate)
  assert.match(String(server.reasons()[0]), /at most 8388608 may wait/)
  assert.ok(asked < 40, `${asked} answers were made`)
  client.socket.terminate()
  while (!isClosed) await new Promise(setImmediate)
  const next = open(server.port, '/kafka', ['kafka'])
  await next.opened
  next.socket.send(one)
  await next.until(answer.length)
  next.socket.terminate()
  await server.stop()
})

test('requests that are never answered are bounded by bytes as well', async () => {
  const server = await startWebSocket(
    { kafka: () => ({ onFrame: () => new Promise(() => {}), onClose() {} }) },
    { limits: { maxUnansweredBytes: 100_000 } },
  )
  const client = open(server.port, '/kafka', ['kafka'])
  await client.opened
  client.socket.send(Buffer.concat(Array.from({ length: 1000 }, () => frameOf('q'))))
  assert.match((await client.closed).reason, /at most 100000 may wait/)
  await server.stop()
})

function heldBackAfterOne() {
  const state = { isHeldBack: false, seen: [] as string[], release: () => {} }
  const asked: { wait?: () => void } = {}
  const isAsked = new Promise<void>((resolve) => {
    asked.wait = resolve
  })
  const handler = (): FrameHandler => ({
    onFrame(chunks) {
      state.seen.push(Buffer.concat(chunks).toString())
      if (state.seen.length === 1) state.isHeldBack = true
      return [frameOf('ok')]
    },
    get isHeldBack() {
      return state.isHeldBack
    },
    onRelease(callback) {
      state.release = callback
      asked.wait?.()
    },
    onClose() {},
  })
  return { state, handler, isAsked }
}

test('a kafka stream that is held back waits, in order, and goes on when it is released', async () => {
  const { state, handler, isAsked } = heldBackAfterOne()
  const server = await startWebSocket({ kafka: handler })
  const client = open(server.port, '/kafka', ['kafka'])
  await client.opened
  const [second, ...rest] = frameOf('2')
  for (const bytes of [frameOf('1'), Buffer.of(second ?? 0), Buffer.from(rest), frameOf('3')]) {
    client.socket.send(bytes)
  }
  await isAsked
  const ponged = new Promise((resolve) => client.socket.once('pong', resolve))
  client.socket.ping()
  await ponged
  assert.deepEqual(state.seen, ['1'])
  state.isHeldBack = false
  state.release()
  await client.until(18)
  assert.deepEqual(state.seen, ['1', '2', '3'])
  client.socket.terminate()
  await server.stop()
})

test('a kafka stream that goes on sending while it is held back is closed at its limit', async () => {
  const { state, handler } = heldBackAfterOne()
  const server = await startWebSocket(
    { kafka: handler },
    { limits: { maxUnansweredBytes: 100_000 } },
  )
  const client = open(server.port, '/kafka', ['kafka'])
  await client.opened
  for (let i = 0; i < 12; i++) client.socket.send(frameOf(Buffer.alloc(10_000)))
  const { code, reason } = await client.closed
  assert.equal(code, 1008)
  assert.match(reason, /while the disk was behind, and at most 100000 may wait/)
  assert.equal(state.seen.length, 1)
  state.isHeldBack = false
  state.release()
  assert.equal(state.seen.length, 1)
  await server.stop()
})

test('an answer larger than any buffer arrives whole at a reader that is slow', async () => {
  const large = frameOf(Buffer.from(Uint8Array.from({ length: 20 << 20 }, (_, i) => i * 31)))
  const server = await startWebSocket({
    kafka: () => ({ onFrame: () => [large.subarray(0, 4), large.subarray(4)], onClose() {} }),
  })
  const client = open(server.port, '/kafka', ['kafka'])
  await client.opened
  client.socket.pause()
  client.socket.send(frameOf('q'))
  for (let i = 0; i < 50; i++) await new Promise(setImmediate)
  client.socket.resume()
  assert.ok((await client.until(large.length)).equals(large))
  client.socket.terminate()
  await server.stop()
})

test('a millrace.v1 handler gets text and binary, answers, and is told of the end', async () => {
  let socket: MessageSocket | undefined
  let closedWith: number | undefined
  const server = await startWebSocket({
    millrace: (_, given) => {
      socket = given
      return {
        onText: (text) => {
          if (text === 'throw') throw new Error('a defect')
          given.sendPair(`header of ${text}`, Buffer.from('body'))
        },
        onBinary: (data) => given.cork(() => given.sendBinary(data)),
        onDrain() {},
        onClose: (code) => {
          closedWith = code
        },
      }
    },
  })
  const client = open(server.port, '/any/path', ['millrace.v1'])
  await client.opened
  client.socket.send('grüße')
  client.socket.send(Buffer.of(1, 2, 3))
  await client.until(Buffer.byteLength('header of grüße') + 4 + 3)
  assert.deepEqual(client.messages.map(String), ['header of grüße', 'body', '\x01\x02\x03'])
  client.socket.send('throw')
  assert.deepEqual(await client.closed, { code: 1011, reason: 'a defect' })
  assert.equal(closedWith, 1011)
  // Nothing that is done with a closed socket hurts.
  socket?.sendText('too late')
  socket?.close(1000, 'twice')
  assert.equal(socket?.bufferedBytes, 0)
  await server.stop()
})

test('kafka streams that say nothing end at their deadline; admission counts both transports', async () => {
  const { ManualClock } = await import('../partition/manual-clock.js')
  const clock = new ManualClock()
  const server = await startWebSocket({}, { clock, limits: { maxConnections: 2 } })
  const silent = open(server.port, '/kafka', ['kafka'])
  const talking = open(server.port, '/', ['millrace.v1'])
  await Promise.all([silent.opened, talking.opened])
  const third = open(server.port, '/', ['millrace.v1'])
  third.opened.catch(() => {})
  assert.equal(await third.refused, 503)
  clock.advance(31_000)
  assert.match((await silent.closed).reason, /no request within 30000 ms/)
  const fourth = open(server.port, '/', ['millrace.v1'])
  await fourth.opened
  fourth.socket.terminate()
  talking.socket.terminate()
  await server.stop()
})

test('1,000 kafka streams that say nothing, or a byte a second, end at their deadline', async () => {
  const { ManualClock } = await import('../partition/manual-clock.js')
  const clock = new ManualClock()
  const server = await startWebSocket({}, { clock })
  const clients = Array.from({ length: 1000 }, () => open(server.port, '/kafka', ['kafka']))
  await Promise.all(clients.map((client) => client.opened))
  const frame = frameOf(Buffer.alloc(56))
  for (let second = 0; second < 32; second++) {
    for (const [index, { socket }] of clients.entries()) {
      const isOpen = socket.readyState === socket.OPEN
      if (index % 2 === 1 && isOpen) socket.send(frame.subarray(second, second + 1))
    }
    clock.advance(1000)
    await new Promise(setImmediate)
  }
  for (const client of clients) {
    assert.match((await client.closed).reason, /no request within 30000 ms/)
  }
  const next = open(server.port, '/kafka', ['kafka'])
  await next.opened
  next.socket.send(frameOf('hello'))
  assert.deepEqual(bodiesOf(await next.until(9)), ['hello'])
  next.socket.terminate()
  await server.stop()
})

test('HTTP: what is there, what is not, what fails', async () => {
  const server = await startWebSocket({
    http: ({ path, query }) => {
      if (path === '/fails') return Promise.reject(new Error('a defect'))
      if (path !== '/there') return undefined
      return Promise.resolve({ status: 200, contentType: 'text/plain', body: `asked ${query}` })
    },
  })
  const url = `http://127.0.0.1:${server.port}`
  const there = await fetch(`${url}/there?a=1`)
  assert.deepEqual([there.status, await there.text()], [200, 'asked a=1'])
  assert.equal((await fetch(`${url}/there`, { method: 'HEAD' })).status, 200)
  assert.equal((await fetch(`${url}/nothing`)).status, 404)
  assert.equal((await fetch(`${url}/fails`)).status, 500)
  const posted = await fetch(`${url}/there`, { method: 'POST', body: 'x'.repeat(100_000) })
  assert.equal(posted.status, 405)
  await server.stop()
})

test('an echo over WebSocket keeps the order under load', async () => {
  const server = await startWebSocket({ kafka: () => echoHandler() })
  const client = open(server.port, '/kafka', ['kafka'])
  await client.opened
  const bodies = Array.from({ length: 2000 }, (_, i) => `${i}`)
  for (const body of bodies) client.socket.send(frameOf(body))
  const total = bodies.reduce((sum, body) => sum + 4 + body.length, 0)
  assert.deepEqual(bodiesOf(await client.until(total)), bodies)
  client.socket.terminate()
  await server.stop()
})
