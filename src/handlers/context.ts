// What a handler may use. No bytes, no sockets, no addon.
import type { Clock } from '../base/clock.js'
import type { Deadlines } from '../base/deadlines.js'
import type { Outcome } from '../base/errors.js'
import type { Logger } from '../base/logger.js'
import type { Random } from '../base/random.js'
import type { BrokerConfig, ListenerConfig } from '../config/types.js'
import type { MetadataImage, TopicImage } from '../metadata/image.js'
import type { PartitionRegistry } from '../partition/registry.js'
import type { RequestHeader } from '../protocol/headers.js'

/** Who is asking. Plain data: it travels to the control worker with a forwarded frame. */
export interface ClientContext {
  readonly connectionId: string
  readonly listener: ListenerConfig
  readonly remoteAddress: string
  readonly transport: 'tcp' | 'websocket' | 'embedded'
  /** Set by ApiVersions v3 and later. */
  softwareName: string
  softwareVersion: string
}

export type { RequestHeader } from '../protocol/headers.js'

/** Kafka's names for configs; what is left out takes the broker's defaults. */
export interface TopicCreation {
  readonly name: string
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
}

export interface InSyncRequest {
  readonly topicId: string
  readonly index: number
  readonly leaderEpoch: number
  readonly inSync: readonly number[]
}

/** What an io worker asks of the control plane; a direct call when both run on one thread. */
export interface ControlPlane {
  /** Creates what does not exist with default partitions and configs; per name a topic or the reason. */
  autoCreateTopics(names: readonly string[]): Promise<ReadonlyMap<string, Outcome<TopicImage>>>
  /** What a client without the Kafka protocol asks for; resolves when this thread's image has the topic. */
  createTopic(request: TopicCreation): Promise<Outcome<TopicImage>>
  deleteTopic(name: string): Promise<Outcome<true>>
  /** A fresh producer id with epoch 0, never given out before, also across restarts. */
  allocateProducerId(): Promise<Outcome<number>>
  /** A change of the in-sync set of a partition that this broker leads; stored when it resolves. */
  alterInSync(change: InSyncRequest): Promise<Outcome<true>>
  /** A request frame that the handler table assigns to the control plane; the answer's frame chunks. */
  forward(frame: Uint8Array, client: ClientContext): Promise<readonly Uint8Array[]>
}

/** The services of one io worker; made once by the runtime. */
export interface IoServices {
  readonly config: BrokerConfig
  readonly clock: Clock
  /** This thread's: what a request that waits gives up by. */
  readonly deadlines: Deadlines
  readonly random: Random
  readonly logger: Logger
  readonly partitions: PartitionRegistry
  readonly control: ControlPlane
  /** Of this process, among all that served under this broker id. */
  readonly incarnation: string
  /** The image now; ask again after every await. */
  metadata(): MetadataImage
}

/** That the client has gone: what its requests still wait for is given up. */
export interface ClosedSignal {
  add(listener: () => void): void
  remove(listener: () => void): void
}

export interface RequestContext {
  readonly header: RequestHeader
  readonly client: ClientContext
  readonly closed: ClosedSignal
}
