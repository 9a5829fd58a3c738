// shell: the one place that reads time and sets timers. Everything that decides takes a Clock.

/** A timer that was set; cancel() after it fired does nothing. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. For record timestamps and retention only. */
  wallMs(): number
  /**
   * Milliseconds with a fraction, never going back, the same on all threads of a process. For sessions,
   * deadlines and latencies. Stands still while the machine is suspended.
   */
  monotonicMs(): number
  /** Calls `callback` once, `delayMs` from now. Does not keep the process alive, if not said otherwise. */
  after(delayMs: number, callback: () => void): Timer
  /** Calls `callback` every `periodMs`. Does not keep the process alive. */
  every(periodMs: number, callback: () => void): Timer
}

// performance.now() counts from the start of its thread. A browser has one thread, and no process.
const THREAD_STARTED_MS =
  Number(globalThis.process?.hrtime?.bigint() ?? 0n) / 1e6 - performance.now()

export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => THREAD_STARTED_MS + performance.now(),
  after(delayMs, callback) {
    const timer = unreferenced(setTimeout(callback, delayMs))
    return { cancel: () => clearTimeout(timer) }
  },
  every(periodMs, callback) {
    const timer = unreferenced(setInterval(callback, periodMs))
    return { cancel: () => clearInterval(timer) }
  },
}

/** Its after() keeps the process alive: for a client, whose program waits for nothing else meanwhile. */
export const foregroundClock: Clock = {
  ...systemClock,
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

// A browser's timer is a number and has no unref.
function unreferenced<T>(timer: T): T {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) {
    ;(timer.unref as () => void).call(timer)
  }
  return timer
}
