// Decides which topics of a request are deleted. A deleted topic leaves a tombstone until its folders
// are gone, so that a crash in between cannot bring it back.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Change, ClusterState, Decision } from '../metadata/cluster-state.js'
import type { TopicRecord } from '../metadata/records.js'

export type TopicReference = { readonly name: string } | { readonly id: string }

export function decideDeleteTopics(
  state: ClusterState,
  references: readonly TopicReference[],
): Decision<readonly Outcome<TopicRecord>[]> {
  const changes: Change[] = []
  const deleted = new Set<string>()
  const response = references.map((reference): Outcome<TopicRecord> => {
    const topic = resolve(state, reference)
    if (topic === undefined || deleted.has(topic.id)) return notFound(reference)
    deleted.add(topic.id)
    changes.push({ type: 'topic', record: { ...topic, isDeleted: true, configs: {} } })
    return succeed(topic)
  })
  return { changes, response }
}

/** Once the folders are gone nothing needs to remember the topics. */
export function decideForgetTopics(
  topics: readonly TopicRecord[],
  changedPartitions: (topicId: string) => readonly number[],
): Decision<void> {
  const changes = topics.flatMap(({ id }): Change[] => [
    ...changedPartitions(id).map(
      (index): Change => ({ type: 'partition-forgotten', topicId: id, index }),
    ),
    { type: 'topic-forgotten', topicId: id },
  ])
  return { changes, response: undefined }
}

function resolve(state: ClusterState, reference: TopicReference): TopicRecord | undefined {
  if ('name' in reference) return state.topic(reference.name)
  const topic = state.topicById(reference.id)
  return topic?.isDeleted ? undefined : topic
}

function notFound(reference: TopicReference): Outcome<TopicRecord> {
  return 'name' in reference
    ? fail('UNKNOWN_TOPIC_OR_PARTITION', 'This server does not host this topic-partition.')
    : fail('UNKNOWN_TOPIC_ID', 'This server does not host this topic ID.')
}
