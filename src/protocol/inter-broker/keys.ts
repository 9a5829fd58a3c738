// The numbers of our own APIs, far above Kafka's.
export const BROKER_HELLO_KEY = 30_000
export const DURABLE_OFFSETS_KEY = 30_001
export const FORWARD_KEY = 30_002
