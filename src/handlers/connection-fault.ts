/** A request that Kafka answers by closing the connection. The message names what was wrong. */
export class ConnectionFault extends Error {
  override readonly name = 'ConnectionFault'
}
