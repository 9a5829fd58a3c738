// Both ends of a thread's link to the control worker. The image's changes and the answers travel in
// order over one port: a topic's creation is answered after the delta that brought it.
import type { MessagePort, Transferable } from 'node:worker_threads'
import type { Clock } from '../base/clock.js'
import type { Outcome } from '../base/errors.js'
import type { ClientContext, InSyncRequest, TopicCreation } from '../handlers/context.js'
import { type MetadataDelta, MetadataImage, type TopicImage } from '../metadata/image.js'
import type { ControlLink, LocalControl } from './control-plane.js'
import type { ControlEvent, ControlMethods, FirstNews } from './messages.js'
import { RpcPeer } from './rpc.js'

type NoMethods = Record<string, never>

export class RemoteControl implements ControlLink {
  private current = MetadataImage.empty
  private knownDirectories: readonly number[] = []
  private readonly listeners = new Set<(delta: MetadataDelta) => void>()
  private sessionEndsMs = Number.NEGATIVE_INFINITY
  private readonly peer: RpcPeer<ControlMethods, NoMethods, ControlEvent, never>
  /** Resolves when the first image is here. */
  readonly ready: Promise<FirstNews>

  constructor(port: MessagePort) {
    let isReady: (first: FirstNews) => void = () => {}
    this.ready = new Promise((resolve) => {
      isReady = resolve
    })
    this.peer = new RpcPeer<ControlMethods, NoMethods, ControlEvent, never>(port, {
      serve: {},
      onEvent: (event) => {
        if (event.type === 'session') {
          this.sessionEndsMs = event.untilMs
          return
        }
        const { delta, first } = event
        this.current = this.current.apply(delta)
        for (const listener of this.listeners) listener(delta)
        if (first === undefined) return
        this.knownDirectories = first.directories
        isReady(first)
      },
    })
  }

  /** Empty until it is ready. */
  get directories(): readonly number[] {
    return this.knownDirectories
  }

  image(): MetadataImage {
    return this.current
  }

  /** Deltas that arrived before are in image(). */
  onDelta(listener: (delta: MetadataDelta) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  sessionUntilMs(): number {
    return this.sessionEndsMs
  }

  autoCreateTopics(names: readonly string[]): Promise<ReadonlyMap<string, Outcome<TopicImage>>> {
    return this.peer.call('autoCreateTopics', [names])
  }

  createTopic(request: TopicCreation): Promise<Outcome<TopicImage>> {
    return this.peer.call('createTopic', [request])
  }

  deleteTopic(name: string): Promise<Outcome<true>> {
    return this.peer.call('deleteTopic', [name])
  }

  allocateProducerId(): Promise<Outcome<number>> {
    return this.peer.call('allocateProducerId', [])
  }

  alterInSync(change: InSyncRequest): Promise<Outcome<true>> {
    return this.peer.call('alterInSync', [change])
  }

  forward(frame: Uint8Array, client: ClientContext): Promise<readonly Uint8Array[]> {
    // The context is an object of the connection: only its data travels.
    return this.peer.call('forward', [frame, { ...client }], ownBuffers([frame]))
  }

  renderMetrics(): Promise<string> {
    return this.peer.call('renderMetrics', [])
  }

  unhealthy(): Promise<string | undefined> {
    return this.peer.call('unhealthy', [])
  }

  close(): void {
    this.peer.close()
  }
}

const SESSION_TOLD_EVERY_MS = 50

/** The control worker's end. Returns how to stop. */
export function serveControlLink(
  port: MessagePort,
  control: LocalControl,
  { clock, renderMetrics }: { readonly clock: Clock; renderMetrics(): Promise<string> },
): () => void {
  const peer = new RpcPeer<NoMethods, ControlMethods, never, ControlEvent>(port, {
    serve: {
      autoCreateTopics: (names) => control.autoCreateTopics(names),
      createTopic: (request) => control.createTopic(request),
      deleteTopic: (name) => control.deleteTopic(name),
      allocateProducerId: () => control.allocateProducerId(),
      alterInSync: (change) => control.alterInSync(change),
      forward: (frame, client) => control.forward(frame, client),
      renderMetrics,
      unhealthy: async () => control.unhealthy(),
    },
    transferOf: ownBuffers,
    onEvent: () => {},
  })
  // Behind the delta that it speaks for; a session that ends is told by nobody: its time runs out.
  let toldMs = Number.NEGATIVE_INFINITY
  const tellSession = () => {
    const untilMs = control.sessionUntilMs()
    if (untilMs === toldMs) return
    toldMs = untilMs
    peer.send({ type: 'session', untilMs })
  }
  const stop = control.onDelta((delta) => {
    peer.send({ type: 'metadata', delta })
    tellSession()
  })
  const timer = clock.every(SESSION_TOLD_EVERY_MS, tellSession)
  const { identityKey, directories, incarnation } = control
  const first = { identityKey, directories, incarnation }
  peer.send({ type: 'metadata', delta: control.image().toDelta(), first })
  tellSession()
  return () => {
    stop()
    timer.cancel()
    peer.close()
  }
}

/** Buffers that a chunk has for itself, so that giving them away takes nothing from others. */
function ownBuffers(chunks: unknown): Transferable[] {
  const buffers = new Set<ArrayBuffer>()
  if (!Array.isArray(chunks)) return []
  for (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) continue
    const { buffer, byteLength } = chunk
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffers.add(buffer)
  }
  return [...buffers]
}
