// Where each record lies in the metadata store; the README lists them.
export const CLUSTER_KEY = '/cluster'
export const CONTROLLER_EPOCH_KEY = '/controller-epoch'
export const PRODUCER_IDS_KEY = '/producer-ids'
export const CONTROLLER_KEY = '/controller'
export const BROKERS_PREFIX = '/brokers/'
export const BROKER_STATES_PREFIX = '/broker-states/'
export const UNAVAILABLE_PREFIX = '/unavailable/'
export const TOPICS_PREFIX = '/topics/'
export const PARTITIONS_PREFIX = '/partitions/'

export function brokerKey(brokerId: number): string {
  return `${BROKERS_PREFIX}${brokerId}`
}

export function brokerStateKey(brokerId: number): string {
  return `${BROKER_STATES_PREFIX}${brokerId}`
}

export function unavailableKey(brokerId: number): string {
  return `${UNAVAILABLE_PREFIX}${brokerId}`
}

/** The broker id at the end of a key under one of the prefixes. */
export function brokerIdOf(key: string, prefix: string): number | undefined {
  const digits = key.slice(prefix.length)
  return /^\d{1,10}$/.test(digits) ? Number(digits) : undefined
}

export function topicKey(topicId: string): string {
  return `${TOPICS_PREFIX}${topicId}`
}

export function partitionKey(topicId: string, index: number): string {
  return `${PARTITIONS_PREFIX}${topicId}/${index}`
}

/** The part of a topic's key behind the prefix. */
export function topicIdOf(key: string): string {
  return key.slice(TOPICS_PREFIX.length)
}

export function partitionOf(key: string): { topicId: string; index: number } | undefined {
  const match = /^([A-Za-z0-9_-]{22})\/(\d{1,9})$/.exec(key.slice(PARTITIONS_PREFIX.length))
  if (match?.[1] === undefined) return undefined
  return { topicId: match[1], index: Number(match[2]) }
}
