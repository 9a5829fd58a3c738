// Whatever the bytes: decoding returns a message or throws a ProtocolError, the compiled codec and the
// interpreter agree on which, and what it returns is no larger than a small multiple of the frame.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { apis } from '../../src/protocol/messages/api-table.js'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { arbitraryStruct } from './support/arbitrary-message.js'
import { type Message, type MessageCodec, messagesOf } from './support/every-message.js'
import { splitAt, withJoinedRecords } from './support/frames.js'
import { heldBytes } from './support/held-bytes.js'
import { arbitraryMutations, mutated } from './support/mutations.js'

const RUNS = Number(process.env.MILLRACE_FUZZ_RUNS ?? 40)
/** What a decoded message may hold for each byte of its frame; a struct of three bytes is an object. */
const HELD_PER_BYTE = 64
const HELD_AT_LEAST = 4096

type Outcome = { readonly value: unknown } | { readonly error: string }

function outcome(codec: MessageCodec, chunks: readonly Uint8Array[]): Outcome {
  try {
    return { value: codec.decode(chunks).value }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { error: error.message }
  }
}

function survives(message: Message, bytes: Uint8Array): void {
  const compiled = outcome(message.compiled, [bytes])
  const interpreted = outcome(message.interpreted, splitAt(bytes, [0.3, 0.31, 0.8]))
  assert.deepEqual(withJoinedRecords(interpreted), withJoinedRecords(compiled))
  if ('error' in compiled) {
    assert.ok(compiled.error.startsWith(`${message.title}: `), compiled.error)
    return
  }
  const limit = HELD_AT_LEAST + HELD_PER_BYTE * bytes.length
  assert.ok(heldBytes(compiled.value) <= limit, `${message.title} holds more than ${limit} bytes`)
}

function survivesAll(message: Message): void {
  const value = arbitraryStruct(message.type, message.version)
  fc.assert(
    fc.property(value, arbitraryMutations, (given, mutations) =>
      survives(message, mutated(message.compiled.encode(given), mutations)),
    ),
    { numRuns: RUNS },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(message, bytes)),
    { numRuns: RUNS },
  )
}

for (const api of apis) {
  describe(api.name, () => {
    for (const message of messagesOf(api)) test(message.title, () => survivesAll(message))
  })
}
