// Virtual time: runs what is to happen in order, on one thread.
//
// Between two events that ran code under test lies one turn of the real event loop (setImmediate). By
// then every promise continuation has run, however long its chain, so the next event finds the code at
// rest. This replays from a seed as long as the code awaits nothing real: no file, socket, worker or
// timer but those of the simulation. Events of the world itself (a frame on the wire, an expiry in the
// store) resolve no promise of the code under test and need no turn.
import { EventQueue, ScheduledEvent } from './event-queue.js'
import type { SeededRandom } from './seeded-random.js'
import type { Trace } from './trace.js'

/** 'idle': nothing is left that could happen. */
export type RunEnd = 'time' | 'stopped' | 'idle'

export interface RunOptions {
  /** What is due later stays; time then stands there. */
  readonly untilMs?: number
  /** Asked before each event. */
  readonly stop?: () => boolean
  /** After each event that ran code under test, its continuations included: for invariants. */
  readonly afterStep?: () => void
  /** Waits for events from outside instead of ending as idle: `stop` has to end it. */
  readonly waits?: boolean
}

// Lets signals and the test runner in while the world alone is busy.
const MOST_EVENTS_A_TURN = 1000

export class Scheduler {
  /** Since the beginning of the simulation. Never on a host's clock: those drift. */
  nowMs = 0
  eventsRun = 0
  private readonly queue = new EventQueue()
  private sequence = 0
  private isTurnDue = false
  private isRunning = false

  constructor(
    private readonly random: SeededRandom,
    readonly trace: Trace,
  ) {}

  /** `what` goes into the trace. */
  after(delayMs: number, what: string, action: () => void): ScheduledEvent {
    if (!(delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY)) {
      throw new Error(`"${what}" cannot happen ${delayMs} ms from now`)
    }
    const atMs = this.nowMs + delayMs
    const event = new ScheduledEvent(atMs, this.random.word(), ++this.sequence, what, action)
    this.queue.push(event)
    return event
  }

  cancel(event: ScheduledEvent | undefined): void {
    if (event !== undefined) this.queue.cancel(event)
  }

  get pendingEvents(): number {
    return this.queue.size
  }

  /** Said by whoever calls code under test: its continuations run before the next event. */
  entered(who: string, what: string): void {
    this.isTurnDue = true
    this.trace.add(this.nowMs, who, what)
  }

  /** Runs events until one of the options ends it. What an event throws, ends it, too. */
  run(options: RunOptions = {}): Promise<RunEnd> {
    if (this.isRunning) throw new Error('the simulation runs already')
    this.isRunning = true
    return new Promise((resolve, reject) => {
      const turn = (isFirst: boolean) => {
        try {
          if (!isFirst) options.afterStep?.()
          const end = this.runToNextTurn(options)
          if (end === undefined) {
            setImmediate(turn, false)
            return
          }
          this.isRunning = false
          resolve(end)
        } catch (error) {
          this.isRunning = false
          reject(error)
        }
      }
      setImmediate(turn, true)
    })
  }

  runFor(durationMs: number, options: RunOptions = {}): Promise<RunEnd> {
    return this.run({ ...options, untilMs: this.nowMs + durationMs })
  }

  /** Runs until the promise is settled. Fails when nothing is left that could settle it. */
  async runUntil<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = () => {
      isSettled = true
    }
    promise.then(settled, settled)
    const end = await this.run({ stop: () => isSettled })
    if (end !== 'stopped' && !isSettled) {
      throw new Error(`at ${this.nowMs} ms nothing is left that could settle what is awaited`)
    }
    return promise
  }

  private runToNextTurn(options: RunOptions): RunEnd | undefined {
    const untilMs = options.untilMs ?? Number.POSITIVE_INFINITY
    this.isTurnDue = false
    for (let events = 0; events < MOST_EVENTS_A_TURN && !this.isTurnDue; events++) {
      if (options.stop?.()) return 'stopped'
      const event = this.queue.peek()
      if (event === undefined && options.waits === true) return undefined
      if (event === undefined || event.atMs > untilMs) {
        if (untilMs !== Number.POSITIVE_INFINITY) this.nowMs = untilMs
        return event === undefined ? 'idle' : 'time'
      }
      this.queue.removeFirst()
      this.nowMs = event.atMs
      this.eventsRun++
      const { action } = event
      event.action = undefined
      this.trace.add(event.atMs, 'world', event.what)
      action?.()
    }
    return undefined
  }
}
