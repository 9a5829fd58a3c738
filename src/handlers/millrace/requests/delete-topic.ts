// deleteTopic
import { type Outcome, succeed } from '../../../base/errors.js'
import type { DeleteTopicRequest } from '../../../protocol/millrace/messages.js'
import type { MillraceServices } from '../services.js'

export async function deleteTopic(
  request: DeleteTopicRequest,
  services: MillraceServices,
): Promise<Outcome<object>> {
  const deleted = await services.control.deleteTopic(request.topic)
  return deleted.ok ? succeed({}) : deleted
}
