// Kafka frames over real TCP sockets: whole whatever the split, in order, within bounds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnswerChunks } from '../../src/network/types.js'
import { ManualClock } from '../partition/manual-clock.js'
import { bodiesOf, echoHandler, frameOf, startTcp, TestClient } from './fixture.js'

test('a stream that is split at any byte gives the same answers', async () => {
  const server = await startTcp({ handler: echoHandler })
  const stream = Buffer.concat(['alpha', 'b', 'gamma gamma'].map(frameOf))
  for (let split = 1; split < stream.length; split++) {
    const client = await TestClient.open(server.port)
    await client.send(stream.subarray(0, split))
    await client.send(stream.subarray(split))
    assert.deepEqual(bodiesOf(await client.until(stream.length)), ['alpha', 'b', 'gamma gamma'])
    client.socket.destroy()
  }
  await server.stop()
})

test('answers leave in the order of their requests, whichever is ready first', async () => {
  const waiting: ((answer: AnswerChunks | null) => void)[] = []
  const server = await startTcp({
    handler: () => ({
      onFrame: (chunks) => {
        const body = Buffer.concat(chunks).toString()
        if (body === 'now') return [frameOf('now')]
        if (body === 'never') return null
        return new Promise((resolve) => waiting.push(resolve))
      },
      onClose() {},
    }),
  })
  const client = await TestClient.open(server.port)
  await client.send(Buffer.concat(['wait', 'now', 'never', 'wait', 'now', 'wait'].map(frameOf)))
  while (waiting.length < 3) await new Promise(setImmediate)
  waiting[2]?.([frameOf('third')])
  waiting[1]?.([frameOf('sec'), Buffer.alloc(0)])
  await new Promise(setImmediate)
  assert.equal(client.bytes.length, 0)
  waiting[0]?.([frameOf('first')])
  const bytes = await client.until(4 * 5 + 'firstnowsecnowthird'.length)
  assert.deepEqual(bodiesOf(bytes), ['first', 'now', 'sec', 'now', 'third'])
  client.socket.destroy()
  await server.stop()
})

test('a client that never reads stops being read, and gets everything once it does', async () => {
  const REQUESTS = 600
  const answer = frameOf(Buffer.alloc(1 << 20, 'x'))
  let asked = 0
  const server = await startTcp({
    handler: () => ({
      onFrame: () => {
        asked++
        return [answer]
      },
      onClose() {},
    }),
  })
  const client = await TestClient.open(server.port)
  client.socket.pause()
  await client.send(Buffer.concat(Array.from({ length: REQUESTS }, () => frameOf('more'))))
  // Other clients are served meanwhile; when nothing moves any more, that is how far it goes.
  let before = -1
  while (before !== asked) {
    before = asked
    for (let i = 0; i < 20; i++) await new Promise(setImmediate)
  }
  // 4 MiB here, and what the kernel takes of a loopback connection.
  assert.ok(asked < 40, `${asked} MiB of answers were made for a client that reads none`)
  let received = 0
  client.socket.removeAllListeners('data')
  client.socket.on('data', (chunk) => {
    received += chunk.length
    if (received === REQUESTS * answer.length) client.socket.destroy()
  })
  client.socket.resume()
  await client.closed
  assert.equal(received, REQUESTS * answer.length)
  assert.equal(asked, REQUESTS)
  await server.stop()
})

test('requests without an answer yet are taken up to a limit', async () => {
  const waiting: ((answer: AnswerChunks) => void)[] = []
  const server = await startTcp({
    limits: { maxRequestsInFlight: 10 },
    handler: () => ({
      onFrame: () => new Promise((resolve) => waiting.push(resolve)),
      onClose() {},
    }),
  })
  const client = await TestClient.open(server.port)
  await client.send(Buffer.concat(Array.from({ length: 35 }, () => frameOf('q'))))
  let answered = 0
  while (answered < 35) {
    while (waiting.length === 0) await new Promise(setImmediate)
    assert.ok(waiting.length <= 10, `${waiting.length} in flight`)
    waiting.shift()?.([frameOf('a')])
    answered++
  }
  assert.equal(bodiesOf(await client.until(35 * 5)).length, 35)
  client.socket.destroy()
  await server.stop()
})

for (const [length, reason] of [
  [-1, /length of -1/],
  [0, /length of 0/],
  [2 ** 31 - 1, /2147483647 bytes/],
  [(1 << 20) + 1, /at most 1048576/],
] as const) {
  test(`a frame with a length of ${length} closes its connection and no other`, async () => {
    const server = await startTcp({ handler: echoHandler })
    const good = await TestClient.open(server.port)
    await good.send(frameOf('one'))
    const bad = await TestClient.open(server.port)
    await bad.send(frameOf('fine'))
    const prefix = Buffer.alloc(4)
    prefix.writeInt32BE(length)
    await bad.send(prefix)
    await bad.closed
    assert.deepEqual(bodiesOf(bad.bytes), ['fine'])
    assert.match(String(server.reasons()[0]), reason)
    await good.send(frameOf('two'))
    assert.deepEqual(bodiesOf(await good.until(14)), ['one', 'two'])
    good.socket.destroy()
    await server.stop()
  })
}

test('a handler that throws, or rejects, costs its connection alone', async () => {
  const server = await startTcp({
    handler: () => ({
      onFrame: (chunks) => {
        const body = Buffer.concat(chunks).toString()
        if (body === 'throw') throw new Error('API key 999 is not served')
        if (body === 'reject') return Promise.reject(new Error('it lied'))
        return [frameOf(body)]
      },
      onClose() {},
    }),
  })
  for (const body of ['throw', 'reject']) {
    const client = await TestClient.open(server.port)
    await client.send(Buffer.concat([frameOf('before'), frameOf(body)]))
    await client.closed
    assert.deepEqual(bodiesOf(client.bytes), ['before'])
  }
  assert.deepEqual(server.reasons(), ['API key 999 is not served', 'it lied'])
  assert.equal(server.table.size, 0)
  await server.stop()
})

test('1,000 connections that say nothing, or a byte a second, end at their deadline', async () => {
  const clock = new ManualClock()
  const closed: string[] = []
  const server = await startTcp({
    clock,
    handler: () => ({ ...echoHandler(), onClose: () => closed.push('closed') }),
  })
  const clients = await Promise.all(
    Array.from({ length: 1000 }, () => TestClient.open(server.port)),
  )
  const honest = await TestClient.open(server.port)
  await honest.send(frameOf('hello'))
  await honest.until(9)
  while (server.table.size < 1001) await new Promise(setImmediate)
  // The other half begins a frame that would be whole after a minute.
  const slow = clients.filter((_, index) => index % 2 === 1)
  const frame = frameOf(Buffer.alloc(56))
  for (let second = 0; second < 32; second++) {
    for (const { socket } of slow) {
      if (!socket.destroyed) socket.write(frame.subarray(second, second + 1))
    }
    clock.advance(1000)
    await new Promise(setImmediate)
  }
  await Promise.all(clients.map((client) => client.closed))
  assert.equal(server.reasons().length, 1000)
  assert.ok(server.reasons().every((reason) => /no request within 30000 ms/.test(String(reason))))
  assert.equal(closed.length, 1000)
  await honest.send(frameOf('again'))
  assert.deepEqual(bodiesOf(await honest.until(18)), ['hello', 'again'])
  // A later frame that dribbles in has a deadline of its own.
  await honest.send(frameOf('never whole').subarray(0, 6))
  let isGone = false
  void honest.closed.then(() => {
    isGone = true
  })
  for (let second = 0; second < 70 && !isGone; second++) {
    clock.advance(1000)
    await new Promise(setImmediate)
  }
  await honest.closed
  assert.match(String(server.reasons().at(-1)), /did not arrive whole/)
  await server.stop()
})

test('a large frame has longer, as long as its bytes keep coming at the least rate', async () => {
  const clock = new ManualClock()
  const limits = { requestDeadlineMs: 60_000, minBytesPerSecond: 1000 }
  const server = await startTcp({ clock, limits, handler: echoHandler })
  const client = await TestClient.open(server.port)
  await client.send(frameOf('first'))
  await client.until(9)
  await client.send(frameOf(Buffer.alloc(10_000)).subarray(0, 9000))
  while (server.metrics.network('tcp', 'bytesReceived') < 9009) await new Promise(setImmediate)
  clock.advance(69_000)
  assert.deepEqual(server.reasons(), [])
  clock.advance(2000)
  await client.closed
  assert.match(String(server.reasons()[0]), /did not arrive whole within 70000 ms/)
  await server.stop()
})

test('who is idle too long is closed; who waits for an answer is not', async () => {
  const clock = new ManualClock()
  const limits = { idleDeadlineMs: 120_000 }
  let answer: (chunks: AnswerChunks) => void = () => {}
  const handler = () => ({
    ...echoHandler(),
    onFrame: (chunks: readonly Uint8Array[]): AnswerChunks | Promise<AnswerChunks> => {
      if (Buffer.concat(chunks).toString() === 'now') return [frameOf('now')]
      return new Promise((resolve) => {
        answer = resolve
      })
    },
  })
  const server = await startTcp({ clock, limits, handler })
  const idle = await TestClient.open(server.port)
  const waiting = await TestClient.open(server.port)
  for (const client of [idle, waiting]) await client.send(frameOf('now'))
  for (const client of [idle, waiting]) await client.until(7)
  await waiting.send(frameOf('later'))
  while (server.metrics.network('tcp', 'bytesReceived') < 23) await new Promise(setImmediate)
  clock.advance(119_000)
  assert.deepEqual(server.reasons(), [])
  clock.advance(2000)
  await idle.closed
  assert.deepEqual(server.reasons(), ['idle for 120000 ms'])
  clock.advance(600_000)
  answer([frameOf('late')])
  assert.deepEqual(bodiesOf(await waiting.until(15)), ['now', 'late'])
  waiting.socket.destroy()
  await server.stop()
})

test('who takes no byte of its answers for too long is closed', async () => {
  const clock = new ManualClock()
  const limits = { idleDeadlineMs: 120_000 }
  const answer = frameOf(Buffer.alloc(32 << 20))
  const handler = () => ({ ...echoHandler(), onFrame: () => [answer] })
  const server = await startTcp({ clock, limits, handler })
  const client = await TestClient.open(server.port)
  client.socket.pause()
  await client.send(frameOf('more'))
  while (server.metrics.network('tcp', 'bytesReceived') < 8) await new Promise(setImmediate)
  // The kernel takes its part of the answer at its own time.
  for (let i = 0; i < 50; i++) await new Promise(setImmediate)
  for (let second = 0; second < 240 && server.table.size > 0; second++) {
    clock.advance(1000)
    await new Promise(setImmediate)
  }
  assert.deepEqual(server.reasons(), ['a peer that took no byte of its answers for 120000 ms'])
  client.socket.destroy()
  await server.stop()
})

test('connections beyond the cap are refused with a reason, and places are given back', async () => {
  const server = await startTcp({ handler: echoHandler, limits: { maxConnections: 2 } })
  const first = await TestClient.open(server.port)
  const second = await TestClient.open(server.port)
  await Promise.all([first.send(frameOf('1')), second.send(frameOf('2'))])
  await Promise.all([first.until(5), second.until(5)])
  const third = await TestClient.open(server.port)
  await third.closed
  assert.match(String(server.reasons()[0]), /2 connections are open/)
  first.socket.destroy()
  while (server.table.size > 1) await new Promise(setImmediate)
  const fourth = await TestClient.open(server.port)
  await fourth.send(frameOf('4'))
  await fourth.until(5)
  fourth.socket.destroy()
  second.socket.destroy()
  await server.stop()
})

test('draining answers what is in flight, takes nothing new, then closes', async () => {
  const waiting: ((answer: AnswerChunks) => void)[] = []
  const server = await startTcp({
    handler: () => ({
      onFrame: () => new Promise((resolve) => waiting.push(resolve)),
      onClose() {},
    }),
  })
  const client = await TestClient.open(server.port)
  await client.send(frameOf('q'))
  while (waiting.length === 0) await new Promise(setImmediate)
  const drained = server.table.drain('the broker stops', new Promise(() => {}))
  await client.send(frameOf('too late'))
  waiting[0]?.([frameOf('answer')])
  await client.closed
  await drained
  assert.deepEqual(bodiesOf(client.bytes), ['answer'])
  assert.equal(waiting.length, 1)
  await server.stop()
})

test('a connection that is held back is read again when it is released', async () => {
  let isHeldBack = true
  let release = () => {}
  const seen: string[] = []
  const server = await startTcp({
    handler: () => ({
      ...echoHandler(),
      onFrame: (chunks) => {
        seen.push(Buffer.concat(chunks).toString())
        return [frameOf('ok')]
      },
      get isHeldBack() {
        return isHeldBack
      },
      onRelease: (callback) => {
        release = callback
      },
    }),
  })
  const client = await TestClient.open(server.port)
  await client.send(Buffer.concat(['1', '2', '3'].map(frameOf)))
  await client.until(6)
  release()
  assert.deepEqual(seen, ['1'])
  isHeldBack = false
  release()
  await client.until(18)
  assert.deepEqual(seen, ['1', '2', '3'])
  client.socket.destroy()
  await server.stop()
})
