// Kafka's rule for topic names (org.apache.kafka.common.internals.Topic).
const MAX_LENGTH = 249
const LEGAL = /^[a-zA-Z0-9._-]+$/

export function isValidTopicName(name: string): boolean {
  return name.length <= MAX_LENGTH && name !== '.' && name !== '..' && LEGAL.test(name)
}
