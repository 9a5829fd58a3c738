// What waits for one partition, ack by ack.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MillraceError, OutcomeUnknownError } from '../../src/client/errors.js'
import type { Acknowledgement } from '../../src/client/options.js'
import { PartitionQueue } from '../../src/client/producer/partition-queue.js'
import type { AckMessage } from '../../src/protocol/millrace/messages.js'

const identity = { producerId: 7, epoch: 0 }

/** A queue that has sent batches of so many records, and what was acknowledged, by record. */
function sentBatches(...counts: readonly number[]) {
  const queue = new PartitionQueue(0, 1 << 20)
  const offsets: (number | undefined)[] = []
  const errors: string[] = []
  let record = 0
  for (const count of counts) {
    for (let n = 0; n < count; n++) {
      const index = record++
      const resolve = ({ offset }: Acknowledgement) => {
        offsets[index] = offset
      }
      const reject = (error: MillraceError) => {
        errors[index] = error.code
      }
      const content = { key: null, value: null, headers: [], timestampMs: 0 }
      queue.append(content, identity, { resolve, reject })
    }
    queue.close(identity)
    const batch = queue.unsent
    assert.ok(batch)
    queue.markSent(batch)
  }
  return { queue, offsets, errors }
}

function ack(sequence: number, count: number, baseOffset: number): AckMessage {
  const credit = { bytes: 0, records: 0 }
  return {
    type: 'ack',
    channel: 1,
    partition: 0,
    sequence,
    count,
    baseOffset,
    durability: 'leader',
    credit,
  }
}

test('an ack resolves the batches up to its sequence and none behind it', () => {
  const { queue, offsets } = sentBatches(2, 3, 1)
  queue.acknowledge(ack(1, 2, 100))
  assert.deepEqual([offsets, queue.inFlight], [[100, 101], 2])
  queue.acknowledge(ack(5, 4, 200))
  assert.deepEqual([offsets, queue.inFlight], [[100, 101, 200, 201, 202, 203], 0])
  assert.equal(queue.acknowledged, 5)
})

test('an ack of a part of a batch resolves none of it', () => {
  const { queue, offsets } = sentBatches(3)
  queue.acknowledge(ack(1, 2, 0))
  assert.deepEqual([offsets, queue.inFlight], [[], 1])
  queue.acknowledge(ack(2, 1, 2))
  assert.equal(offsets[2], 2)
})

test('what an earlier ack covered is not resolved again, nor the acknowledged sequence moved back', () => {
  const { queue, offsets } = sentBatches(1, 1)
  queue.acknowledge(ack(0, 1, 10))
  queue.acknowledge(ack(0, 0, -1))
  assert.deepEqual([offsets, queue.acknowledged], [[10], 0])
  queue.acknowledge(ack(1, 1, -1))
  assert.equal(offsets.length, 2)
  assert.equal(offsets[1], undefined)
})

test('after a lost connection what the log has is not sent again, and all behind it is', () => {
  const { queue, offsets } = sentBatches(2, 3, 1)
  queue.detach()
  queue.attach(identity, 4)
  assert.equal(queue.inFlight, 2)
  assert.equal(queue.unsent?.baseSequence, 5)
  queue.acknowledge(ack(4, 5, 0))
  assert.deepEqual([offsets, queue.inFlight], [[0, 1, 2, 3, 4], 0])
})

test('when nothing will be sent any more, nobody knows what became of what was sent', () => {
  const { queue, errors } = sentBatches(1)
  const waiter = {
    resolve: () => assert.fail(),
    reject: (error: MillraceError) => errors.push(error.code),
  }
  queue.append({ key: null, value: null, headers: [], timestampMs: 0 }, identity, waiter)
  queue.abandon(new MillraceError('closed', 'the producer is closed'))
  assert.deepEqual(errors, ['outcome-unknown', 'closed'])
  assert.ok(queue.isEmpty)
})

test('what was sent in the name of a forgotten identity is not sent in the name of another', () => {
  const { queue, errors } = sentBatches(1, 2)
  queue.forgetIdentity(new OutcomeUnknownError('forgotten'))
  assert.deepEqual(errors, ['outcome-unknown', 'outcome-unknown', 'outcome-unknown'])
  assert.ok(queue.isEmpty)
})
