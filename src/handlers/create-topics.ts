// CreateTopics: makes topics, or says for each why not.
//
// v4 default counts (KIP-464)   v5 the answer shows counts and configs (KIP-525)   v7 topic ids
import type { TopicOutcome } from '../controller/create-topic.js'
import type {
  CreateTopicsRequest,
  CreateTopicsResponseDraft,
} from '../protocol/messages/create-topics.js'
import { topicConfigEntries } from './config-entries.js'
import type { ControlServices } from './control-services.js'
import { kafkaError } from './error-mapping.js'
import { errorFields, noError, splitDuplicates } from './failure-answer.js'

type TopicResult = CreateTopicsResponseDraft['topics'][number]

export async function createTopics(
  request: CreateTopicsRequest,
  services: ControlServices,
): Promise<CreateTopicsResponseDraft> {
  const { single, duplicated } = splitDuplicates(request.topics, ({ name }) => name)
  const written = new Map(single.map(({ name, configs }) => [name, configs]))
  const outcomes = await services.controller.createTopics(
    single.map(({ numPartitions, ...topic }) => ({ ...topic, partitionCount: numPartitions })),
    { validateOnly: request.validateOnly },
  )
  return {
    throttleTimeMs: 0,
    topics: [
      ...outcomes.map((outcome) => answer(outcome, written.get(outcome.name) ?? [], services)),
      ...duplicated.map((name) => ({
        name,
        errorCode: kafkaError.INVALID_REQUEST,
        errorMessage: 'Duplicate topic name.',
      })),
    ],
  }
}

/** As Kafka, the configs of the request are shown as they were written: spaces and all. */
function answer(
  { name, outcome }: TopicOutcome,
  written: CreateTopicsRequest['topics'][number]['configs'],
  { config }: ControlServices,
): TopicResult {
  if (!outcome.ok) return { name, ...errorFields(outcome.failure) }
  const writtenValues = new Map(written.map((entry) => [entry.name, entry.value]))
  const { id, partitions, configs } = outcome.value
  return {
    name,
    ...noError,
    topicId: id,
    numPartitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    configs: topicConfigEntries(configs, config).map((entry) => ({
      name: entry.name,
      value: writtenValues.get(entry.name) ?? entry.value,
      readOnly: false,
      configSource: entry.source,
      isSensitive: false,
    })),
  }
}

export function createTopicsFailed(
  errorCode: number,
  request: CreateTopicsRequest,
): CreateTopicsResponseDraft {
  const topics = request.topics.map(({ name }) => ({ name, errorCode, errorMessage: null }))
  return { throttleTimeMs: 0, topics }
}
