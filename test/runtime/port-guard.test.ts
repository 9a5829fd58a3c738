// A folder for locks that cannot be had is told with what to do about it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PortGuard } from '../../src/runtime/port-guard.js'
import { kafkaListener } from '../network/fixture.js'
import { temporaryDirectory } from '../support/broker.js'

test('a folder for the locks of ports that cannot be made is named, and what to set', async () => {
  const claimed = await PortGuard.claim([kafkaListener], () => undefined, '/dev/null/locks')
  assert.equal(claimed.ok, false)
  assert.match(claimed.failure.message, /cannot lock the port 127\.0\.0\.1:\d+: .*dev\/null\/locks/)
  assert.match(claimed.failure.message, /XDG_RUNTIME_DIR/)
})

test('without the addon the message is the one that says how to get it', async () => {
  const missing = () => {
    throw new Error('The native log is not built')
  }
  const listener = { ...kafkaListener, bind: { host: '127.0.0.1', port: 0 } }
  const claimed = await PortGuard.claim([listener], missing, temporaryDirectory())
  assert.ok(!claimed.ok)
  assert.equal(claimed.failure.message, 'The native log is not built')
})
