// DeleteTopics: removes topics with all their records.
//
// v5 error messages   v6 by name or by topic id (KIP-516)
import type { Outcome } from '../base/errors.js'
import type { TopicReference } from '../controller/delete-topic.js'
import type { TopicRecord } from '../metadata/records.js'
import type {
  DeleteTopicsRequest,
  DeleteTopicsResponseDraft,
} from '../protocol/messages/delete-topics.js'
import { ZERO_UUID } from '../protocol/uuid.js'
import type { ControlServices } from './control-services.js'
import { kafkaError } from './error-mapping.js'
import { errorFields, noError, splitDuplicates } from './failure-answer.js'

type TopicResult = DeleteTopicsResponseDraft['responses'][number]

interface Asked {
  readonly name: string | null
  readonly topicId: string
}

export async function deleteTopics(
  request: DeleteTopicsRequest,
  services: ControlServices,
): Promise<DeleteTopicsResponseDraft> {
  const asked = askedFor(request)
  const unclear = asked.filter((topic) => problemWith(topic) !== undefined)
  const clear = asked.filter((topic) => problemWith(topic) === undefined)
  const { single, duplicated } = splitDuplicates(clear, ({ name, topicId }) => name ?? topicId)
  const outcomes = await services.controller.deleteTopics(single.map(referenceOf))
  return {
    throttleTimeMs: 0,
    responses: [
      ...single.map((topic, index) => answer(topic, outcomes[index])),
      ...unclear.map((topic) => refused(topic, problemWith(topic) ?? '')),
      ...duplicated.map((key) => duplicate(clear, key)),
    ],
  }
}

function askedFor(request: DeleteTopicsRequest): readonly Asked[] {
  const byName = request.topicNames.map((name) => ({ name, topicId: ZERO_UUID }))
  return [...request.topics, ...byName]
}

function problemWith({ name, topicId }: Asked): string | undefined {
  if (name !== null && topicId !== ZERO_UUID)
    return 'You may not specify both topic name and topic id.'
  if (name === null && topicId === ZERO_UUID) return 'Neither topic name nor id were specified.'
  return undefined
}

function referenceOf({ name, topicId }: Asked): TopicReference {
  return name === null ? { id: topicId } : { name }
}

function answer(asked: Asked, outcome: Outcome<TopicRecord> | undefined): TopicResult {
  if (outcome?.ok) return { name: outcome.value.name, topicId: outcome.value.id, ...noError }
  const failed = outcome === undefined ? undefined : errorFields(outcome.failure)
  return { ...asked, errorCode: kafkaError.UNKNOWN_SERVER_ERROR, errorMessage: null, ...failed }
}

function refused(asked: Asked, errorMessage: string): TopicResult {
  return { ...asked, errorCode: kafkaError.INVALID_REQUEST, errorMessage }
}

function duplicate(asked: readonly Asked[], key: string): TopicResult {
  const topic = asked.find(({ name, topicId }) => (name ?? topicId) === key)
  const what = topic?.name === null ? 'id' : 'name'
  return refused(topic ?? { name: null, topicId: ZERO_UUID }, `Duplicate topic ${what}.`)
}

export function deleteTopicsFailed(
  errorCode: number,
  request: DeleteTopicsRequest,
): DeleteTopicsResponseDraft {
  const responses = askedFor(request).map((asked) => ({ ...asked, errorCode, errorMessage: null }))
  return { throttleTimeMs: 0, responses }
}
