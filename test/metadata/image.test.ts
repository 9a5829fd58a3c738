// A delta changes what it names, and nothing else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetadataImage, type PartitionImage, type TopicImage } from '../../src/metadata/image.js'

const partition = (index: number, leaderId: number): PartitionImage => ({
  index,
  leaderId,
  leaderEpoch: leaderId,
  replicas: [1, 2],
  inSyncReplicas: [1, 2],
  eligibleLeaders: [],
  logHandle: undefined,
})
const topic = (name: string, id: string): TopicImage => ({
  name,
  id,
  isInternal: false,
  partitions: [partition(0, 1), partition(1, 1), partition(2, 1)],
  configs: {},
})
const leaders = (image: MetadataImage, name: string) =>
  image.topic(name)?.partitions.map(({ leaderId }) => leaderId)

test('partitions of a topic change by themselves; the image before is as it was', () => {
  const before = MetadataImage.empty.apply({
    version: 1,
    topicsChanged: [topic('a', 'A'), topic('b', 'B')],
  })
  const after = before.apply({
    version: 2,
    partitionsChanged: [{ topicId: 'A', partitions: [partition(2, 2), partition(0, 3)] }],
  })
  assert.deepEqual(leaders(after, 'a'), [3, 1, 2])
  assert.equal(after.topicById('A'), after.topic('a'))
  assert.equal(after.topic('b'), before.topic('b'))
  assert.deepEqual(leaders(before, 'a'), [1, 1, 1])
})

test('of a topic that is gone nothing is known, and nothing comes back', () => {
  const before = MetadataImage.empty.apply({ version: 1, topicsChanged: [topic('a', 'A')] })
  const after = before.apply({
    version: 2,
    topicsRemoved: ['a'],
    partitionsChanged: [{ topicId: 'A', partitions: [partition(0, 2)] }],
  })
  assert.equal(after.topicCount, 0)
  assert.equal(after.topicById('A'), undefined)
})

test('partitions that change with their topic are the younger ones', () => {
  const image = MetadataImage.empty.apply({
    version: 1,
    topicsChanged: [topic('a', 'A')],
    partitionsChanged: [{ topicId: 'A', partitions: [partition(1, 2)] }],
  })
  assert.deepEqual(leaders(image, 'a'), [1, 2, 1])
})
