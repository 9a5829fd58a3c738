// UnregisterBroker: a broker that will not come back is forgotten (KIP-631).
// v0
import type {
  UnregisterBrokerRequest,
  UnregisterBrokerResponseDraft,
} from '../protocol/messages/unregister-broker.js'
import type { ControlServices } from './control-services.js'
import { errorFields, noError } from './failure-answer.js'

export async function unregisterBroker(
  { brokerId }: UnregisterBrokerRequest,
  { controller }: ControlServices,
): Promise<UnregisterBrokerResponseDraft> {
  const outcome = await controller.forgetBroker(brokerId)
  return { throttleTimeMs: 0, ...(outcome.ok ? noError : errorFields(outcome.failure)) }
}

export function unregisterBrokerFailed(errorCode: number): UnregisterBrokerResponseDraft {
  return { throttleTimeMs: 0, errorCode, errorMessage: null }
}
