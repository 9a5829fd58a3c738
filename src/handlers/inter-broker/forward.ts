// Forward: a client's request that another broker passed on, because this one is the controller.
import type { forward as api } from '../../protocol/inter-broker/forward.js'
import type { Draft, Infer } from '../../protocol/schema.js'
import { ConnectionFault } from '../connection-fault.js'
import type { ClientContext, IoServices } from '../context.js'
import { kafkaError } from '../error-mapping.js'

export async function forward(
  request: Infer<(typeof api)['request']>,
  services: IoServices,
): Promise<Draft<(typeof api)['response']>> {
  const client = clientOf(request.client)
  const chunks = await services.control.forward(request.frame.slice(), client)
  return { errorCode: kafkaError.NONE, frame: Buffer.concat(chunks) }
}

function clientOf(text: string): ClientContext {
  try {
    return JSON.parse(text) as ClientContext
  } catch {
    throw new ConnectionFault('a forwarded request names no client')
  }
}
