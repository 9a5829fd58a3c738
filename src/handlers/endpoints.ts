// What a client is told of the brokers: the address that each advertises for the listener that the
// client came in on.
import type { BrokerEndpoint, BrokerImage, MetadataImage } from '../metadata/image.js'

export interface AdvertisedBroker {
  readonly broker: BrokerImage
  readonly endpoint: BrokerEndpoint
}

/** Brokers without an endpoint on this listener are left out, as Kafka does. */
export function brokersOn(image: MetadataImage, listener: string): AdvertisedBroker[] {
  const found: AdvertisedBroker[] = []
  for (const broker of image.brokers.values()) {
    const endpoint = broker.endpoints.find((e) => e.listener === listener)
    if (endpoint !== undefined) found.push({ broker, endpoint })
  }
  return found
}
