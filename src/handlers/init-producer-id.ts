// InitProducerId: an id and an epoch for an idempotent producer. There are no transactions yet.
// v0-v5.
import type {
  InitProducerIdRequest,
  InitProducerIdResponseDraft,
} from '../protocol/messages/init-producer-id.js'
import type { ControlServices } from './control-services.js'
import { errorNumber, kafkaError } from './error-mapping.js'

const NONE = -1

export async function initProducerId(
  request: InitProducerIdRequest,
  { controller }: ControlServices,
): Promise<InitProducerIdResponseDraft> {
  const { transactionalId, producerId, producerEpoch } = request
  if ((producerId === NONE) !== (producerEpoch === NONE) || transactionalId === '') {
    return initProducerIdFailed(kafkaError.INVALID_REQUEST)
  }
  if (transactionalId !== null) return initProducerIdFailed(kafkaError.COORDINATOR_NOT_AVAILABLE)
  const allocated = await controller.allocateProducerId()
  if (!allocated.ok) return initProducerIdFailed(errorNumber(allocated.failure.code))
  const errorCode = kafkaError.NONE
  return { throttleTimeMs: 0, errorCode, producerId: allocated.value, producerEpoch: 0 }
}

export function initProducerIdFailed(errorCode: number): InitProducerIdResponseDraft {
  return { throttleTimeMs: 0, errorCode, producerId: NONE, producerEpoch: NONE }
}
