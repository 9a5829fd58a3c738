// Virtual time, and what pauses, crashes and clocks do to a process.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SimulatedHost } from './host.js'
import { Scheduler } from './scheduler.js'
import { SeededRandom } from './seeded-random.js'
import { Trace } from './trace.js'

function world(seed = '1') {
  const random = new SeededRandom(seed)
  const trace = new Trace()
  const scheduler = new Scheduler(random.fork('ties'), trace)
  const hostOf = (options: { name?: string; rate?: number; wallSkewMs?: number } = {}) => {
    const name = options.name ?? 'a'
    return new SimulatedHost({ ...options, name, scheduler, random: random.fork(name) })
  }
  return { random, trace, scheduler, hostOf }
}

test('a seed gives the same numbers, another seed others, a fork its own', () => {
  const draw = (random: SeededRandom) => Array.from({ length: 50 }, () => random.next())
  assert.deepEqual(draw(new SeededRandom('7')), draw(new SeededRandom('7')))
  assert.notDeepEqual(draw(new SeededRandom('7')), draw(new SeededRandom('8')))
  const random = new SeededRandom('7')
  const before = draw(random.fork('x'))
  random.next()
  assert.deepEqual(draw(random.fork('x')), before)
  assert.notDeepEqual(draw(random.fork('y')), before)
})

test('the numbers are spread evenly', () => {
  const random = new SeededRandom('spread')
  const buckets = new Array<number>(16).fill(0)
  for (let draws = 0; draws < 16_000; draws++) {
    const bucket = random.integer(16)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  for (const count of buckets) assert.ok(count > 850 && count < 1150, `${buckets}`)
  assert.equal(new Set(random.bytes(4000)).size, 256)
})

test('events run in the order of their times, and those of one time as the seed says', async () => {
  const order = async (seed: string) => {
    const { scheduler } = world(seed)
    const seen: number[] = []
    for (let index = 0; index < 8; index++) scheduler.after(5, 'same', () => seen.push(index))
    scheduler.after(9, 'late', () => seen.push(100))
    scheduler.after(1, 'early', () => seen.push(-1))
    assert.equal(await scheduler.run(), 'idle')
    assert.equal(scheduler.nowMs, 9)
    assert.equal(seen[0], -1)
    assert.equal(seen[9], 100)
    return seen.join()
  }
  assert.equal(await order('1'), await order('1'))
  const orders = await Promise.all(['1', '2', '3', '4', '5'].map(order))
  assert.ok(new Set(orders).size > 1)
})

test('the heap keeps order under many events, of which many are cancelled', async () => {
  const { scheduler, random } = world()
  const seen: number[] = []
  const events = Array.from({ length: 3000 }, () => {
    const atMs = random.integer(500)
    return scheduler.after(atMs, 'one', () => seen.push(atMs))
  })
  const cancelled = events.filter((_, index) => index % 3 !== 0)
  for (const event of cancelled) scheduler.cancel(event)
  for (const event of cancelled) scheduler.cancel(event)
  assert.equal(scheduler.pendingEvents, 1000)
  await scheduler.run()
  assert.equal(seen.length, 1000)
  assert.deepEqual(
    seen,
    [...seen].sort((left, right) => left - right),
  )
})

test('however long a chain of promises is, it ends before the next event', async () => {
  const { scheduler, hostOf } = world()
  const { clock } = hostOf().boot()
  const seen: string[] = []
  clock.after(10, async () => {
    for (let step = 0; step < 5000; step++) await null
    seen.push('chain')
  })
  clock.after(12, () => seen.push('next'))
  await scheduler.run()
  assert.deepEqual(seen, ['chain', 'next'])
})

test('time stops where it is told to; what is due later stays', async () => {
  const { scheduler, hostOf } = world()
  const { clock } = hostOf().boot()
  let fired = 0
  clock.every(10, () => fired++)
  assert.equal(await scheduler.runFor(35), 'time')
  assert.equal(scheduler.nowMs, 35)
  assert.equal(fired, 3)
  assert.equal(await scheduler.run({ stop: () => fired === 6 }), 'stopped')
})

test('what nothing can settle any more is reported instead of awaited', async () => {
  const { scheduler } = world()
  await assert.rejects(scheduler.runUntil(new Promise(() => {})), /nothing is left/)
})

test('what an event throws ends the run', async () => {
  const { scheduler, hostOf } = world()
  hostOf()
    .boot()
    .clock.after(1, () => {
      throw new Error('broken')
    })
  await assert.rejects(scheduler.run(), /broken/)
})

test('an invariant is asked after each step, its continuations included', async () => {
  const { scheduler, hostOf } = world()
  const { clock } = hostOf().boot()
  let started = 0
  let finished = 0
  clock.every(5, async () => {
    started++
    await null
    finished++
  })
  let asked = 0
  await scheduler.runFor(100, {
    afterStep: () => {
      asked++
      assert.equal(started, finished)
    },
  })
  assert.ok(asked >= started && started > 10)
})

test('timers can be cancelled, are never early, and take only what setTimeout takes', async () => {
  const { scheduler, hostOf } = world()
  const { clock } = hostOf().boot()
  const startMs = clock.monotonicMs()
  clock.after(5, () => assert.fail('cancelled')).cancel()
  const firedMs: number[] = []
  clock.after(20, () => firedMs.push(clock.monotonicMs() - startMs))
  await scheduler.run()
  assert.equal(firedMs.length, 1)
  assert.ok((firedMs[0] ?? 0) >= 20 && (firedMs[0] ?? 0) < 21.5)
  assert.throws(() => clock.after(2 ** 31, () => {}), /no timer/)
  assert.throws(() => clock.after(Number.NaN, () => {}), /no timer/)
})

test('a paused process gets nothing, then everything, late and in order', async () => {
  const { scheduler, hostOf } = world()
  const host = hostOf()
  const { clock } = host.boot()
  const process = host.process
  const seen: string[] = []
  let ticks = 0
  clock.every(10, () => ticks++)
  const cancelled = clock.after(32, () => seen.push('cancelled'))
  clock.after(31, () => cancelled.cancel())
  for (let index = 0; index < 5; index++) {
    scheduler.after(20 + index, 'arrive', () =>
      process?.enter('input', 'data', () => seen.push(`data ${index}`)),
    )
  }
  await scheduler.runFor(15)
  host.pause()
  await scheduler.runFor(1000)
  assert.deepEqual([ticks, seen], [1, []])
  assert.ok(clock.monotonicMs() > 1000)
  host.resume()
  scheduler.after(0, 'arrive', () => process?.enter('input', 'data', () => seen.push('data 5')))
  await scheduler.runFor(1)
  assert.deepEqual(
    seen,
    [0, 1, 2, 3, 4, 5].map((index) => `data ${index}`),
  )
  assert.equal(ticks, 2)
})

test('after a pause either its timers or its input come first, by the seed', async () => {
  const firsts = new Set<string | undefined>()
  for (let seed = 0; seed < 20; seed++) {
    const { scheduler, hostOf } = world(String(seed))
    const host = hostOf()
    const process = host.boot()
    const seen: string[] = []
    process.clock.after(10, () => seen.push('timer'))
    host.pause()
    process.enter('input', 'data', () => seen.push('input'))
    await scheduler.runFor(50)
    host.resume()
    await scheduler.runFor(1)
    assert.equal(seen.length, 2)
    firsts.add(seen[0])
  }
  assert.equal(firsts.size, 2)
})

test('a crash takes timers and what was held; the next life starts its clock anew', async () => {
  const { scheduler, hostOf } = world()
  const host = hostOf()
  const first = host.boot()
  first.clock.after(50, () => assert.fail('a dead process woke up'))
  await scheduler.runFor(10)
  host.pause()
  first.enter('input', 'data', () => assert.fail('a dead process read'))
  host.crash('process')
  const second = host.boot()
  first.clock.after(1, () => assert.fail('a dead process set a timer'))
  assert.ok(second.clock.monotonicMs() < 1)
  let isFired = false
  second.clock.after(5, () => {
    isFired = true
  })
  await scheduler.runFor(100)
  assert.ok(isFired)
  assert.equal(second.life, 2)
})

test('each host has a rate and a skew of its own; the wall jumps, monotonic time does not', async () => {
  const { scheduler, hostOf } = world()
  const slow = hostOf({ name: 'slow', rate: 0.5, wallSkewMs: -3000 })
  const { clock } = slow.boot()
  const exact = hostOf({ name: 'exact' }).boot().clock
  let firedMs = 0
  clock.after(100, () => {
    firedMs = scheduler.nowMs
  })
  await scheduler.runFor(1000)
  assert.ok(firedMs >= 200 && firedMs < 202)
  assert.ok(Math.abs(clock.monotonicMs() - 500) <= 1)
  assert.equal(exact.wallMs() - clock.wallMs(), 3000)
  const before = clock.monotonicMs()
  slow.jumpWall(-60_000)
  assert.equal(exact.wallMs() - clock.wallMs(), 63_000)
  assert.equal(clock.monotonicMs(), before)
})

test('a suspended machine counts no time, and its timers wait that much longer', async () => {
  const { scheduler, hostOf } = world()
  const host = hostOf()
  const { clock } = host.boot()
  let firedMs = 0
  clock.after(100, () => {
    firedMs = scheduler.nowMs
  })
  await scheduler.runFor(50)
  host.suspend()
  await scheduler.runFor(1000)
  assert.ok(clock.monotonicMs() < 52)
  host.resume()
  await scheduler.runFor(1000)
  assert.ok(firedMs >= 1100 && firedMs < 1103, `${firedMs}`)
})
