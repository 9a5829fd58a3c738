import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WriteBudget } from '../../src/runtime/write-budget.js'
import { ManualClock } from '../partition/manual-clock.js'

test('who waits for the budget is called once, when all directories keep it', () => {
  const clock = new ManualClock()
  const over = [true, true]
  const budget = new WriteBudget(
    over.map((_, index) => ({ overBudget: () => over[index] ?? false })),
    clock,
  )
  let called = 0
  budget.onKept(() => {
    called++
  })
  clock.advance(100)
  over[0] = false
  clock.advance(100)
  assert.deepEqual([called, budget.isExceeded], [0, true])
  over[1] = false
  clock.advance(10)
  assert.deepEqual([called, budget.isExceeded], [1, false])
  assert.equal(clock.timersPending, 0)
  budget.onKept(() => {
    called++
  })
  budget.close()
  clock.advance(100)
  assert.equal(called, 1)
})

test('whoever asks later is called later, and all when nobody shall wait any longer', () => {
  const clock = new ManualClock()
  let over = true
  const budget = new WriteBudget([{ overBudget: () => over }], clock)
  const called: string[] = []
  budget.whenKept(() => called.push('first'))
  over = false
  budget.whenKept(() => called.push('second'))
  assert.equal(called.length, 0)
  clock.advance(10)
  budget.whenKept(() => called.push('third'))
  assert.deepEqual(called, ['first', 'second', 'third'])
  over = true
  budget.whenKept(() => called.push('fourth'))
  budget.release()
  assert.deepEqual([called.length, clock.timersPending], [4, 0])
})
