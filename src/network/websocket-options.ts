import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { HostPort, ListenerConfig } from '../config/types.js'
import type { ConnectionTable } from './connection-table.js'
import type { NetworkLimits } from './limits.js'
import type { NetworkObserver } from './observer.js'
import type { WebSocketHandlers } from './types.js'

export interface WebSocketListenerOptions {
  readonly listener: ListenerConfig
  /** A numeric address and the port that was found free. */
  readonly address: HostPort
  readonly brokerId: number
  readonly handlers: WebSocketHandlers
  /** Origins of web pages beyond loopback and the broker's own; see origin-policy.ts. */
  readonly allowedOrigins: readonly string[]
  readonly table: ConnectionTable
  readonly limits: NetworkLimits
  readonly clock: Clock
  readonly logger: Logger
  readonly observer: NetworkObserver
  /** Unique in the process. */
  nextConnectionId(): string
}
