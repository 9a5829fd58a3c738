// FindCoordinator: there are no coordinators yet, so every well-formed key is told to try again.
//
// v1 key types   v4 several keys at once (KIP-699)   v6 share partitions (KIP-932)
import type {
  FindCoordinatorRequest,
  FindCoordinatorResponseDraft,
} from '../protocol/messages/find-coordinator.js'
import type { RequestContext } from './context.js'
import type { ControlServices } from './control-services.js'
import { kafkaError } from './error-mapping.js'
import { GENERIC_INVALID_REQUEST } from './failure-answer.js'

const keyTypes = { GROUP: 0, TRANSACTION: 1, SHARE: 2 } as const
const FIRST_VERSION_WITH_SHARE = 6
const FIRST_VERSION_WITH_MESSAGE = 1
const SHARE_KEY = /^.*:[A-Za-z0-9_-]{22}:\d{1,10}$/s
const nowhere = { nodeId: -1, host: '', port: -1 }

export function findCoordinator(
  request: FindCoordinatorRequest,
  _services: ControlServices,
  { header }: RequestContext,
): FindCoordinatorResponseDraft {
  const { keyType, key, coordinatorKeys } = request
  const single = errorOf(keyType, key, header.apiVersion)
  const unavailable = single.errorCode === kafkaError.COORDINATOR_NOT_AVAILABLE
  const hasMessage = header.apiVersion >= FIRST_VERSION_WITH_MESSAGE && unavailable
  return {
    throttleTimeMs: 0,
    ...nowhere,
    ...single,
    ...(hasMessage ? { errorMessage: 'The coordinator is not available.' } : {}),
    coordinators: coordinatorKeys.map((one) => ({
      key: one,
      ...nowhere,
      ...errorOf(keyType, one, header.apiVersion),
    })),
  }
}

function errorOf(keyType: number, key: string, version: number) {
  const isKnown =
    keyType === keyTypes.GROUP ||
    keyType === keyTypes.TRANSACTION ||
    (keyType === keyTypes.SHARE && version >= FIRST_VERSION_WITH_SHARE)
  if (!isKnown) {
    return { errorCode: kafkaError.INVALID_REQUEST, errorMessage: GENERIC_INVALID_REQUEST }
  }
  const isMalformed = keyType === keyTypes.SHARE && !SHARE_KEY.test(key)
  const errorCode = isMalformed ? kafkaError.INVALID_REQUEST : kafkaError.COORDINATOR_NOT_AVAILABLE
  return { errorCode, errorMessage: '' }
}

export function findCoordinatorFailed(
  errorCode: number,
  request: FindCoordinatorRequest,
): FindCoordinatorResponseDraft {
  const failed = { ...nowhere, errorCode, errorMessage: null }
  const coordinators = request.coordinatorKeys.map((key) => ({ key, ...failed }))
  return { throttleTimeMs: 0, ...failed, coordinators }
}
