// A socket that floods gives way: the event loop looks at others before it reads on.
import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { TcpTransport } from '../../src/network/tcp-transport.js'

class WatchedSocket extends Socket {
  readonly calls: string[] = []

  override pause(): this {
    this.calls.push('pause')
    return this
  }

  override resume(): this {
    this.calls.push('resume')
    return this
  }
}

function watched() {
  const socket = new WatchedSocket()
  return { calls: socket.calls, transport: new TcpTransport(socket, () => {}) }
}

test('after a mebibyte a socket waits for its next turn, and only once', async () => {
  const { calls, transport } = watched()
  transport.wasRead((1 << 20) - 1)
  assert.deepEqual(calls, [])
  transport.wasRead(1)
  transport.wasRead(1 << 20)
  assert.deepEqual(calls, ['pause'])
  await turn()
  assert.deepEqual(calls, ['pause', 'resume'])
  transport.wasRead((1 << 20) - 1)
  await turn()
  assert.deepEqual(calls, ['pause', 'resume'])
})

test('a connection that was paused meanwhile is not read on', async () => {
  const { calls, transport } = watched()
  transport.wasRead(1 << 20)
  transport.pause()
  await turn()
  assert.deepEqual(calls, ['pause', 'pause'])
  transport.resume()
  assert.deepEqual(calls, ['pause', 'pause', 'resume'])
})

test('a connection that goes on meanwhile waits for its turn all the same', async () => {
  const { calls, transport } = watched()
  transport.wasRead(1 << 20)
  transport.pause()
  transport.resume()
  assert.deepEqual(calls, ['pause', 'pause'])
  await turn()
  assert.deepEqual(calls, ['pause', 'pause', 'resume'])
})
