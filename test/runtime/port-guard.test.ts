// A folder for locks that cannot be had is told with what to do about it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PortGuard } from '../../src/runtime/port-guard.js'
import { kafkaListener } from '../network/fixture.js'

test('a folder for the locks of ports that cannot be made is named, and what to set', async () => {
  const claimed = await PortGuard.claim([kafkaListener], () => undefined, '/dev/null/locks')
  assert.equal(claimed.ok, false)
  assert.match(claimed.failure.message, /cannot lock the port 127\.0\.0\.1:\d+: .*dev\/null\/locks/)
  assert.match(claimed.failure.message, /XDG_RUNTIME_DIR/)
})
