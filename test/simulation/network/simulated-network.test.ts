// Connections keep the order of their bytes and break as TCP's do; each fault of a link bites.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SimulatedProcess } from '../kernel/process.js'
import { createSimulation, type Simulation } from '../simulation.js'
import type { CloseReason, PeerConnection } from './transport.js'

const PORT = 9093
const bytes = (text: string) => new TextEncoder().encode(text)
const text = (pieces: readonly Uint8Array[]) => new TextDecoder().decode(Buffer.concat(pieces))

class Recorder {
  opened = 0
  readonly pieces: Uint8Array[] = []
  readonly closes: CloseReason[] = []

  onOpen(): void {
    assert.deepEqual([this.opened, this.pieces.length, this.closes.length], [0, 0, 0])
    this.opened++
  }

  onData(piece: Uint8Array): void {
    assert.equal(this.closes.length, 0)
    this.pieces.push(piece)
  }

  onClose(reason: CloseReason): void {
    this.closes.push(reason)
  }

  get text(): string {
    return text(this.pieces)
  }
}

interface Server {
  readonly process: SimulatedProcess
  readonly accepted: { readonly connection: PeerConnection; readonly recorder: Recorder }[]
}

function serve(simulation: Simulation, process: SimulatedProcess): Server {
  const server: Server = { process, accepted: [] }
  simulation.network.transportOf(process).listen(PORT, (connection) => {
    const recorder = new Recorder()
    server.accepted.push({ connection, recorder })
    return recorder
  })
  return server
}

function world(seed = '1') {
  const simulation = createSimulation(seed, { hosts: 3 })
  const [a, b] = simulation.hosts
  assert.ok(a !== undefined && b !== undefined)
  const server = serve(simulation, b.boot())
  const transport = simulation.network.transportOf(a.boot())
  const connect = (host = b.name, port = PORT) => {
    const recorder = new Recorder()
    return { recorder, connection: transport.connect(host, port, recorder) }
  }
  /** Opens and returns both ends. */
  const pair = async () => {
    const client = connect()
    await simulation.scheduler.runFor(20)
    const accepted = server.accepted.at(-1)
    assert.ok(accepted !== undefined && client.recorder.opened === 1)
    return { client, accepted }
  }
  return { ...simulation, simulation, a, b, server, transport, connect, pair }
}

test('bytes go both ways, and an orderly end comes after the last of them', async () => {
  const { scheduler, pair } = world()
  const { client, accepted } = await pair()
  assert.equal(accepted.connection.remoteHost, 'host1')
  const sent = bytes('ask')
  client.connection.send(sent)
  sent.fill(0)
  await scheduler.runFor(20)
  accepted.connection.send(bytes('answer'))
  accepted.connection.close()
  await scheduler.run()
  assert.equal(accepted.recorder.text, 'ask')
  assert.equal(client.recorder.text, 'answer')
  assert.deepEqual(client.recorder.closes, ['closed'])
  assert.deepEqual(accepted.recorder.closes, [])
})

test('what is sent before a connection is open arrives, in order', async () => {
  const { scheduler, connect, server } = world()
  const { connection } = connect()
  connection.send(bytes('first '))
  connection.send(bytes('second'))
  await scheduler.runFor(50)
  assert.equal(server.accepted[0]?.recorder.text, 'first second')
})

test('order holds under loss, splits, slowness, cuts and pauses; each byte comes once', async () => {
  const property = fc.asyncProperty(fc.integer(), async (seed) => {
    const { scheduler, network, random, pair, b } = world(`order ${seed}`)
    const { client, accepted } = await pair()
    network.splitRate = 0.3
    network.links.setSpeed('host1', 'host2', {
      latencyMs: [0, 50],
      bytesPerMs: random.between(1, 100),
      lossRate: 0.1,
    })
    let expected = ''
    for (let index = 0; index < 60; index++) {
      const part = `${index},`
      expected += part
      client.connection.send(bytes(part))
      if (index % 10 === 3) network.links.cut('host1', 'host2')
      if (index % 10 === 4) b.pause()
      if (index % 10 === 7) network.links.heal('host1', 'host2')
      if (index % 10 === 8) b.resume()
      await scheduler.runFor(random.between(0, 40))
    }
    network.links.healAll()
    await scheduler.runFor(20_000)
    assert.equal(accepted.recorder.text, expected)
    assert.deepEqual([...accepted.recorder.closes, ...client.recorder.closes], [])
  })
  await fc.assert(property, { numRuns: 40 })
})

test('where nobody listens, and where the process is dead, a connection is refused at once', async () => {
  const { scheduler, connect, b } = world()
  const wrongPort = connect('host2', 1)
  await scheduler.runFor(5)
  assert.deepEqual(wrongPort.recorder.closes, ['refused'])
  b.crash('process')
  const dead = connect()
  await scheduler.runFor(5)
  assert.deepEqual(dead.recorder.closes, ['refused'])
})

test('a machine that is gone says nothing: connecting times out, and may succeed when it is back', async () => {
  const { scheduler, simulation, connect, b, counters } = world()
  b.crash('machine')
  const patient = connect()
  await scheduler.runFor(14_000)
  assert.deepEqual(patient.recorder.closes, [])
  await scheduler.runFor(2000)
  assert.deepEqual(patient.recorder.closes, ['timed out'])
  assert.ok(counters.of('network: connect unanswered') > 1)
  const lucky = connect()
  await scheduler.runFor(2500)
  serve(simulation, b.boot())
  await scheduler.runFor(10_000)
  assert.equal(lucky.recorder.opened, 1)
})

test('a process that dies ends its connections, a machine that dies leaves them open', async () => {
  const reasons = new Set<CloseReason | undefined>()
  for (let seed = 0; seed < 12; seed++) {
    const { scheduler, pair, b } = world(String(seed))
    const { client, accepted } = await pair()
    b.crash('process')
    await scheduler.runFor(5)
    assert.equal(client.recorder.closes.length, 1)
    reasons.add(client.recorder.closes[0])
    assert.deepEqual(accepted.recorder.closes, [])
  }
  assert.deepEqual([...reasons].sort(), ['closed', 'reset'])

  const { scheduler, pair, b } = world()
  const { client } = await pair()
  b.crash('machine')
  await scheduler.runFor(60_000)
  assert.deepEqual(client.recorder.closes, [])
  client.connection.send(bytes('hello?'))
  await scheduler.runFor(16_000)
  assert.deepEqual(client.recorder.closes, ['timed out'])
})

test('a machine that came back knows none of its old connections', async () => {
  const { scheduler, simulation, pair, b, counters } = world()
  const { client } = await pair()
  b.crash('machine')
  client.connection.send(bytes('hello?'))
  await scheduler.runFor(3000)
  const next = serve(simulation, b.boot())
  await scheduler.runFor(3000)
  assert.deepEqual(client.recorder.closes, ['reset'])
  assert.equal(next.accepted.length, 0)
  assert.equal(counters.of('network: connection reset'), 1)
})

test('a paused process accepts and receives nothing, yet its kernel does', async () => {
  const { scheduler, connect, server, b } = world()
  b.pause()
  const { recorder, connection } = connect()
  connection.send(bytes('wake up'))
  await scheduler.runFor(30_000)
  assert.equal(recorder.opened, 1)
  assert.deepEqual(recorder.closes, [])
  assert.equal(server.accepted.length, 0)
  b.resume()
  await scheduler.runFor(5)
  assert.equal(server.accepted[0]?.recorder.text, 'wake up')
})

test('a one-way cut holds what goes that way only, and gives it out when it heals', async () => {
  const { scheduler, network, pair, counters } = world()
  const { client, accepted } = await pair()
  network.links.cut('host1', 'host2')
  client.connection.send(bytes('held'))
  accepted.connection.send(bytes('through'))
  await scheduler.runFor(2000)
  assert.equal(accepted.recorder.text, '')
  assert.equal(client.recorder.text, 'through')
  network.links.heal('host1', 'host2')
  await scheduler.runFor(2000)
  assert.equal(accepted.recorder.text, 'held')
  assert.ok(counters.of('network: bytes held by a cut') > 0)
  await scheduler.runFor(60_000)
  assert.deepEqual([...client.recorder.closes, ...accepted.recorder.closes], [])
})

test('who gets no acknowledgement gives up, though its bytes arrived', async () => {
  const { scheduler, network, pair } = world()
  const { client, accepted } = await pair()
  network.links.cut('host2', 'host1')
  client.connection.send(bytes('arrives'))
  await scheduler.runFor(20_000)
  assert.equal(accepted.recorder.text, 'arrives')
  assert.deepEqual(client.recorder.closes, ['timed out'])
  assert.deepEqual(accepted.recorder.closes, [])
  network.links.healAll()
  accepted.connection.send(bytes('anyone?'))
  await scheduler.runFor(20)
  assert.deepEqual(accepted.recorder.closes, ['reset'])
})

test('a partition parts the one from the other and nobody else', async () => {
  const { scheduler, network, simulation, connect, hosts } = world()
  const third = hosts[2]
  assert.ok(third !== undefined)
  const server = serve(simulation, third.boot())
  network.links.partition(['host1'], ['host2'])
  const cut = connect('host2')
  const open = connect('host3')
  await scheduler.runFor(1000)
  assert.equal(cut.recorder.opened, 0)
  assert.equal(open.recorder.opened, 1)
  assert.equal(server.accepted.length, 1)
  network.links.healAll()
  await scheduler.runFor(5000)
  assert.equal(cut.recorder.opened, 1)
})

test('a reset loses what is on its way; a reset that is lost leaves the other side open', async () => {
  const { scheduler, network, pair, counters } = world()
  const { client, accepted } = await pair()
  client.connection.send(bytes('lost'))
  client.connection.reset()
  client.connection.send(bytes('nothing'))
  await scheduler.runFor(20)
  assert.equal(accepted.recorder.text, '')
  assert.deepEqual(accepted.recorder.closes, ['reset'])
  const second = await pair()
  network.links.cut('host1', 'host2')
  second.client.connection.reset()
  await scheduler.runFor(60_000)
  assert.deepEqual(second.accepted.recorder.closes, [])
  assert.equal(counters.of('network: reset lost'), 1)
})

test('a slow link takes as long as its bytes do', async () => {
  const { scheduler, network, pair } = world()
  const { client, accepted } = await pair()
  network.links.setSpeed('host1', 'host2', { latencyMs: [5, 5], bytesPerMs: 10, lossRate: 0 })
  client.connection.send(new Uint8Array(10_000))
  client.connection.send(bytes('x'))
  await scheduler.runFor(1000)
  assert.equal(accepted.recorder.pieces.length, 0)
  await scheduler.runFor(6)
  assert.equal(accepted.recorder.pieces.length, 2)
})

test('sends may be split, and pieces then still come in order', async () => {
  const { scheduler, network, pair } = world()
  const { client, accepted } = await pair()
  network.splitRate = 1
  client.connection.send(bytes('abcdef'))
  await scheduler.runFor(20)
  assert.equal(accepted.recorder.pieces.length, 2)
  assert.equal(accepted.recorder.text, 'abcdef')
})

test('a listener that closed refuses; a port has one listener; a dead process opens nothing', async () => {
  const { scheduler, network, a, connect, transport } = world()
  const listener = transport.listen(7, () => new Recorder())
  assert.throws(() => transport.listen(7, () => new Recorder()), /in use/)
  const first = connect('host1', 7)
  await scheduler.runFor(5)
  assert.equal(first.recorder.opened, 1)
  listener.close()
  const second = connect('host1', 7)
  await scheduler.runFor(5)
  assert.deepEqual(second.recorder.closes, ['refused'])
  a.crash('process')
  const late = connect()
  late.connection.send(bytes('x'))
  await scheduler.run()
  assert.deepEqual([late.recorder.opened, late.recorder.closes], [0, []])
  assert.equal(network.openEndpoints, 0)
})
