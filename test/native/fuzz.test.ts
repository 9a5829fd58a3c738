// Each native fuzzer for a few seconds from its kept corpus; npm run test:full gives them minutes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { make } from './make.js'

test('native fuzzers find nothing', async () => {
  const printed = await make('fuzz', { FUZZ_SECONDS: process.env.FUZZ_SECONDS ?? '5' })
  assert.match(printed, /fuzz/)
})
