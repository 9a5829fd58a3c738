// All millrace.v1 sessions of one io worker: makes them, beats their heart, tells them of the end.
import type { Timer } from '../../base/clock.js'
import type { ConnectionInfo, MessageHandler, MessageSocket } from '../../network/types.js'
import { toBase64Url } from '../../protocol/millrace/base64.js'
import { closeCodes } from '../../protocol/millrace/close-codes.js'
import type { MillraceServices } from './services.js'
import { Session } from './session.js'

const BEAT_MS = 1000
const SESSION_ID_BYTES = 12
/** Clients come back spread over this time. */
const RECONNECT_JITTER_MS = 2000

export class MillraceSessions {
  private readonly sessions = new Set<Session>()
  private readonly heart: Timer

  constructor(private readonly services: MillraceServices) {
    this.heart = services.clock.every(BEAT_MS, () => this.beat())
  }

  get count(): number {
    return this.sessions.size
  }

  /** A MessageHandlerFactory. */
  readonly open = (_connection: ConnectionInfo, socket: MessageSocket): MessageHandler => {
    const { services } = this
    const session = new Session({
      id: toBase64Url(services.random.bytes(SESSION_ID_BYTES)),
      socket,
      services,
      closed: (over) => this.sessions.delete(over),
    })
    this.sessions.add(session)
    return session
  }

  /** Tells every client that the broker stops, and when to come back. */
  announceDrain(): void {
    for (const session of this.sessions) {
      session.announceDrain(Math.round(this.services.random.next() * RECONNECT_JITTER_MS))
    }
  }

  /** Closes every socket with the code that means: come back. */
  close(): void {
    this.heart.cancel()
    for (const session of [...this.sessions]) session.close(closeCodes.stopping, 'broker stops')
  }

  private beat(): void {
    const nowMs = this.services.clock.monotonicMs()
    for (const session of this.sessions) session.beat(nowMs)
  }
}
