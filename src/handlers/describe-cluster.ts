// DescribeCluster: the brokers and the controller.
// v0. v1 endpointType (KIP-919). v2 fenced brokers (KIP-1073).
import type { FencedBroker } from '../metadata/image.js'
import type {
  DescribeClusterRequest,
  DescribeClusterResponse,
} from '../protocol/messages/describe-cluster.js'
import { CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED } from './authorized-operations.js'
import type { IoServices, RequestContext } from './context.js'
import { type AdvertisedBroker, reachableOn } from './endpoints.js'
import { kafkaError } from './error-mapping.js'

const BROKERS = 1
const CONTROLLERS = 2

export function describeCluster(
  request: DescribeClusterRequest,
  services: IoServices,
  context: RequestContext,
): DescribeClusterResponse {
  if (request.endpointType !== BROKERS) return wrongEndpointType(request.endpointType)
  const image = services.metadata()
  const listener = context.client.listener.name
  const fenced = request.includeFencedBrokers ? image.fencedBrokers : []
  return {
    ...emptyResponse,
    clusterId: image.clusterId,
    controllerId: image.controllerId,
    brokers: [
      ...reachableOn(image.brokers.values(), listener).map((one) => described(one, false)),
      ...reachableOn(fenced, listener).map((one) => described(one, true)),
    ],
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? CLUSTER_OPERATIONS
      : OPERATIONS_NOT_ASKED,
  }
}

function described({ broker, endpoint }: AdvertisedBroker<FencedBroker>, isFenced: boolean) {
  const { host, port } = endpoint
  return { brokerId: broker.id, host, port, rack: broker.rack ?? null, isFenced }
}

const emptyResponse: DescribeClusterResponse = {
  throttleTimeMs: 0,
  errorCode: kafkaError.NONE,
  errorMessage: null,
  endpointType: BROKERS,
  clusterId: '',
  controllerId: -1,
  brokers: [],
  clusterAuthorizedOperations: OPERATIONS_NOT_ASKED,
}

function wrongEndpointType(asked: number): DescribeClusterResponse {
  if (asked === CONTROLLERS) {
    return {
      ...emptyResponse,
      errorCode: kafkaError.MISMATCHED_ENDPOINT_TYPE,
      errorMessage:
        'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
    }
  }
  return {
    ...emptyResponse,
    errorCode: kafkaError.UNSUPPORTED_ENDPOINT_TYPE,
    errorMessage: `Unsupported endpoint type ${asked}`,
  }
}

export function describeClusterFailed(errorCode: number): DescribeClusterResponse {
  return { ...emptyResponse, errorCode }
}
