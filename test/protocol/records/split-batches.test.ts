import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../../../src/protocol/protocol-error.js'
import { readRecords } from '../../../src/protocol/records/read-records.js'
import { RecordBatchBuilder } from '../../../src/protocol/records/record-batch-builder.js'
import { splitBatches } from '../../../src/protocol/records/split-batches.js'
import { arbitraryCuts, splitAt, splitEverywhere } from '../support/frames.js'

const builder = new RecordBatchBuilder()
const batches = ['a', 'bb'.repeat(200), 'c'].map((value) => {
  builder.append(null, value, [], 1)
  return builder.build()
})
const stream = new Uint8Array(Buffer.concat(batches))

describe('splitBatches', () => {
  test('finds each batch whole, however the answer is cut', () => {
    fc.assert(
      fc.property(arbitraryCuts, (cuts) => {
        assert.deepEqual([...splitBatches(splitAt(stream, cuts))], batches)
      }),
    )
    assert.deepEqual([...splitBatches(splitEverywhere(stream))], batches)
    assert.deepEqual([...splitBatches([])], [])
  })

  test('copies only a batch that lies across chunks', () => {
    const [first, second] = splitBatches([stream.subarray(0, 100), stream.subarray(100)])
    assert.equal(first?.buffer, stream.buffer)
    assert.notEqual(second?.buffer, stream.buffer)
  })

  test('leaves out a batch that is cut off', () => {
    for (let length = 0; length < stream.length; length++) {
      const found = [...splitBatches([stream.subarray(0, length)])]
      assert.deepEqual(found, batches.slice(0, found.length))
      for (const batch of found) assert.equal([...readRecords(batch)].length, 1)
    }
  })

  test('refuses a batch that is shorter than its header', () => {
    for (const length of [0, -12, 48]) {
      const broken = stream.slice()
      new DataView(broken.buffer).setInt32(8, length)
      assert.throws(() => [...splitBatches([broken])], ProtocolError)
    }
  })
})
