// What the threads of a broker say to each other. Plain data only: it is cloned.

import type { Outcome } from '../base/errors.js'
import type { LogFields } from '../base/logger.js'
import type { BrokerConfig, HostPort, ListenerConfig } from '../config/types.js'
import type { ClientContext, InSyncRequest, TopicCreation } from '../handlers/context.js'
import type { MetadataDelta, TopicImage } from '../metadata/image.js'

/** The control worker, to every thread that is linked to it. */
export type ControlMethods = {
  autoCreateTopics(names: readonly string[]): Promise<ReadonlyMap<string, Outcome<TopicImage>>>
  createTopic(request: TopicCreation): Promise<Outcome<TopicImage>>
  deleteTopic(name: string): Promise<Outcome<true>>
  allocateProducerId(): Promise<Outcome<number>>
  alterInSync(change: InSyncRequest): Promise<Outcome<true>>
  forward(frame: Uint8Array, client: ClientContext): Promise<readonly Uint8Array[]>
  renderMetrics(): Promise<string>
  unhealthy(): Promise<string | undefined>
}
/** The control worker, to every thread that is linked to it; in order. */
export type ControlEvent = MetadataEvent | SessionEvent

export interface MetadataEvent {
  readonly type: 'metadata'
  readonly delta: MetadataDelta
  /** Sent once, with the first delta, which is the whole image. */
  readonly first?: FirstNews
}

export interface SessionEvent {
  readonly type: 'session'
  /** On the monotonic clock. */
  readonly untilMs: number
}

export interface FirstNews {
  /** Signs producer identities. */
  readonly identityKey: Uint8Array
  /** Handles of the data directories that work. */
  readonly directories: readonly number[]
  /** Of this process, among all that served under this broker id. */
  readonly incarnation: string
}

/** Every worker, to the main thread. */
export interface LogEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields | undefined
}

export interface BoundListener {
  readonly listener: ListenerConfig
  readonly address: HostPort
}

/** The control worker, to the main thread. */
export type ControlWorkerMethods = {
  /** Opens the data directories, recovers what is in them, and serves the links. */
  open(listeners: readonly BoundListener[]): Promise<Outcome<{ clusterId: string }>>
  /** Makes the broker one of the cluster's: from then on it leads and follows. */
  join(): Promise<Outcome<true>>
  /** Gives up what others can lead, while it still serves. */
  leave(): Promise<void>
  close(): Promise<void>
}

/** An io worker, to the main thread. */
export type IoWorkerMethods = {
  listen(listeners: readonly BoundListener[]): Promise<Outcome<true>>
  /** Accepts no more, answers what is in flight, closes. */
  drain(deadlineMs: number): Promise<void>
}

/** What every worker starts with. */
export interface WorkerSetup {
  readonly name: string
  readonly config: BrokerConfig
  /** All threads' counters, by thread name. */
  readonly metrics: ReadonlyMap<string, SharedArrayBuffer>
}
