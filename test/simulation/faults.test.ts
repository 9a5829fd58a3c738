// Whole runs: a small program on three hosts under the nemesis. One seed is one run, every fault
// happens, and after healing everything works again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoreSession } from '../../src/store/metadata-store.js'
import { put } from '../store/conformance.js'
import { allFaultKinds, leaseBreakers } from './fault-kinds.js'
import { type FaultPlan, Nemesis, swarm } from './faults.js'
import { Counters } from './kernel/counters.js'
import type { SimulatedHost } from './kernel/host.js'
import type { PeerConnection, PeerTransport } from './network/transport.js'
import { createSimulation, type Simulation, type SimulationOptions } from './simulation.js'
import { SimulatedStore } from './store/simulated-store.js'

const PORT = 9093
const FAULTY_MS = 60_000
const HEALING_MS = 60_000

interface Progress {
  pings: number
  commits: number
}

/** Pings the others, counts in a key of its own, and holds a session. */
class Program {
  private readonly store: SimulatedStore
  private readonly transport: PeerTransport
  private counter = 0
  private session: StoreSession | undefined
  private isOpening = false

  constructor(
    private readonly simulation: Simulation,
    private readonly host: SimulatedHost,
    private readonly progress: Progress,
  ) {
    const process = host.boot()
    this.store = new SimulatedStore({ process, service: simulation.service })
    this.transport = simulation.network.transportOf(process)
    this.transport.listen(PORT, (connection) => ({
      onData: (bytes) => connection.send(bytes),
      onClose: () => {},
    }))
    for (const other of simulation.hosts) {
      if (other !== host) this.connect(other.name)
    }
    process.clock.every(300, () => this.commit())
    this.store.watch('/', (keys) => simulation.trace.note(`${host.name} ${keys?.join()}`))
    process.clock.every(1000, () => this.keepSession())
  }

  private connect(other: string): void {
    const process = this.host.process
    let pinging: { cancel(): void } | undefined
    const connection: PeerConnection = this.transport.connect(other, PORT, {
      onOpen: () => {
        pinging = process?.clock.every(200, () => connection.send(Uint8Array.of(1, 2, 3)))
      },
      onData: () => this.progress.pings++,
      onClose: () => {
        pinging?.cancel()
        process?.clock.after(500, () => this.connect(other))
      },
    })
  }

  private async keepSession(): Promise<void> {
    const nowMs = this.host.process?.clock.monotonicMs() ?? 0
    if (this.isOpening || (this.session?.validUntilMs() ?? 0) > nowMs) return
    this.isOpening = true
    const opened = await this.store.openSession(3000)
    this.isOpening = false
    if (opened.ok) this.session = opened.value
  }

  private async commit(): Promise<void> {
    const result = await this.store.txn([], [put(`/${this.host.name}`, `${++this.counter}`)])
    this.simulation.trace.note(result.status)
    if (result.status === 'committed') this.progress.commits++
  }
}

interface RunOptions extends SimulationOptions {
  readonly plan?: FaultPlan
  readonly mostDown?: number
  readonly afterStep?: (simulation: Simulation) => void
}

async function run(seed: string, options: RunOptions = {}) {
  const simulation = createSimulation(seed, options)
  const progress = new Map<string, Progress>()
  const restart = (host: SimulatedHost) => {
    const own = progress.get(host.name) ?? { pings: 0, commits: 0 }
    progress.set(host.name, own)
    new Program(simulation, host, own)
  }
  for (const host of simulation.hosts) restart(host)
  const plan = options.plan ?? swarm(simulation.random.fork('swarm'))
  const { mostDown } = options
  const nemesis = new Nemesis({
    simulation,
    plan,
    restart,
    ...(mostDown === undefined ? {} : { mostDown }),
  })
  nemesis.start()
  const afterStep = () => options.afterStep?.(simulation)
  await simulation.scheduler.runFor(FAULTY_MS, { afterStep })
  nemesis.heal()
  await simulation.scheduler.runFor(HEALING_MS)
  const healed = new Map([...progress].map(([name, own]) => [name, { ...own }]))
  await simulation.scheduler.runFor(5000)
  return { simulation, progress, healed, plan }
}

test('one seed is one run: twice the same events, at the same times', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const lines: [string[], string[]] = [[], []]
    const first = await run(`same ${seed}`, { line: (text) => lines[0].push(text) })
    const second = await run(`same ${seed}`, { line: (text) => lines[1].push(text) })
    const differs = lines[0].findIndex((line, index) => line !== lines[1][index])
    assert.equal(differs, -1, `"${lines[0][differs]}" became "${lines[1][differs]}"`)
    assert.equal(first.simulation.trace.hash, second.simulation.trace.hash)
    assert.deepEqual(first.simulation.counters.all(), second.simulation.counters.all())
    assert.ok(lines[0].length > 1000)
  }
})

test('runs that go on at the same time do not touch each other', async () => {
  const alone = await run('alone')
  const together = await Promise.all(['alone', 'other', 'third'].map((seed) => run(seed)))
  const hashes = together.map(({ simulation }) => simulation.trace.hash)
  assert.equal(hashes[0], alone.simulation.trace.hash)
  assert.equal(new Set(hashes).size, 3)
})

test('after healing every host commits and reaches the others, whatever went wrong before', async () => {
  const reached = new Counters()
  for (let seed = 0; seed < 150; seed++) {
    const { simulation, progress, healed, plan } = await run(`heal ${seed}`)
    reached.add(simulation.counters)
    for (const [name, own] of progress) {
      const before = healed.get(name)
      const story = `seed ${seed}, ${name}, ${JSON.stringify(plan)}`
      assert.ok(own.commits - (before?.commits ?? 0) > 10, `commits: ${story}`)
      assert.ok(own.pings - (before?.pings ?? 0) > 40, `pings: ${story}`)
    }
  }
  const never = [...allFaultKinds.map((kind) => `fault: ${kind}`), ...RARE].filter(
    (state) => reached.of(state) === 0,
  )
  assert.deepEqual(never, [], 'never reached')
})

/** That the world as a whole, not only the test of one part, comes into these states. */
const RARE = [
  'network: bytes held by a cut',
  'network: connect unanswered',
  'network: connection closed',
  'network: connection refused',
  'network: connection reset',
  'network: connection timed out',
  'network: packet lost',
  'network: reset lost',
  'store: answer cut off',
  'store: answer lost',
  'store: executed after it was given up',
  'store: hint cut off',
  'store: hint doubled',
  'store: hint late',
  'store: hint lost',
  'store: hint without its keys',
  'store: holder told that its session has ended',
  'store: refusing',
  'store: request cut off',
  'store: request lost',
  'store: restored from a snapshot',
  'store: session expired',
  'store: session forced',
  'store: session restored',
  'store: silent',
  'store: txn committed',
  'store: txn unknown',
]

test('each kind of fault alone happens, and changes the run', async () => {
  const quiet = await run('kinds', { plan: {} })
  for (const kind of allFaultKinds) {
    const plan = { [kind]: { everyMs: 3000, lastsMs: [500, 4000] as const } }
    const { simulation } = await run('kinds', { plan })
    assert.ok(simulation.counters.of(`fault: ${kind}`) > 3, kind)
    assert.notEqual(simulation.trace.hash, quiet.simulation.trace.hash, kind)
  }
})

test('no more hosts are stopped at once than allowed', async () => {
  const often = { everyMs: 500, lastsMs: [1000, 8000] as const }
  let most = 0
  await run('most', {
    plan: { 'crash process': often, 'crash machine': often, pause: often },
    mostDown: 1,
    afterStep: ({ hosts }) => {
      const stopped = hosts.filter(({ process }) => process?.state !== 'running').length
      most = Math.max(most, stopped)
    },
  })
  assert.equal(most, 1)
})

test('a swarm differs from seed to seed, and can leave out what breaks leases', () => {
  const { random } = createSimulation('swarm')
  const plans = Array.from({ length: 50 }, (_, index) =>
    swarm(random.fork(`plan ${index}`), { leasesHold: true }),
  )
  const kinds = plans.map((plan) => Object.keys(plan).join())
  assert.ok(new Set(kinds).size > 40)
  for (const kind of allFaultKinds) {
    assert.equal(
      plans.some((plan) => plan[kind] !== undefined),
      !leaseBreakers.has(kind),
      kind,
    )
  }
})
