// Every message of every version comes back as it went in, through the compiled codec and through the
// interpreter, which also agree on every byte; frames are cut anywhere.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { apis } from '../../src/protocol/messages/api-table.js'
import { arbitraryStruct } from './support/arbitrary-message.js'
import { type Message, messagesOf } from './support/every-message.js'
import { arbitraryCuts, splitAt, splitEverywhere, withJoinedRecords } from './support/frames.js'

const RUNS = 25

function roundTrips(message: Message): void {
  const { compiled, interpreted } = message
  const value = arbitraryStruct(message.type, message.version)
  fc.assert(
    fc.property(value, arbitraryCuts, (given, cuts) => {
      const bytes = compiled.encode(given)
      assert.deepEqual(interpreted.encode(given), bytes)
      const expected = withJoinedRecords(given)
      for (const chunks of [[bytes], splitAt(bytes, cuts), splitEverywhere(bytes)]) {
        for (const codec of [compiled, interpreted]) {
          const decoded = codec.decode(chunks)
          assert.deepEqual(withJoinedRecords(decoded.value), expected)
          assert.equal(decoded.remaining, 0)
        }
      }
    }),
    { numRuns: RUNS },
  )
}

for (const api of apis) {
  describe(api.name, () => {
    for (const message of messagesOf(api)) test(message.title, () => roundTrips(message))
  })
}
