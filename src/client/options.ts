// What an application may say.
import type { Clock } from '../base/clock.js'
import type { Random } from '../base/random.js'
import type { Durability, Isolation, StartPosition } from '../protocol/millrace/messages.js'
import type { WebSocketFactory } from './connection/web-socket.js'
import type { Gap } from './errors.js'

export interface ConnectOptions {
  /** Closes the client. */
  readonly signal?: AbortSignal
  /** Told to the broker. */
  readonly name?: string
  /** In place of the global WebSocket (or, in a Node without one, the package ws). */
  readonly webSocket?: WebSocketFactory
  readonly connectTimeoutMs?: number
  /** Back-off between attempts to reconnect: doubles from the least to the most, with jitter. */
  readonly reconnectMinMs?: number
  readonly reconnectMaxMs?: number
  /** Without a connection for this long, everything fails with a ConnectionError. */
  readonly giveUpAfterMs?: number
  readonly clock?: Clock
  readonly random?: Random
}

export interface ProducerOptions {
  readonly durability?: Durability
  /** Waits this long for more records before a batch is sent. 0: as soon as the broker keeps up. */
  readonly lingerMs?: number
  readonly maxBatchBytes?: number
  /** ready() waits above it; send() fails above twice of it. */
  readonly maxBufferedBytes?: number
  readonly signal?: AbortSignal
}

/** Strings are stored as UTF-8. */
export type Payload = string | Uint8Array | null

export interface OutgoingRecord {
  readonly key?: Payload
  readonly value?: Payload
  readonly headers?: Readonly<Record<string, Payload>> | readonly (readonly [string, Payload])[]
  /** Milliseconds since 1970; by default now. */
  readonly timestamp?: number
  /** By default chosen by the key, as Kafka's clients do. */
  readonly partition?: number
}

/** What the broker promised of a record. */
export interface Acknowledgement {
  readonly partition: number
  /** undefined: stored before a reconnect, and the broker no longer knows where. */
  readonly offset: number | undefined
  readonly durability: Durability
}

/** The codec numbers of Kafka: 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
export type DecompressBatch = (
  codec: number,
  compressed: Uint8Array,
) => Uint8Array | Promise<Uint8Array>

export interface ReaderOptions {
  readonly from?: StartPosition
  readonly partitions?: readonly number[]
  readonly isolation?: Isolation
  /** 'end': stops at what was the end of each partition when the reader was opened. */
  readonly until?: 'end'
  /** What may be on its way or waiting in memory. */
  readonly windowBytes?: number
  /** Told of records that are gone; without it iteration throws a GapError. */
  readonly onGap?: (gap: Gap) => void
  /** For codecs beyond gzip. Without it the broker unpacks what this client cannot. */
  readonly decompress?: DecompressBatch
  readonly signal?: AbortSignal
}

export interface ReceivedRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [string, Uint8Array | null])[]
}
