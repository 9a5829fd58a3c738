// The JSON messages of millrace.v1 as types. README.md beside this file says what each means.

export const SUBPROTOCOL = 'millrace.v1'

export type Durability = 'none' | 'leader' | 'all'
export type Isolation = 'uncommitted' | 'committed'
export type ReaderFormat = 'json' | 'binary'
export type ValueForm = 'json' | 'base64'
export type GapReason = 'retention' | 'truncation' | 'topic-recreated'
/** By partition number as decimal text, as JSON has it. */
export type ByPartition = Readonly<Record<string, number>>

export interface Credit {
  readonly bytes: number
  readonly records: number
}

export interface Identity {
  readonly producerId: number
  readonly epoch: number
  readonly secret: string
}

export type StartPosition =
  | 'earliest'
  | 'latest'
  | { readonly offset: number }
  | { readonly offsets: ByPartition }
  | { readonly timestamp: number }
  | { readonly cursor: string }

/** A record as JSON carries it; see json-bytes.ts for what its parts may be. */
export interface JsonRecord {
  readonly key?: unknown
  readonly value?: unknown
  readonly headers?: unknown
  readonly timestamp?: number
}

// To the broker

export interface HelloMessage {
  readonly type: 'hello'
  readonly client?: { readonly name?: string; readonly version?: string }
}
export interface PingMessage {
  readonly type: 'ping'
  readonly id?: number | string
}
export interface PongMessage {
  readonly type: 'pong'
  readonly id?: number | string
}
export interface OpenProducerMessage {
  readonly type: 'open'
  readonly channel: number
  readonly kind: 'producer'
  readonly topic: string
  readonly durability: Durability
  readonly identity?: Identity
  readonly acknowledged?: ByPartition
}
export interface OpenReaderMessage {
  readonly type: 'open'
  readonly channel: number
  readonly kind: 'reader'
  readonly topic: string
  readonly partitions?: readonly number[]
  readonly from: StartPosition
  readonly isolation: Isolation
  readonly format: ReaderFormat
  readonly values: ValueForm
  readonly credit: { readonly bytes: number }
}
export interface ProduceMessage {
  readonly type: 'produce'
  readonly channel: number
  readonly partition: number
  readonly sequence: number
  /** Each still to be checked: see json-bytes.ts. */
  readonly records: readonly unknown[]
}
export interface CreditMessage {
  readonly type: 'credit'
  readonly channel: number
  readonly bytes: number
}
export interface CloseMessage {
  readonly type: 'close'
  readonly channel: number
}
export interface CreateTopicRequest {
  readonly op: 'createTopic'
  readonly topic: string
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}
export interface DeleteTopicRequest {
  readonly op: 'deleteTopic'
  readonly topic: string
}
export interface ListTopicsRequest {
  readonly op: 'listTopics'
}
export interface DescribeTopicRequest {
  readonly op: 'describeTopic'
  readonly topic: string
}
export type TopicRequest =
  | CreateTopicRequest
  | DeleteTopicRequest
  | ListTopicsRequest
  | DescribeTopicRequest
export type RequestMessage = TopicRequest & {
  readonly type: 'request'
  readonly id: number | string
}

export type ClientMessage =
  | HelloMessage
  | PingMessage
  | PongMessage
  | OpenProducerMessage
  | OpenReaderMessage
  | ProduceMessage
  | CreditMessage
  | CloseMessage
  | RequestMessage

// To the client

export interface Limits {
  readonly maxFrameBytes: number
  readonly maxChannels: number
  readonly maxRecordBytes: number
  readonly maxHeaders: number
  readonly maxPartitions: number
}
export interface WelcomeMessage {
  readonly type: 'welcome'
  readonly protocol: string
  readonly broker: { readonly id: number; readonly version: string }
  readonly cluster: string
  readonly session: string
  readonly heartbeatMs: number
  readonly limits: Limits
}
export interface OpenedProducerMessage {
  readonly type: 'opened'
  readonly channel: number
  readonly kind: 'producer'
  readonly topic: string
  readonly topicId: string
  readonly partitions: number
  readonly identity: Identity
  readonly lastSequences: ByPartition
  readonly credit: Credit
}
export interface PositionState {
  readonly partition: number
  readonly offset: number
  readonly endOffset: number
  readonly state: 'started' | 'resumed' | 'gap'
  readonly reason?: GapReason
  readonly requested?: number
}
export interface OpenedReaderMessage {
  readonly type: 'opened'
  readonly channel: number
  readonly kind: 'reader'
  readonly topic: string
  readonly topicId: string
  readonly cursor: string
  readonly positions: readonly PositionState[]
}
export interface AckMessage {
  readonly type: 'ack'
  readonly channel: number
  readonly partition: number
  readonly sequence: number
  readonly count: number
  readonly baseOffset: number
  readonly durability: Durability
  readonly credit: Credit
}
export interface DeliveredJsonRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: unknown
  readonly value: unknown
  readonly headers?: readonly (readonly [string, unknown])[]
}
export interface DeliverMessage {
  readonly type: 'deliver'
  readonly channel: number
  readonly partition: number
  readonly bytes: number
  readonly nextOffset: number
  readonly endOffset: number
  readonly cursor: string
  readonly records: readonly DeliveredJsonRecord[]
}
export interface PositionMessage {
  readonly type: 'position'
  readonly channel: number
  readonly partition: number
  readonly nextOffset: number
  readonly endOffset: number
  readonly cursor: string
}
export interface GapMessage {
  readonly type: 'gap'
  readonly channel: number
  readonly partition: number
  readonly reason: GapReason
  readonly requested: number
  readonly offset: number
}
export interface ClosedMessage {
  readonly type: 'closed'
  readonly channel: number
}
export interface DrainMessage {
  readonly type: 'drain'
  readonly reconnectAfterMs: number
}
export interface WireFailure {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
}
export interface ErrorMessage extends WireFailure {
  readonly type: 'error'
  readonly channel?: number
  readonly partition?: number
  readonly sequence?: number
  readonly expected?: number
}
export type ResponseMessage =
  | {
      readonly type: 'response'
      readonly id: number | string
      readonly ok: true
      readonly result: unknown
    }
  | {
      readonly type: 'response'
      readonly id: number | string
      readonly ok: false
      readonly error: WireFailure
    }

export interface TopicSummary {
  readonly name: string
  readonly id: string
  readonly partitions: number
  readonly internal: boolean
}
export interface PartitionDescription {
  readonly partition: number
  readonly leader: number
  readonly leaderEpoch: number
  /** Where the leader serves WebSocket clients, for those that want to go there themselves. */
  readonly leaderUrl?: string
  readonly startOffset?: number
  readonly endOffset?: number
  readonly sizeBytes?: number
}
export interface TopicDescription {
  readonly name: string
  readonly id: string
  readonly internal: boolean
  readonly configs: Readonly<Record<string, string>>
  readonly partitions: readonly PartitionDescription[]
}

export type ServerMessage =
  | WelcomeMessage
  | PingMessage
  | PongMessage
  | DrainMessage
  | OpenedProducerMessage
  | OpenedReaderMessage
  | AckMessage
  | DeliverMessage
  | PositionMessage
  | GapMessage
  | ClosedMessage
  | ErrorMessage
  | ResponseMessage
