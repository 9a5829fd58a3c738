// A frame of a few bytes that counts a million elements is refused before room is made for them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import fc from 'fast-check'
import { apis } from '../../src/protocol/messages/api-table.js'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { arbitraryStruct } from './support/arbitrary-message.js'
import { type Message, messagesOf } from './support/every-message.js'

const MAX_SAMPLE_BYTES = 200
/** Room for a million references takes 8 MB; an error and its stack take a few kB. */
const MAX_ALLOCATED_BYTES = 512 << 10
/** A million, as a fixed count and as a compact one. */
const LIES = [Buffer.of(0, 15, 255, 255), Buffer.of(0xff, 0xff, 0x3f)]

function allocatedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics()
  return used_heap_size + external_memory
}

/** A collection in between makes it less than it was, which may hide a lie, but never all of them. */
function mostAllocated(message: Message, valid: Uint8Array): number {
  let most = 0
  for (const lie of LIES) {
    for (let at = 0; at + lie.length <= valid.length; at++) {
      const bytes = Buffer.from(valid)
      bytes.set(lie, at)
      const before = allocatedBytes()
      try {
        message.compiled.decode([bytes])
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error))
      }
      most = Math.max(most, allocatedBytes() - before)
    }
  }
  return most
}

for (const api of apis) {
  describe(api.name, () => {
    for (const message of messagesOf(api)) {
      test(message.title, () => {
        const [value] = fc.sample(arbitraryStruct(message.type, message.version), 1)
        const encoded = message.compiled.encode(value)
        message.compiled.decode([encoded])
        const most = mostAllocated(message, encoded.subarray(0, MAX_SAMPLE_BYTES))
        assert.ok(most < MAX_ALLOCATED_BYTES, `${most} bytes for ${encoded.length}`)
      })
    }
  })
}
