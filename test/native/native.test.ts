// The native core's own tests under the sanitizers, and its fuzzers for a few seconds each. One after the
// other in one file: they share a build folder.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make } from './make.js'

for (const flavour of ['asan', 'tsan']) {
  test(`native core under ${flavour}`, async () => {
    const printed = await make(flavour)
    assert.match(printed, /\[ {2}PASSED {2}\] [1-9]\d* test/)
  })
}

test('native fuzzers find nothing', async () => {
  const printed = await make('fuzz', { FUZZ_SECONDS: process.env.FUZZ_SECONDS ?? '5' })
  assert.match(printed, /fuzz/)
})
