// A thread's connections to the brokers that lead partitions: some for each, so that whoever waits long on one
// does not hold up the others. Opened when they are needed, and again after they ended.
import type { Clock } from '../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../base/errors.js'
import type { MetadataImage } from '../metadata/image.js'
import { sayHello } from '../peer/hello.js'
import { PeerConnection } from '../peer/peer-connection.js'
import type { PeerTransport } from '../peer/transport.js'
import type { Codec } from '../protocol/codec-types.js'
import type { Draft, Fields, Infer } from '../protocol/schema.js'

export interface LeaderLinksOptions {
  readonly brokerId: number
  image(): MetadataImage
  readonly transport: PeerTransport
  readonly clock: Clock
}

const OPEN_WITHIN_MS = 2_000
const FRAME_MAX_BYTES = 128 << 20

interface Link {
  readonly connection: PeerConnection
  /** Once it is known who is at the other end. */
  readonly greeted: Promise<Outcome<PeerConnection>>
}

export class LeaderLinks {
  /** By leader, its registration and lane. */
  private readonly links = new Map<string, Link>()
  private isClosed = false

  constructor(private readonly options: LeaderLinksOptions) {}

  /** True: the broker is there, another one, and says where other brokers reach it. */
  isReachable(leaderId: number): boolean {
    return leaderId !== this.options.brokerId && this.registered(leaderId) !== undefined
  }

  /**
   * Requests of one lane are carried out in order. NOT_LEADER where the broker cannot be reached: whether
   * the request was carried out is then unknown, and another may lead by now.
   */
  async request<Q extends Fields, S extends Fields>(
    to: { readonly leaderId: number; readonly lane: string },
    codec: Codec<Q, S>,
    ask: { readonly draft: Draft<Q>; readonly withinMs: number },
  ): Promise<Outcome<Infer<S>>> {
    const link = this.link(to.leaderId, to.lane)
    if (link === undefined) return unreachable(`broker ${to.leaderId} is not there`)
    const connection = await link.greeted
    if (!connection.ok) return unreachable(connection.failure.message)
    const answer = await connection.value.request(codec, ask.draft, ask.withinMs)
    return answer.ok ? answer : unreachable(answer.failure.message)
  }

  /** Ends what waits on a lane. */
  closeLane(leaderId: number, lane: string): void {
    const key = this.keyOf(leaderId, lane)
    if (key === undefined) return
    this.links.get(key)?.connection.close()
    this.links.delete(key)
  }

  close(): void {
    this.isClosed = true
    for (const { connection } of this.links.values()) connection.close()
    this.links.clear()
  }

  private link(leaderId: number, lane: string): Link | undefined {
    const key = this.keyOf(leaderId, lane)
    if (key === undefined || this.isClosed) return undefined
    const known = this.links.get(key)
    if (known?.connection.hasEnded === false) return known
    const opened = this.open(leaderId)
    if (opened !== undefined) {
      this.links.set(key, opened)
      void opened.connection.ended.then(() => {
        if (this.links.get(key) === opened) this.links.delete(key)
      })
    }
    return opened
  }

  private open(leaderId: number): Link | undefined {
    const address = this.registered(leaderId)?.interBroker
    if (address === undefined) return undefined
    const { transport, clock, brokerId } = this.options
    const connection = new PeerConnection({
      address,
      transport,
      clock,
      clientId: `broker-${brokerId}`,
      openWithinMs: OPEN_WITHIN_MS,
      maxAnswerBytes: FRAME_MAX_BYTES,
    })
    return { connection, greeted: this.greet(connection, leaderId) }
  }

  // Somebody else may have its address by now.
  private async greet(
    connection: PeerConnection,
    leaderId: number,
  ): Promise<Outcome<PeerConnection>> {
    const { brokerId, image } = this.options
    const { clusterId } = image()
    const hello = await sayHello(connection, { clusterId, brokerId }, OPEN_WITHIN_MS)
    if (hello.ok && hello.value.brokerId === leaderId) return succeed(connection)
    connection.close()
    const problem = hello.ok ? `it is broker ${hello.value.brokerId}` : hello.failure.message
    return fail('NOT_LEADER', problem)
  }

  private registered(leaderId: number) {
    const broker = this.options.image().brokers.get(leaderId)
    return broker?.interBroker === undefined ? undefined : broker
  }

  private keyOf(leaderId: number, lane: string): string | undefined {
    const broker = this.registered(leaderId)
    return broker === undefined ? undefined : `${leaderId}@${broker.epoch} ${lane}`
  }
}

function unreachable(problem: string): { readonly ok: false; readonly failure: Failure } {
  return fail('NOT_LEADER', `the leader cannot be reached: ${problem}`)
}
