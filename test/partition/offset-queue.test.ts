import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { OffsetQueue, type OffsetWaiter } from '../../src/partition/offset-queue.js'

test('releases those that are reached, in order of offset', () => {
  const queue = new OffsetQueue()
  const ended: number[] = []
  for (const offset of [1, 5, 3, 5, 9]) queue.add(offset, () => ended.push(offset))
  queue.release(5, 'reached')
  assert.deepEqual(ended, [1, 3, 5, 5])
  assert.equal(queue.isEmpty, false)
  queue.release(9, 'reached')
  assert.equal(queue.isEmpty, true)
})

test('agrees with a plain list under any adding, cancelling and releasing', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('add' as const), offset: fc.nat(50) }),
    fc.record({ do: fc.constant('cancel' as const), offset: fc.nat(50) }),
    fc.record({ do: fc.constant('release' as const), offset: fc.nat(50) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const queue = new OffsetQueue()
      let waiting: { offset: number; waiter: OffsetWaiter }[] = []
      for (const { do: what, offset } of steps) {
        if (what === 'add') {
          const waiter = queue.add(offset, () => {
            waiting = waiting.filter((w) => w.waiter !== waiter)
          })
          waiting.push({ offset, waiter })
        } else if (what === 'cancel') {
          const victim = waiting[offset % Math.max(1, waiting.length)]
          if (victim !== undefined) queue.cancel(victim.waiter)
          waiting = waiting.filter((w) => w !== victim)
        } else {
          const before = waiting.filter((w) => w.offset > offset)
          queue.release(offset, 'reached')
          assert.deepEqual(waiting, before)
        }
        assert.equal(queue.isEmpty, waiting.length === 0)
      }
    }),
  )
})
