import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deadlines } from '../../src/base/deadlines.js'
import { ManualClock } from '../partition/manual-clock.js'

test('a deadline fires once, not early, and at most a tick late', () => {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock)
  let fired = 0
  deadlines.after(100, () => fired++)
  clock.advance(99)
  assert.equal(fired, 0)
  clock.advance(10)
  assert.equal(fired, 1)
  clock.advance(1000)
  assert.equal(fired, 1)
})

test('ten thousand deadlines share few timers', () => {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock)
  const fired: number[] = []
  for (let i = 0; i < 10_000; i++) deadlines.after(30_000 + (i % 4), () => fired.push(i))
  assert.ok(clock.timersSet <= 2, `${clock.timersSet} timers`)
  clock.advance(30_020)
  assert.equal(fired.length, 10_000)
})

test('a cancelled deadline never fires and the others do', () => {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock)
  const fired: string[] = []
  const kept = ['a', 'b', 'c', 'd'].map((name) => ({
    name,
    deadline: deadlines.after(50, () => fired.push(name)),
  }))
  kept[1]?.deadline.cancel()
  kept[1]?.deadline.cancel()
  kept[3]?.deadline.cancel()
  clock.advance(100)
  assert.deepEqual(fired.sort(), ['a', 'c'])
})

test('an earlier deadline set later comes first', () => {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock)
  const fired: number[] = []
  for (const delayMs of [500, 20, 300, 100, 20, 400]) {
    deadlines.after(delayMs, () => fired.push(delayMs))
  }
  clock.advance(1000)
  assert.deepEqual(fired, [20, 20, 100, 300, 400, 500])
  assert.equal(clock.timersPending, 0)
})

test('one that is set while others fire is kept', () => {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock)
  let again = 0
  deadlines.after(10, () => deadlines.after(0, () => again++))
  clock.advance(100)
  assert.equal(again, 1)
})
