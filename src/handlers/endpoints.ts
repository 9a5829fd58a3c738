// What a client is told of the brokers: the address that each advertises for the listener that the
// client came in on.
import type { BrokerEndpoint, BrokerImage, MetadataImage } from '../metadata/image.js'

export interface AdvertisedBroker<T = BrokerImage> {
  readonly broker: T
  readonly endpoint: BrokerEndpoint
}

/** Those that are there. */
export function brokersOn(image: MetadataImage, listener: string): AdvertisedBroker[] {
  return reachableOn(image.brokers.values(), listener)
}

/** Brokers without an endpoint on this listener are left out, as Kafka does. */
export function reachableOn<T extends { readonly endpoints: readonly BrokerEndpoint[] }>(
  brokers: Iterable<T>,
  listener: string,
): AdvertisedBroker<T>[] {
  return [...brokers].flatMap((broker) => {
    const endpoint = broker.endpoints.find((e) => e.listener === listener)
    return endpoint === undefined ? [] : [{ broker, endpoint }]
  })
}
