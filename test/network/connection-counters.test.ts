import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectionCounters } from '../../src/network/connection-counters.js'

const limits = { maxConnections: 5, maxConnectionsPerAddress: 2 }

test('one address has a share, told by name, and gets its places back', () => {
  const counters = new ConnectionCounters(ConnectionCounters.allocate())
  assert.equal(counters.enter('10.0.0.1', limits), undefined)
  assert.equal(counters.enter('10.0.0.1', limits), undefined)
  assert.match(counters.enter('10.0.0.1', limits) ?? '', /2 connections are open from 10\.0\.0\.1/)
  assert.equal(counters.enter('10.0.0.2', limits), undefined)
  assert.equal(counters.total, 3)
  counters.leave('10.0.0.1')
  assert.equal(counters.enter('10.0.0.1', limits), undefined)
})

test("this machine's own connections have no share, and count all the same", () => {
  const counters = new ConnectionCounters(ConnectionCounters.allocate())
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '127.0.0.1']) {
    assert.equal(counters.enter(address, limits), undefined)
  }
  assert.match(counters.enter('127.0.0.1', limits) ?? '', /5 connections are open, the most/)
  assert.match(counters.enter('10.0.0.1', limits) ?? '', /5 connections are open, the most/)
  assert.equal(counters.total, 5)
})

test('all threads count in one array', () => {
  const shared = ConnectionCounters.allocate()
  const [one, other] = [new ConnectionCounters(shared), new ConnectionCounters(shared)]
  assert.equal(one.enter('10.0.0.1', limits), undefined)
  assert.equal(other.enter('10.0.0.1', limits), undefined)
  assert.match(one.enter('10.0.0.1', limits) ?? '', /from 10\.0\.0\.1/)
})
