// Who is at the other end? The first question on a connection, and the whole of a probe.
import type { Clock } from '../base/clock.js'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { BrokerRecord } from '../metadata/records.js'
import { codecFor } from '../protocol/codec.js'
import { brokerHello } from '../protocol/inter-broker/broker-hello.js'
import { PeerConnection } from './peer-connection.js'
import type { PeerTransport } from './transport.js'

export interface HelloOptions {
  readonly clusterId: string
  /** Of who asks. */
  readonly brokerId: number
  readonly transport: PeerTransport
  readonly clock: Clock
  /** Of who asks: whoever finds itself where a broker registered has taken its address. */
  readonly incarnation: string
}

export interface PeerIdentity {
  readonly brokerId: number
  readonly incarnation: string
}

const WITHIN_MS = 2_000
const MAX_ANSWER_BYTES = 64 << 10

/** Fails when the other end is of another cluster, or does not want to speak. */
export async function sayHello(
  connection: PeerConnection,
  { clusterId, brokerId }: Pick<HelloOptions, 'clusterId' | 'brokerId'>,
  withinMs: number,
): Promise<Outcome<PeerIdentity>> {
  const codec = codecFor(brokerHello, 0)
  const answer = await connection.request(codec, { clusterId, brokerId }, withinMs)
  if (!answer.ok) return answer
  const { value } = answer
  if (value.errorCode !== 0) {
    return fail('INVALID_REQUEST', value.errorMessage ?? `error ${value.errorCode}`)
  }
  if (value.clusterId !== clusterId) {
    return fail('INVALID_REQUEST', `it belongs to the cluster ${value.clusterId}`)
  }
  return succeed({ brokerId: value.brokerId, incarnation: value.incarnation })
}

/**
 * 'dead': nobody listens where the broker registered, or somebody else does. Only a fresh attempt counts,
 * and silence says nothing.
 */
export async function probeProcess(
  { id, interBroker }: BrokerRecord,
  options: HelloOptions,
): Promise<'dead' | 'alive' | 'silent'> {
  if (interBroker === undefined) return 'silent'
  const connection = new PeerConnection({
    address: interBroker,
    transport: options.transport,
    clock: options.clock,
    clientId: `broker-${options.brokerId}`,
    openWithinMs: WITHIN_MS,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  })
  const answer = await sayHello(connection, options, WITHIN_MS)
  if (answer.ok) {
    connection.close()
    const { brokerId, incarnation } = answer.value
    return brokerId === id && incarnation !== options.incarnation ? 'alive' : 'dead'
  }
  if (!connection.hasEnded) {
    connection.close()
    return 'dead'
  }
  const { reason } = await connection.ended
  return reason === 'refused' || reason === 'reset' ? 'dead' : 'silent'
}
