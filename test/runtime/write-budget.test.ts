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
