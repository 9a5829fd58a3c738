// Until when a session certainly lives, on the holder's own monotonic clock.
//
// The leader of the ensemble ends a session when it has not been told of it for the granted time, which
// it rounds up. A server that is no leader answers pings by itself and tells the leader only in its own
// answer to the leader's next ping, at most half a tick later; cut off from the leader it goes on
// answering. So an answered ping proves nothing. Here a heartbeat is a request that a quorum has to agree
// to, and it counts, from before it was sent, once a later heartbeat was answered: sent so much later that
// the leader has pinged in between. The granted time is two ticks at least (minSessionTimeout), so half a
// tick is a quarter of it at most. A connect request reaches the leader at once and counts with the first
// heartbeat behind it.

/** Of the granted time: after this a server has passed on what it had answered. */
const PASSED_ON_AFTER = 0.3
/** What is left to clocks that do not run equally fast. */
const DRIFT = 0.01

interface Touch {
  readonly sentMs: number
  readonly passedOnMs: number
}

export class Lease {
  private validMs = Number.NEGATIVE_INFINITY
  private grantedMs = 0
  private touches: Touch[] = []
  private ended = false

  /** The session was opened or resumed by a request that was sent at `sentMs`. */
  connected(sentMs: number, grantedMs: number): void {
    this.grantedMs = grantedMs
    this.touches = [{ sentMs, passedOnMs: Number.NEGATIVE_INFINITY }]
  }

  answered(sentMs: number, answeredMs: number): void {
    this.touches.push({ sentMs, passedOnMs: answeredMs + this.grantedMs * PASSED_ON_AFTER })
    const proven = this.touches.filter((touch) => touch.passedOnMs <= sentMs)
    this.touches = this.touches.filter((touch) => touch.passedOnMs > sentMs)
    for (const touch of proven) {
      this.validMs = Math.max(this.validMs, touch.sentMs + this.grantedMs * (1 - DRIFT))
    }
  }

  /** For good. */
  end(): void {
    this.ended = true
  }

  validUntilMs(): number {
    return this.ended ? Number.NEGATIVE_INFINITY : this.validMs
  }
}
