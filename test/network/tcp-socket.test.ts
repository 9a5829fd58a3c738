import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { readInto } from '../../src/network/tcp-socket.js'

async function accepted(): Promise<{ socket: Socket; peer: Socket; close: () => void }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [socket] = (await once(server, 'connection')) as [Socket]
  const close = () => {
    peer.destroy()
    server.close()
  }
  return { socket, peer, close }
}

for (const { name, hide, owned } of [
  { name: 'bytes land in the buffers that are given', hide: false, owned: false },
  { name: 'where Node cannot, they come in buffers of their own', hide: true, owned: true },
]) {
  test(name, async () => {
    const { socket, peer, close } = await accepted()
    if (hide) Object.assign((socket as Socket & { _handle: object })._handle, { useUserBuffer: 0 })
    const buffers = [Buffer.alloc(4), Buffer.alloc(4)]
    const told: number[] = []
    let received = ''
    const reading = readInto(socket, {
      next(bytes) {
        told.push(bytes)
        return buffers[told.length % 2] as Buffer
      },
      take(bytes, isOwned) {
        assert.equal(isOwned, owned)
        if (!owned) assert.ok(buffers.some((buffer) => buffer.buffer === bytes.buffer))
        received += Buffer.from(bytes).toString()
      },
    })
    peer.end('ten bytes.')
    await once(reading, 'end')
    assert.equal(received, 'ten bytes.')
    assert.deepEqual(told, owned ? [] : [0, 4, 4, 2])
    close()
  })
}

test('a socket that is paused reads nothing until it goes on', async () => {
  const { socket, peer, close } = await accepted()
  let bytesRead = 0
  const reading = readInto(socket, {
    next: () => Buffer.alloc(1 << 16),
    take(bytes) {
      bytesRead += bytes.length
      reading.pause()
    },
  })
  peer.write(Buffer.alloc(1 << 20))
  while (bytesRead === 0) await new Promise((resolve) => setImmediate(resolve))
  const atPause = bytesRead
  for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(bytesRead, atPause)
  while (bytesRead < 1 << 20) {
    reading.resume()
    await new Promise((resolve) => setImmediate(resolve))
  }
  close()
})
