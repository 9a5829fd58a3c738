// Every limit of a connection, with its unit, in one place.

export interface NetworkLimits {
  /** A request frame, without its length prefix. */
  readonly maxRequestBytes: number
  /** The same for the first frame of a connection, which nobody vouches for yet. */
  readonly maxFirstRequestBytes: number
  /** One WebSocket message of millrace.v1. */
  readonly maxMessageBytes: number
  /** Requests of one connection that wait for their answer; above it the socket is not read. */
  readonly maxRequestsInFlight: number
  /** Answer bytes that the peer has not taken yet; above it the socket is not read. */
  readonly maxUnsentBytes: number
  /**
   * A WebSocket cannot be paused: its connection is closed when its unanswered requests and answers
   * not taken exceed this.
   */
  readonly maxUnansweredBytes: number
  /** Until the first whole frame has arrived. */
  readonly firstRequestDeadlineMs: number
  /** For any later frame, from its first byte, on top of what its size needs at minBytesPerSecond. */
  readonly requestDeadlineMs: number
  readonly minBytesPerSecond: number
  /** Nothing under way in either direction, or answers that the peer does not take. */
  readonly idleDeadlineMs: number
  /** All listeners of the process together. */
  readonly maxConnections: number
  /** From one address; loopback is exempt, since it is this machine's own. */
  readonly maxConnectionsPerAddress: number
}

const KIB = 1024
const MIB = 1024 * KIB

export function networkLimits(maxRequestBytes: number, maxConnections: number): NetworkLimits {
  return {
    maxRequestBytes,
    maxFirstRequestBytes: Math.min(maxRequestBytes, 4 * MIB),
    maxMessageBytes: Math.min(maxRequestBytes, 32 * MIB),
    maxRequestsInFlight: 1024,
    maxUnsentBytes: 4 * MIB,
    maxUnansweredBytes: maxRequestBytes + 64 * MIB,
    firstRequestDeadlineMs: 30_000,
    requestDeadlineMs: 60_000,
    minBytesPerSecond: 64 * KIB,
    idleDeadlineMs: 600_000,
    maxConnections,
    maxConnectionsPerAddress: Math.max(1, Math.floor(maxConnections / 2)),
  }
}
