// createTopic: the control plane creates it and this thread's image has it before the answer.
import { type Outcome, succeed } from '../../../base/errors.js'
import type { CreateTopicRequest, TopicDescription } from '../../../protocol/millrace/messages.js'
import type { MillraceServices } from '../services.js'
import { describe } from './describe-topic.js'

export async function createTopic(
  request: CreateTopicRequest,
  services: MillraceServices,
): Promise<Outcome<TopicDescription>> {
  const { topic: name, partitions, configs } = request
  const created = await services.control.createTopic({
    name,
    ...(partitions === undefined ? {} : { partitions }),
    ...(configs === undefined ? {} : { configs }),
  })
  return created.ok ? succeed(describe(created.value, services)) : created
}
