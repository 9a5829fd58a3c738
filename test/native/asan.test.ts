// The native core's own tests under AddressSanitizer and UndefinedBehaviorSanitizer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make } from './make.js'

test('native core under asan', async () => {
  const printed = await make('asan')
  assert.match(printed, /\[ {2}PASSED {2}\] [1-9]\d* test/)
})
