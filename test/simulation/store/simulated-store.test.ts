// The simulated store keeps the contract, and each of its faults bites.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { StoreSession } from '../../../src/store/metadata-store.js'
import { bytes, put, storeConformance, value } from '../../store/conformance.js'
import { Counters } from '../kernel/counters.js'
import { SimulatedHost } from '../kernel/host.js'
import { Scheduler } from '../kernel/scheduler.js'
import { SeededRandom } from '../kernel/seeded-random.js'
import { Trace } from '../kernel/trace.js'
import { CoordinationService } from './coordination-service.js'
import { SimulatedStore } from './simulated-store.js'

interface WorldOptions {
  readonly serviceRate?: number
  readonly hostRate?: number
  readonly lateShare?: number
}

function world(seed: string, options: WorldOptions = {}) {
  const random = new SeededRandom(seed)
  const scheduler = new Scheduler(random.fork('ties'), new Trace())
  const counters = new Counters()
  const service = new CoordinationService({
    scheduler,
    random: random.fork('store'),
    counters,
    rate: options.serviceRate ?? 1,
    ...(options.lateShare === undefined ? {} : { lateShare: options.lateShare }),
  })
  const rate = options.hostRate ?? 1
  const join = (name: string) => {
    const host = new SimulatedHost({ name, scheduler, random: random.fork(name), rate })
    const process = host.boot()
    return { host, process, store: new SimulatedStore({ process, service }) }
  }
  const settled = <T>(promise: Promise<T>) => scheduler.runUntil(promise)
  return { random, scheduler, counters, service, join, settled }
}

/** Of a session that is not to end while it is opened. */
async function sessionOf(simulated: ReturnType<typeof world>, store: SimulatedStore, ttlMs = 6000) {
  return value(await simulated.settled(store.openSession(ttlMs)))
}

{
  const { scheduler, join } = world('conformance')
  let isOver = false
  storeConformance('the simulated store', {
    async open() {
      // The tests await outside of virtual time, which therefore runs on beside them.
      void scheduler.run({ waits: true, stop: () => isOver })
      return join('a').store
    },
    async close() {
      isOver = true
    },
  })
}

test('a lost request is unknown and was not applied; a lost answer is unknown and was', async () => {
  for (const loss of ['requestLoss', 'answerLoss'] as const) {
    const { join, settled, service, counters } = world(loss)
    const { store } = join('a')
    for (let index = 0; index < 20; index++) {
      service.rates[loss] = 1
      const result = await settled(store.txn([], [put(`/${loss}/${index}`, 'x')]))
      assert.equal(result.status, 'unknown')
    }
    assert.equal(service.list(`/${loss}/`).length, loss === 'answerLoss' ? 20 : 0)
    assert.equal((await settled(store.get('/x'))).ok, false)
    assert.equal(counters.of('store: txn unknown'), 20)
    service.rates[loss] = 0
    assert.equal((await settled(store.get('/x'))).ok, true)
  }
})

test('a stuck request may be applied after its sender has given it up', async () => {
  const { join, settled, service, scheduler, counters } = world('stuck')
  const { store } = join('a')
  service.rates.requestStuck = 1
  for (let index = 0; index < 20; index++) {
    await settled(store.txn([], [put(`/late/${index}`, 'x')]))
  }
  await scheduler.runFor(10_000)
  assert.equal(service.list('/late/').length, 20)
  assert.ok(counters.of('store: executed after it was given up') > 0)
})

test('a cut of requests applies nothing, a cut of answers applies all; both are unknown', async () => {
  const { join, settled, service } = world('cut')
  const { store } = join('a')
  const { store: other } = join('b')
  const link = service.link('a')
  link.requestsCut = true
  assert.equal((await settled(store.txn([], [put('/requests', 'x')]))).status, 'unknown')
  link.requestsCut = false
  link.answersCut = true
  assert.equal((await settled(store.txn([], [put('/answers', 'x')]))).status, 'unknown')
  assert.equal(value(await settled(other.get('/requests'))), undefined)
  assert.notEqual(value(await settled(other.get('/answers'))), undefined)
  link.answersCut = false
  assert.equal((await settled(store.txn([], [put('/healed', 'x')]))).status, 'committed')
})

test('a service that refuses is known not to have applied; of a silent one nothing is known', async () => {
  const { join, settled, service } = world('down')
  const { store } = join('a')
  service.goDown('refusing')
  assert.equal((await settled(store.txn([], [put('/k', 'x')]))).status, 'refused')
  service.comeUp()
  service.goDown('silent')
  assert.equal((await settled(store.txn([], [put('/k', 'x')]))).status, 'unknown')
  service.comeUp()
  assert.equal(value(await settled(store.get('/k'))), undefined)
})

test('while the service is down no session ends; when it is up again each has its whole time', async () => {
  const simulated = world('outage')
  const { scheduler, service, join } = simulated
  const { process, store } = join('a')
  const session = await sessionOf(simulated, store)
  service.goDown('silent')
  await scheduler.runFor(60_000)
  assert.ok(session.validUntilMs() < process.clock.monotonicMs())
  assert.ok(service.hasSession(session.id))
  service.comeUp()
  await scheduler.runFor(5000)
  assert.ok(service.hasSession(session.id))
  assert.ok(session.validUntilMs() > process.clock.monotonicMs())
})

test('a session lives as long as its process, and its keys go with it', async () => {
  const simulated = world('session')
  const { scheduler, settled, service, join, counters } = simulated
  const { host, store } = join('a')
  const session = await sessionOf(simulated, store)
  await settled(store.txn([], [{ type: 'put', key: '/mine', value: bytes('x'), session }]))
  await scheduler.runFor(120_000)
  assert.notEqual(service.get('/mine'), undefined)
  host.crash('process')
  await scheduler.runFor(5900 - 6000 / 3)
  assert.notEqual(service.get('/mine'), undefined)
  await scheduler.runFor(6000)
  assert.equal(service.get('/mine'), undefined)
  assert.equal(counters.of('store: session expired'), 1)
})

for (const [name, stop, go] of [
  ['paused', (host: SimulatedHost) => host.pause(), (host: SimulatedHost) => host.resume()],
  ['cut off', undefined, undefined],
] as const) {
  test(`the session of a process that is ${name} expires while it lives`, async () => {
    const simulated = world(name)
    const { scheduler, settled, service, join, counters } = simulated
    const { host, process, store } = join('a')
    const session = await sessionOf(simulated, store)
    const link = service.link('a')
    if (stop === undefined) link.requestsCut = true
    else stop(host)
    await scheduler.runFor(8000)
    assert.equal(service.hasSession(session.id), false)
    assert.ok(session.validUntilMs() < process.clock.monotonicMs())
    link.requestsCut = false
    go?.(host)
    await scheduler.runFor(5000)
    assert.equal(counters.of('store: holder told that its session has ended'), 1)
    assert.equal(session.validUntilMs(), Number.NEGATIVE_INFINITY)
    const late = store.txn([], [{ type: 'put', key: '/ghost', value: bytes('x'), session }])
    assert.equal((await settled(late)).status, 'refused')
  })
}

test('the service itself refuses a put for a session that it has ended', async () => {
  const simulated = world('ghost')
  const { settled, service, join } = simulated
  const { process, store } = join('a')
  const session = await sessionOf(simulated, store)
  service.endSession(session.id, 'forced')
  assert.ok(session.validUntilMs() > process.clock.monotonicMs())
  const late = store.txn([], [{ type: 'put', key: '/ghost', value: bytes('x'), session }])
  assert.equal((await settled(late)).status, 'refused')
  assert.equal(service.get('/ghost'), undefined)
})

test('hints are lost, doubled, late, without keys and cut off, each as told', async () => {
  const { scheduler, settled, service, join, counters } = world('hints')
  const { store: writer } = join('writer')
  const { store } = join('a')
  const hints: (readonly string[] | undefined)[] = []
  store.watch('/w/', (keys) => hints.push(keys))
  const hintsOf = async (waitMs = 100) => {
    hints.length = 0
    await settled(writer.txn([], [put('/w/k', 'x'), put('/elsewhere', 'x')]))
    await scheduler.runFor(waitMs)
    return [...hints]
  }
  assert.deepEqual(await hintsOf(), [['/w/k']])
  service.rates.hintLoss = 1
  assert.deepEqual(await hintsOf(), [])
  service.rates.hintLoss = 0
  service.rates.hintDouble = 1
  assert.deepEqual(await hintsOf(), [['/w/k'], ['/w/k']])
  service.rates.hintDouble = 0
  service.rates.hintUnnamed = 1
  assert.deepEqual(await hintsOf(), [undefined])
  service.rates.hintUnnamed = 0
  service.rates.hintLate = 1
  assert.deepEqual(await hintsOf(10), [])
  await scheduler.runFor(6000)
  assert.deepEqual(hints, [['/w/k']])
  service.rates.hintLate = 0
  service.link('a').answersCut = true
  assert.deepEqual(await hintsOf(), [])
  for (const state of ['lost', 'doubled', 'late', 'without its keys', 'cut off']) {
    assert.ok(counters.of(`store: hint ${state}`) > 0, state)
  }
})

test('a restore takes back what was committed since, sessions and their keys included', async () => {
  const simulated = world('restore')
  const { scheduler, settled, service, join } = simulated
  const { process, store } = join('a')
  const old = await sessionOf(simulated, store)
  await settled(store.txn([], [put('/epoch', '1')]))
  const before = service.snapshot()
  await settled(store.txn([], [put('/epoch', '2')]))
  const young = await sessionOf(simulated, store)
  await settled(store.txn([], [{ type: 'put', key: '/young', value: bytes('x'), session: young }]))
  let hints = 0
  store.watch('/', () => hints++)
  service.restore(before)
  assert.deepEqual(value(await settled(store.get('/epoch')))?.value, bytes('1'))
  assert.equal(service.get('/young'), undefined)
  assert.ok(young.validUntilMs() > process.clock.monotonicMs())
  await scheduler.runFor(5000)
  assert.ok(hints > 0)
  assert.equal(young.validUntilMs(), Number.NEGATIVE_INFINITY)
  assert.ok(old.validUntilMs() > process.clock.monotonicMs())
})

test('of a dead process no request is answered, but what it sent may still be applied', async () => {
  const { scheduler, service, join } = world('dead')
  const { host, store } = join('a')
  let isAnswered = false
  void store.txn([], [put('/last', 'words')]).then(() => {
    isAnswered = true
  })
  host.crash('process')
  await scheduler.run()
  assert.equal(isAnswered, false)
  assert.notEqual(service.get('/last'), undefined)
})

test('a closed store says so', async () => {
  const simulated = world('closed')
  const { scheduler, settled, service, join } = simulated
  const { store } = join('a')
  const session = await sessionOf(simulated, store)
  await store.close()
  assert.equal((await settled(store.txn([], [put('/k', 'x')]))).status, 'refused')
  assert.equal((await settled(store.get('/k'))).ok, false)
  await scheduler.runFor(8000)
  assert.equal(service.hasSession(session.id), false)
})

// One of the troubles that a lease has to live through, now and then.
function trouble(simulated: ReturnType<typeof world>, host: SimulatedHost): void {
  const { random, service } = simulated
  const link = service.link(host.name)
  const draws: (() => void)[] = [
    () => host.pause(),
    () => host.resume(),
    () => host.resume(),
    () => host.jumpWall(random.between(-100_000, 100_000)),
    () => {
      link.requestsCut = random.chance(0.5)
    },
    () => {
      link.answersCut = random.chance(0.5)
    },
    () => service.goDown(random.chance(0.5) ? 'silent' : 'refusing'),
    () => service.comeUp(),
    () => {
      service.rates.requestLoss = random.pick([0, 0.5]) ?? 0
      service.rates.answerLoss = random.pick([0, 0.5]) ?? 0
      service.rates.requestStuck = random.pick([0, 0.5]) ?? 0
    },
  ]
  random.pick(draws)?.()
}

test('no holder believes in its session beyond its end, whatever happens', async () => {
  let expired = 0
  const property = fc.asyncProperty(
    fc.integer(),
    fc.boolean(),
    fc.boolean(),
    async (seed, isHostFast, isNear) => {
      const simulated = world(`lease ${seed}`, {
        serviceRate: isHostFast ? 0.9995 : 1.0005,
        hostRate: isHostFast ? 1.0005 : 0.9995,
        lateShare: 0,
      })
      const { scheduler, service, join, random } = simulated
      const held = new Map<string, StoreSession>()
      const endedMs = new Map<string, number>()
      const { host, process, store } = join('a')
      service.link('a').latencyMs = isNear ? [0, 0.01] : [0, 600]
      service.sessionEnded = (id) => endedMs.set(id, process.clock.monotonicMs())
      const reopen = async () => {
        const opened = await store.openSession(random.between(1000, 9000))
        if (opened.ok) held.set(opened.value.id, opened.value)
      }
      process.clock.every(4000, reopen)
      const worry = () => {
        trouble(simulated, host)
        scheduler.after(random.between(10, 3000), 'trouble', worry)
      }
      worry()
      await scheduler.runFor(90_000, {
        afterStep: () => {
          for (const [id, atMs] of endedMs) {
            const untilMs = held.get(id)?.validUntilMs() ?? 0
            assert.ok(untilMs <= atMs, `${id} ended at ${atMs} and was believed until ${untilMs}`)
          }
        },
      })
      expired += endedMs.size
    },
  )
  await fc.assert(property, { numRuns: 100 })
  assert.ok(expired > 100, `only ${expired} sessions ended`)
})
