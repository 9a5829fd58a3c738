// Keeps a session alive over one connection, and drops the connection when its server is silent.
import type { Clock } from '../../base/clock.js'
import type { Connection } from './connection.js'
import type { Lease } from './lease.js'
import { ANY_VERSION, multi } from './multi.js'

export interface HeartbeatOptions {
  readonly connection: Connection
  readonly timeoutMs: number
  readonly clock: Clock
  readonly lease: Lease
  readonly leasedNode: string | undefined
}

// Of the session's time. Silence is noticed while the lease still lasts, with time to go elsewhere.
const BEAT_EVERY = 1 / 6
const SILENT_AFTER = 1 / 2

/** Returns how to stop. */
export function startHeartbeat(options: HeartbeatOptions): () => void {
  const { connection, timeoutMs, clock } = options
  const everyMs = timeoutMs * BEAT_EVERY
  let beatMs = clock.monotonicMs()
  let listeningMs = beatMs
  const beat = () => {
    const now = clock.monotonicMs()
    // After a stall of this process, what the server sent meanwhile has not been read yet.
    if (now - beatMs > 2 * everyMs) listeningMs = now
    beatMs = now
    if (now - Math.max(connection.heardMs, listeningMs) >= timeoutMs * SILENT_AFTER) {
      connection.drop('was silent for too long')
    } else if (options.leasedNode === undefined) {
      connection.ping()
    } else {
      void renew(options, options.leasedNode)
    }
  }
  beat()
  const timer = clock.every(everyMs, beat)
  return () => timer.cancel()
}

async function renew(options: HeartbeatOptions, leasedNode: string): Promise<void> {
  const { connection, clock, lease, timeoutMs } = options
  const sentMs = clock.monotonicMs()
  const check = multi([{ type: 'check', path: leasedNode, version: ANY_VERSION }])
  const reply = await connection.request(check, timeoutMs)
  if (reply.status === 'answered' && reply.value.applied) {
    lease.answered(sentMs, clock.monotonicMs())
  }
}
