// Whether the other side is alive: any frame counts, a ping asks, silence ends it.
import {
  HEARTBEAT_MS,
  HELLO_TIMEOUT_MS,
  MISSED_HEARTBEATS,
} from '../../protocol/millrace/limits.js'

export type Verdict = 'alive' | 'ask' | 'silent' | 'never-greeted'

export class Heartbeat {
  private hasAsked = false

  constructor(private lastHeardMs: number) {}

  heard(nowMs: number): void {
    this.lastHeardMs = nowMs
    this.hasAsked = false
  }

  judge(nowMs: number, isGreeted: boolean): Verdict {
    const silentMs = nowMs - this.lastHeardMs
    if (!isGreeted) return silentMs >= HELLO_TIMEOUT_MS ? 'never-greeted' : 'alive'
    if (silentMs >= HEARTBEAT_MS * MISSED_HEARTBEATS) return 'silent'
    if (silentMs < HEARTBEAT_MS || this.hasAsked) return 'alive'
    this.hasAsked = true
    return 'ask'
  }
}
