import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { onMoved, subscribeMoved, unsubscribeMoved } from '../../src/log/log.js'
import { batchOfSize, testLogConfig } from './batches.js'
import { openTemporary } from './temporary-log.js'

/** Resolves with the handles of the next notification that holds `handle`. */
function nextMove(handle: number): Promise<readonly number[]> {
  return new Promise((resolve) => {
    const stop = onMoved((handles) => {
      if (!handles.includes(handle)) return
      stop()
      resolve(handles)
    })
  })
}

// The notification keeps no thread alive: a timer does while a test waits for one.
test.beforeEach((t) => {
  const timer = setInterval(() => {}, 1000)
  if ('after' in t) t.after(() => clearInterval(timer))
})

test('an append is reported to who subscribed, and only once for many', async (t) => {
  const directory = openTemporary(t)
  const quiet = directory.openPartition('quiet-0', testLogConfig)
  const log = directory.openPartition('orders-0', testLogConfig)
  let calls = 0
  t.after(onMoved(() => calls++))
  subscribeMoved(log.handle)
  const moved = nextMove(log.handle)
  quiet.append(batchOfSize(10))
  for (let i = 0; i < 1000; i++) log.append(batchOfSize(10))
  assert.deepEqual(await moved, [log.handle])
  assert.ok(calls < 10, `${calls} notifications of 1000 appends in one turn`)
})

test('every move after a notification is reported again', async (t) => {
  const log = openTemporary(t).openPartition('orders-0', testLogConfig)
  subscribeMoved(log.handle)
  for (let i = 0; i < 20; i++) {
    const moved = nextMove(log.handle)
    log.append(batchOfSize(10))
    await moved
  }
})

test('group commit reports the durable offset', async (t) => {
  const log = openTemporary(t, { flush: 'group' }).openPartition('orders-0', testLogConfig)
  subscribeMoved(log.handle)
  log.append(batchOfSize(10))
  while (log.durableOffset() < 1) await nextMove(log.handle)
  assert.equal(log.state().highWatermark, 1)
})

test('nothing is reported after unsubscribing', async (t) => {
  const directory = openTemporary(t)
  const log = directory.openPartition('orders-0', testLogConfig)
  const other = directory.openPartition('orders-1', testLogConfig)
  const seen: number[] = []
  t.after(onMoved((handles) => seen.push(...handles)))
  subscribeMoved(log.handle)
  subscribeMoved(other.handle)
  unsubscribeMoved(log.handle)
  const moved = nextMove(other.handle)
  log.append(batchOfSize(10))
  other.append(batchOfSize(10))
  await moved
  await nextTurn()
  assert.equal(seen.includes(log.handle), false)
})

test('deleting a partition and closing a directory are reported', async (t) => {
  const directory = openTemporary(t)
  const first = directory.openPartition('orders-0', testLogConfig)
  const second = directory.openPartition('orders-1', testLogConfig)
  subscribeMoved(first.handle)
  subscribeMoved(second.handle)
  const deleted = nextMove(first.handle)
  await directory.deletePartition('orders-0')
  await deleted
  assert.equal(first.state().offline, true)
  const closed = nextMove(second.handle)
  await directory.close()
  await closed
  assert.equal(second.state().offline, true)
})
