// The native core's own tests under ThreadSanitizer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make } from './make.js'

test('native core under tsan', async () => {
  const printed = await make('tsan')
  assert.match(printed, /\[ {2}PASSED {2}\] [1-9]\d* test/)
})
