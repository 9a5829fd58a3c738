// The way to the broker that is the controller: requests that only it decides are passed on to it.
import type { Clock } from '../base/clock.js'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ClientContext } from '../handlers/context.js'
import type { BrokerRecord } from '../metadata/records.js'
import { PeerConnection } from '../peer/peer-connection.js'
import type { PeerTransport } from '../peer/transport.js'
import { codecFor } from '../protocol/codec.js'
import { forward } from '../protocol/inter-broker/forward.js'

export interface ControllerLinkOptions {
  readonly brokerId: number
  /** undefined: nobody is the controller now. */
  controller(): BrokerRecord | undefined
  readonly transport: PeerTransport
  readonly clock: Clock
}

const OPEN_WITHIN_MS = 2_000
const ANSWER_WITHIN_MS = 30_000
const FRAME_MAX_BYTES = 128 << 20

export class ControllerLink {
  private connection: PeerConnection | undefined
  private connectedTo = ''

  constructor(private readonly options: ControllerLinkOptions) {}

  /** Fails when nobody answered: the request may have been carried out all the same. */
  async forward(frame: Uint8Array, client: ClientContext): Promise<Outcome<readonly Uint8Array[]>> {
    const connection = this.connected()
    if (connection === undefined) {
      return fail('NOT_CONTROLLER', 'No broker is the controller at the moment.')
    }
    const draft = { frame, client: JSON.stringify(client) }
    const answer = await connection.request(codecFor(forward, 0), draft, ANSWER_WITHIN_MS)
    if (!answer.ok) return answer
    if (answer.value.errorCode !== 0) {
      return fail('NOT_CONTROLLER', `the controller answers ${answer.value.errorCode}`)
    }
    return succeed([answer.value.frame.slice()])
  }

  close(): void {
    this.connection?.close()
  }

  private connected(): PeerConnection | undefined {
    const { controller, transport, clock, brokerId } = this.options
    const broker = controller()
    if (broker?.interBroker === undefined || broker.id === brokerId) return undefined
    const name = `${broker.id}@${broker.epoch}`
    if (this.connection?.hasEnded === false && this.connectedTo === name) return this.connection
    this.connection?.close()
    this.connectedTo = name
    this.connection = new PeerConnection({
      address: broker.interBroker,
      transport,
      clock,
      clientId: `broker-${brokerId}`,
      openWithinMs: OPEN_WITHIN_MS,
      maxAnswerBytes: FRAME_MAX_BYTES,
    })
    return this.connection
  }
}
