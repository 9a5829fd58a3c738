// request: one of the operations on topics; each has its file.
import type { Outcome } from '../../../base/errors.js'
import { wireFailure } from '../../../protocol/millrace/error-codes.js'
import type {
  RequestMessage,
  ResponseMessage,
  TopicRequest,
} from '../../../protocol/millrace/messages.js'
import type { MillraceServices } from '../services.js'
import { createTopic } from './create-topic.js'
import { deleteTopic } from './delete-topic.js'
import { describeTopic } from './describe-topic.js'
import { listTopics } from './list-topics.js'

export async function answerRequest(
  request: RequestMessage,
  services: MillraceServices,
): Promise<ResponseMessage> {
  const outcome = await perform(request, services)
  const { id } = request
  return outcome.ok
    ? { type: 'response', id, ok: true, result: outcome.value }
    : { type: 'response', id, ok: false, error: wireFailure(outcome.failure) }
}

async function perform(
  request: TopicRequest,
  services: MillraceServices,
): Promise<Outcome<unknown>> {
  switch (request.op) {
    case 'createTopic':
      return createTopic(request, services)
    case 'deleteTopic':
      return deleteTopic(request, services)
    case 'listTopics':
      return listTopics(services)
    case 'describeTopic':
      return describeTopic(request.topic, services)
  }
}
