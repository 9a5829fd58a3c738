// On stand-ins: see io-fixture.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kafkaError } from '../../src/handlers/error-mapping.js'
import { describeCluster } from '../../src/protocol/messages/describe-cluster.js'
import {
  type DescribeTopicPartitionsResponse,
  describeTopicPartitions,
} from '../../src/protocol/messages/describe-topic-partitions.js'
import { metadata } from '../../src/protocol/messages/metadata.js'
import { IoFixture, topicId } from './io-fixture.js'

const NOT_ASKED = -(2 ** 31)

test('every version names the broker by the listener the client came in on', async () => {
  const fixture = new IoFixture()
  fixture.topic('t', { partitions: 2 })
  for (let version = 0; version <= 13; version++) {
    const answer = await fixture.ask(metadata, version, { topics: [{ name: 't' }] })
    assert.deepEqual(answer.brokers, [
      { nodeId: 1, host: 'broker.test', port: 9999, rack: version < 1 ? null : 'r1' },
    ])
    assert.equal(answer.clusterId, version < 2 ? null : 'a-cluster')
    assert.equal(answer.controllerId, version < 1 ? -1 : 1)
    const topic = answer.topics[0]
    assert.equal(topic?.errorCode, kafkaError.NONE)
    assert.equal(topic?.partitions.length, 2)
    if (version >= 10) assert.equal(topic?.topicId, topicId('t'))
    assert.equal(topic?.topicAuthorizedOperations, NOT_ASKED)
  }
})

test('null and the empty list mean what the version says', async () => {
  const fixture = new IoFixture()
  fixture.topic('a')
  fixture.topic('b')
  const count = async (version: number, topics: [] | null) =>
    (await fixture.ask(metadata, version, { topics })).topics.length
  assert.equal(await count(0, []), 2)
  assert.equal(await count(1, []), 0)
  assert.equal(await count(1, null), 2)
  assert.equal(await count(13, null), 2)
})

test('a missing topic is created when both sides allow it, and only then', async () => {
  const fixture = new IoFixture()
  const error = async (name: string, allowAutoTopicCreation: boolean, version = 4) =>
    (await fixture.ask(metadata, version, { topics: [{ name }], allowAutoTopicCreation })).topics[0]
      ?.errorCode
  assert.equal(await error('a', false), kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(await error('a', true), kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(await error('a', true), kafkaError.NONE)
  assert.equal(await error('b', true, 1), kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  assert.equal(await error('b', true, 1), kafkaError.NONE)
  assert.equal(await error('full', true), kafkaError.INVALID_PARTITIONS)
  assert.equal(await error('no/slash', true), kafkaError.INVALID_TOPIC_EXCEPTION)
  assert.equal(await error('no/slash', false), kafkaError.INVALID_TOPIC_EXCEPTION)
  assert.deepEqual(fixture.autoCreated, ['a', 'b', 'full'])
  const closed = new IoFixture({ config: { autoCreateTopics: false } })
  const answer = await closed.ask(metadata, 4, { topics: [{ name: 'a' }] })
  assert.equal(answer.topics[0]?.errorCode, kafkaError.UNKNOWN_TOPIC_OR_PARTITION)
  assert.deepEqual(closed.autoCreated, [])
})

test('topics by id from v12 on', async () => {
  const fixture = new IoFixture()
  fixture.topic('t')
  const ask = async (id: string) =>
    (await fixture.ask(metadata, 12, { topics: [{ name: null, topicId: id }] })).topics[0]
  assert.equal((await ask(topicId('t')))?.name, 't')
  const unknown = await ask(topicId('u'))
  assert.equal(unknown?.errorCode, kafkaError.UNKNOWN_TOPIC_ID)
  assert.equal(unknown?.topicId, topicId('u'))
  assert.equal(unknown?.name, null)
})

test('authorized operations are told when asked for', async () => {
  const fixture = new IoFixture()
  fixture.topic('t')
  const answer = await fixture.ask(metadata, 8, {
    topics: [{ name: 't' }],
    includeClusterAuthorizedOperations: true,
    includeTopicAuthorizedOperations: true,
  })
  assert.equal(answer.clusterAuthorizedOperations, 8096)
  assert.equal(answer.topics[0]?.topicAuthorizedOperations, 3576)
})

test('a partition whose leader is not there says so', async () => {
  const fixture = new IoFixture()
  fixture.topic('t', { leaderId: -1 })
  const answer = await fixture.ask(metadata, 9, { topics: [{ name: 't' }] })
  const partition = answer.topics[0]?.partitions[0]
  assert.equal(partition?.errorCode, kafkaError.LEADER_NOT_AVAILABLE)
  assert.equal(partition?.leaderId, -1)
})

test('DescribeCluster describes brokers, and refuses to describe controllers', async () => {
  const fixture = new IoFixture()
  const answer = await fixture.ask(describeCluster, 2, {
    includeClusterAuthorizedOperations: true,
    includeFencedBrokers: false,
  })
  assert.equal(answer.clusterId, 'a-cluster')
  assert.equal(answer.brokers[0]?.host, 'broker.test')
  assert.equal(answer.clusterAuthorizedOperations, 8096)
  const refused = await fixture.ask(describeCluster, 1, {
    includeClusterAuthorizedOperations: false,
    endpointType: 2,
  })
  assert.equal(refused.errorCode, kafkaError.MISMATCHED_ENDPOINT_TYPE)
})

test('DescribeTopicPartitions pages by name and partition', async () => {
  const fixture = new IoFixture()
  for (const name of ['c', 'a', 'b']) fixture.topic(name, { partitions: 3 })
  const seen: string[] = []
  let cursor: { topicName: string; partitionIndex: number } | null = null
  let pages = 0
  do {
    const answer: DescribeTopicPartitionsResponse = await fixture.ask(describeTopicPartitions, 0, {
      topics: [],
      responsePartitionLimit: 4,
      cursor,
    })
    for (const topic of answer.topics) {
      for (const p of topic.partitions) seen.push(`${topic.name}${p.partitionIndex}`)
    }
    cursor = answer.nextCursor
    pages++
  } while (cursor !== null)
  assert.deepEqual(seen, ['a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'c0', 'c1', 'c2'])
  assert.equal(pages, 3)
})

test('DescribeTopicPartitions names what it does not know', async () => {
  const answer = await new IoFixture().ask(describeTopicPartitions, 0, {
    topics: [{ name: 'u' }, { name: 'no/slash' }],
  })
  assert.deepEqual(
    answer.topics.map((t) => [t.name, t.errorCode]),
    [
      ['no/slash', kafkaError.INVALID_TOPIC_EXCEPTION],
      ['u', kafkaError.UNKNOWN_TOPIC_OR_PARTITION],
    ],
  )
})
