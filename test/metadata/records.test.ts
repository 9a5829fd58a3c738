// Records survive the store byte by byte, and nothing else is taken for one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { partitionKey, partitionOf } from '../../src/metadata/keys.js'
import {
  brokerCodec,
  clusterCodec,
  partitionCodec,
  producerIdsCodec,
  topicCodec,
} from '../../src/metadata/records.js'

const utf8 = (text: string) => new TextEncoder().encode(text)
const topic = {
  id: 'w8o5vkyjR9-O4JWCj9HkNQ',
  name: 'orders',
  isDeleted: false,
  configs: { 'retention.ms': '1000' },
  partitions: [{ replicas: [1, 2], directories: ['a', 'b'] }],
}

test('a record reads as it was written', () => {
  const ids = { clusterId: 'c', identityKey: 'k' }
  const broker = {
    id: 1,
    rack: undefined,
    endpoints: [{ listener: 'KAFKA', host: 'h', port: 1 }],
    epoch: 4,
    interBroker: { host: 'h', port: 2 },
  }
  const partition = {
    leaderId: 1,
    leaderEpoch: 2,
    inSyncReplicas: [1],
    eligibleLeaders: [2],
    uncertainReplicas: [3],
    replicas: [1, 2, 3],
    addingReplicas: [3],
    removingReplicas: [],
    controllerEpoch: 3,
  }
  assert.deepEqual(topicCodec.decode('k', topicCodec.encode(topic)), { ok: true, value: topic })
  assert.deepEqual(clusterCodec.decode('k', clusterCodec.encode(ids)), { ok: true, value: ids })
  assert.deepEqual(brokerCodec.decode('k', brokerCodec.encode(broker)), { ok: true, value: broker })
  const back = partitionCodec.decode('k', partitionCodec.encode(partition))
  assert.deepEqual(back, { ok: true, value: partition })
})

test('a newer format is refused with its key', () => {
  const outcome = topicCodec.decode('/topics/x', utf8('{"format":2}'))
  assert.equal(
    outcome.ok ? '' : outcome.failure.message,
    'the metadata under /topics/x has format 2, and this program knows formats up to 1',
  )
})

test('a record of the wrong shape is refused with the place', () => {
  const wrong = utf8(JSON.stringify({ format: 1, ...topic, partitions: [{ replicas: ['one'] }] }))
  const outcome = topicCodec.decode('/topics/x', wrong)
  assert.equal(
    outcome.ok ? '' : outcome.failure.message,
    'the metadata under /topics/x cannot be read: the record.partitions[0].replicas[0] is not a whole number',
  )
})

test('no bytes make a reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (value) => {
      for (const codec of [topicCodec, partitionCodec, producerIdsCodec, clusterCodec]) {
        const outcome = codec.decode('/key', value)
        if (!outcome.ok) assert.match(outcome.failure.message, /\/key/)
      }
    }),
  )
})

test("a partition's key says which partition it is", () => {
  assert.deepEqual(partitionOf(partitionKey(topic.id, 7)), { topicId: topic.id, index: 7 })
  assert.equal(partitionOf('/partitions/short/7'), undefined)
  assert.equal(partitionOf(`/partitions/${topic.id}/x`), undefined)
})
