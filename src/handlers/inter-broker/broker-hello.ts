// BrokerHello: says who this is, and refuses whoever is of another cluster.
import type { brokerHello as api } from '../../protocol/inter-broker/broker-hello.js'
import type { Draft, Infer } from '../../protocol/schema.js'
import type { IoServices } from '../context.js'
import { kafkaError } from '../error-mapping.js'

export function brokerHello(
  { clusterId, brokerId }: Infer<(typeof api)['request']>,
  services: IoServices,
): Draft<(typeof api)['response']> {
  const image = services.metadata()
  const own = services.config.brokerId
  const refusal =
    clusterId === image.clusterId
      ? null
      : `broker ${brokerId} is of the cluster ${clusterId}, and this is broker ${own} of ${image.clusterId}`
  if (refusal !== null) services.logger.warn('a broker of another cluster was refused', { refusal })
  return {
    errorCode: refusal === null ? kafkaError.NONE : kafkaError.INCONSISTENT_CLUSTER_ID,
    errorMessage: refusal,
    clusterId: image.clusterId,
    brokerId: own,
    incarnation: services.incarnation,
  }
}
