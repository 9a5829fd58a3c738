import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { type Methods, RpcPeer } from '../../src/runtime/rpc.js'

type Served = {
  double(value: number): number
  slowly(): Promise<string>
  fail(): never
  failOddly(): never
  bytes(): Uint8Array<ArrayBuffer>
  take(bytes: Uint8Array<ArrayBuffer>): number
}
type Nothing = Record<never, never>
type Caller = RpcPeer<Served, Nothing, string, string>
type Server = RpcPeer<Nothing, Served, string, string>

interface Link {
  readonly caller: Caller
  readonly server: Server
  readonly ports: { readonly port1: MessagePort; readonly port2: MessagePort }
  /** What arrived at the caller, in order. */
  readonly events: string[]
  /** Lets slowly() return. */
  release(value: string): void
  readonly given: Uint8Array<ArrayBuffer>
}

function link(t: TestContext): Link {
  const ports = new MessageChannel()
  const events: string[] = []
  const given = new Uint8Array([1, 2, 3])
  let release: (value: string) => void = () => {}
  const slow = new Promise<string>((resolve) => {
    release = resolve
  })
  const caller: Caller = new RpcPeer(ports.port1, {
    serve: {},
    onEvent: (event) => events.push(event),
  })
  const server: Server = new RpcPeer(ports.port2, {
    serve: {
      double(value) {
        server.send(`doubling ${value}`)
        return value * 2
      },
      slowly: () => slow,
      fail() {
        throw new Error('the disk is gone')
      },
      failOddly() {
        throw 'a string'
      },
      bytes: () => given,
      take: (bytes) => bytes.length,
    },
    transferOf: (result) => (result === given ? [given.buffer] : []),
    onEvent() {},
  })
  t.after(() => {
    caller.close()
    server.close()
  })
  return { caller, server, ports, events, release: (value) => release(value), given }
}

test('an answer comes after the events that were sent before it', async (t) => {
  const { caller, events } = link(t)
  const answers = [1, 2, 3].map(async (value) => {
    assert.equal(await caller.call('double', [value]), value * 2)
    return events.length
  })
  const seen = await Promise.all(answers)
  assert.ok(seen.every((count, i) => count >= i + 1))
  assert.deepEqual(events, ['doubling 1', 'doubling 2', 'doubling 3'])
})

test('a slow call does not hold up a later one', async (t) => {
  const { caller, release } = link(t)
  const slow = caller.call('slowly', [])
  assert.equal(await caller.call('double', [4]), 8)
  release('done')
  assert.equal(await slow, 'done')
})

test('what a method throws is the error of its call, and of no other', async (t) => {
  const { caller } = link(t)
  const [thrown, odd, fine] = await Promise.allSettled([
    caller.call('fail', []),
    caller.call('failOddly', []),
    caller.call('double', [5]),
  ])
  assert.ok(thrown?.status === 'rejected' && odd?.status === 'rejected')
  assert.equal(thrown.reason.message, 'the disk is gone')
  assert.equal(odd.reason.message, 'a string')
  assert.deepEqual(fine, { status: 'fulfilled', value: 10 })
})

test('a method that the other side does not have is named', async (t) => {
  const { port1, port2 } = new MessageChannel()
  const caller = new RpcPeer<Methods, Nothing, string, string>(port1, {
    serve: {},
    onEvent() {},
  })
  const server = new RpcPeer<Nothing, Nothing, string, string>(port2, { serve: {}, onEvent() {} })
  t.after(() => {
    caller.close()
    server.close()
  })
  await assert.rejects(caller.call('missing', []), /there is no method missing/)
})

test('what is transferred is not copied, either way', async (t) => {
  const { caller, given } = link(t)
  const received = await caller.call('bytes', [])
  assert.deepEqual([...received], [1, 2, 3])
  assert.equal(given.buffer.byteLength, 0)
  const sent = new Uint8Array(5)
  assert.equal(await caller.call('take', [sent], [sent.buffer]), 5)
  assert.equal(sent.buffer.byteLength, 0)
})

test('closing ends the calls that wait and those to come', async (t) => {
  const { caller } = link(t)
  const waiting = assert.rejects(caller.call('slowly', []), /the link .* is closed/)
  caller.close()
  await waiting
  await assert.rejects(caller.call('double', [1]), /the link .* is closed/)
  caller.send('to nobody')
})

test('what arrived before the link closed is taken when it is drained', async (t) => {
  const { caller, events, ports } = link(t)
  const answer = caller.call('double', [4])
  ports.port2.postMessage({ event: 'last words' })
  ports.port2.postMessage({ result: 1, value: 8 })
  caller.drain()
  caller.close()
  assert.equal(await answer, 8)
  assert.deepEqual(events, ['last words'])
})

test('a thread that ends ends the calls to it', async (t) => {
  const { caller, ports } = link(t)
  const waiting = assert.rejects(caller.call('slowly', []), /the other thread has ended/)
  const closed = once(ports.port1, 'close')
  ports.port2.close()
  await Promise.all([waiting, closed])
  await assert.rejects(caller.call('double', [1]), /the other thread has ended/)
})

test('an answer that is ready after the link closed goes nowhere and harms nobody', async (t) => {
  const { caller, server, release } = link(t)
  const waiting = assert.rejects(caller.call('slowly', []), /has ended/)
  await caller.call('double', [1])
  server.close()
  release('too late')
  await waiting
})
