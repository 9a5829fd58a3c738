import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { codecFor } from '../../src/protocol/codec.js'
import { interpreterFor } from '../../src/protocol/interpreter.js'
import { fetch } from '../../src/protocol/messages/fetch.js'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { produce } from '../../src/protocol/messages/produce.js'
import { ProtocolError } from '../../src/protocol/protocol-error.js'
import { FrameReader } from '../../src/protocol/reader.js'
import { ZERO_UUID } from '../../src/protocol/uuid.js'
import { FrameWriter } from '../../src/protocol/writer.js'
import { joined } from './support/frames.js'

const bothWays = [
  ['compiled', codecFor],
  ['interpreted', interpreterFor],
] as const

function hex(text: string): FrameReader {
  return new FrameReader([new Uint8Array(Buffer.from(text.replace(/\s/g, ''), 'hex'))])
}

for (const [name, make] of bothWays) {
  describe(name, () => {
    test('an error names the message and the field', () => {
      // transactionalId null, acks, timeoutMs, one topic "t" with one partition whose records lie
      const reader = hex('ffff ffff 000003e8 00000001 0001 74 00000001 00000000 00000064 aa')
      assert.throws(
        () => make(produce, 8).decodeRequest(reader),
        (error) =>
          error instanceof ProtocolError &&
          error.field === 'topicData[].partitionData[].records' &&
          error.message ===
            'Produce request v8: topicData[].partitionData[].records: length 100 exceeds the 1 bytes left',
      )
    })

    test('an error of encoding names the field too', () => {
      const draft = { topics: [{ name: null }] }
      assert.throws(
        () => make(metadata, 9).encodeRequest(new FrameWriter(), draft),
        /Metadata request v9: topics\[\].name: null is not allowed/,
      )
    })

    test('what a version lacks decodes to its default and is not encoded', () => {
      const codec = make(metadata, 0)
      const writer = new FrameWriter()
      codec.encodeRequest(writer, { topics: [], allowAutoTopicCreation: false })
      const bytes = joined(writer.finish())
      assert.deepEqual([...bytes], [0, 0, 0, 0])
      assert.deepEqual(codec.decodeRequest(new FrameReader([bytes])), {
        topics: [],
        allowAutoTopicCreation: true,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      })
    })

    test('a draft may leave out what has a default', () => {
      const codec = make(produce, 10)
      const writer = new FrameWriter()
      const partition = { index: 1, errorCode: 6, baseOffset: -1 }
      codec.encodeResponse(writer, {
        responses: [
          {
            name: 't',
            partitionResponses: [
              { ...partition, currentLeader: { leaderId: 3 } },
              { ...partition, currentLeader: { leaderId: -1 } },
            ],
          },
        ],
      })
      const decoded = codec.decodeResponse(new FrameReader(writer.finish().chunks))
      assert.deepEqual(decoded.nodeEndpoints, [])
      assert.equal(decoded.throttleTimeMs, 0)
      const [first, second] = decoded.responses[0]?.partitionResponses ?? []
      assert.deepEqual(first?.currentLeader, { leaderId: 3, leaderEpoch: -1 })
      assert.deepEqual(second?.currentLeader, { leaderId: -1, leaderEpoch: -1 })
      assert.equal(first?.errorMessage, null)
    })

    test('null where a version does not take it is refused', () => {
      assert.throws(() => make(metadata, 0).decodeRequest(hex('ffffffff')), /topics: .*not allowed/)
      assert.equal(make(metadata, 1).decodeRequest(hex('ffffffff')).topics, null)
    })

    test('an unknown tagged field is left out, one with a wrong length refused', () => {
      const front = '00000000 00000001 00000002 00000003 00 00000004 00000005 01 01 01'
      const good = make(fetch, 12).decodeRequest(hex(`${front} 02 00 02 0261 63 01 ff`))
      assert.equal(good.clusterId, 'a')
      assert.deepEqual(good.replicaState, { replicaId: -1, replicaEpoch: -1 })
      assert.throws(
        () => make(fetch, 12).decodeRequest(hex(`${front} 01 00 03 0261 63`)),
        /clusterId: tagged field is 1 bytes longer than its value/,
      )
    })

    test('what stands behind a message is left alone', () => {
      const reader = hex('00000000 aabb')
      make(metadata, 0).decodeRequest(reader)
      assert.equal(reader.remaining, 2)
    })

    test('a topic id is as Kafka prints it', () => {
      const writer = new FrameWriter()
      const topics = [
        { topicId: ZERO_UUID, name: 'a' },
        { topicId: 'yPxrm_-6TX-Wz34lAhVb1g', name: null },
      ]
      make(metadata, 12).encodeRequest(writer, { topics })
      const bytes = joined(writer.finish())
      assert.equal(
        Buffer.from(bytes).subarray(20, 36).toString('hex'),
        'c8fc6b9bffba4d7f96cf7e2502155bd6',
      )
      assert.deepEqual(make(metadata, 12).decodeRequest(new FrameReader([bytes])).topics, topics)
    })
  })
}

test('a version that an API does not have is refused', () => {
  for (const version of [2, 14, -1, 9.5]) {
    assert.throws(() => codecFor(produce, version), /Produce has the versions 3 to 13/)
    assert.throws(() => interpreterFor(produce, version), /Produce has the versions 3 to 13/)
  }
})

test('a codec is compiled once', () => {
  assert.equal(codecFor(produce, 9), codecFor(produce, 9))
})
