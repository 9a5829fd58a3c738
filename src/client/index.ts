// millrace/client: everything that an application imports.
export type {
  Durability,
  Isolation,
  StartPosition,
  TopicDescription,
  TopicSummary,
} from '../protocol/millrace/messages.js'
export { Client } from './client.js'
export { connect } from './connect.js'
export type { WebSocketFactory, WebSocketLike } from './connection/web-socket.js'
export {
  BrokerError,
  BufferFullError,
  ClosedError,
  ConnectionError,
  type Gap,
  GapError,
  MillraceError,
  OutcomeUnknownError,
} from './errors.js'
export type {
  Acknowledgement,
  ConnectOptions,
  DecompressBatch,
  OutgoingRecord,
  Payload,
  ProducerOptions,
  ReaderOptions,
  ReceivedRecord,
} from './options.js'
export { Producer } from './producer/producer.js'
export { Reader } from './reader/reader.js'
export { type CreateTopicOptions, Topics } from './topics.js'
