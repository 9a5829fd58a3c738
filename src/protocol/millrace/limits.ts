// Every limit of millrace.v1, named with its unit.

/** A frame above this closes the socket: JSON is parsed on the event loop. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024
export const MAX_CHANNELS = 256
/** Key, value and headers of one record; the topic's max.message.bytes may be lower. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024
export const MAX_HEADERS = 256
/** Of one reader channel: its cursor holds them all. */
export const MAX_PARTITIONS = 1024
export const MAX_TOPIC_NAME_CHARACTERS = 249
export const MAX_CURSOR_CHARACTERS = 32 * 1024
/** Topic requests of one socket that wait for their answer. */
export const MAX_WAITING_REQUESTS = 64

export const HELLO_TIMEOUT_MS = 10_000
export const HEARTBEAT_MS = 10_000
/** Silence of this many heartbeats closes the socket. */
export const MISSED_HEARTBEATS = 3

/** What a producer channel may send before its first ack. */
export const PRODUCER_CREDIT_BYTES = 16 * 1024 * 1024
export const PRODUCER_CREDIT_RECORDS = 100_000
/** Overdraft, as a share of the initial credit, that closes the channel, and that closes the socket. */
export const CHANNEL_OVERDRAFT = 0.25
export const SOCKET_OVERDRAFT = 2

export const MAX_SEQUENCE = 2_147_483_647
export const MAX_UINT32 = 4_294_967_295
