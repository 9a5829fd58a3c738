// How often a request may be tried: a read on every member until its deadline, a write until the first
// byte of it was sent.
import type { Clock } from '../../base/clock.js'
import { type Failure, fail, type Outcome, succeed } from '../../base/errors.js'
import type { Random } from '../../base/random.js'
import type { History } from './history.js'
import type { JsonObject } from './json.js'
import { type Answer, isUnavailable, type Members } from './members.js'

export interface RequestsOptions {
  readonly members: Members
  readonly history: History
  readonly clock: Clock
  readonly random: Random
  readonly timeoutMs: number
}

export interface Answered {
  readonly body: JsonObject
  readonly sentAtMs: number
}

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 500
/** One may be a member that answers from the past; so many in a row are the store. */
const ANSWERS_FROM_THE_PAST = 3

export class Requests {
  constructor(private readonly options: RequestsOptions) {}

  /** Linearizable, and nothing is changed by it. */
  async read(path: string, body: JsonObject): Promise<Outcome<Answered>> {
    const { history } = this.options
    let fromThePast = 0
    let seenBefore = 0n
    const outcome = await this.repeat({
      path,
      body,
      sending: () => {
        seenBefore = history.revision
      },
      accepts: (answer) => {
        if (history.continues(answer.body, seenBefore)) return true
        return ++fromThePast === ANSWERS_FROM_THE_PAST
      },
    })
    if (fromThePast === ANSWERS_FROM_THE_PAST) return { ok: false, failure: history.end() }
    return outcome
  }

  /** Something that does no harm when it is done twice; its answer says nothing of the history. */
  repeatable(path: string, body: JsonObject): Promise<Outcome<Answered>> {
    return this.repeat({ path, body, sending: () => {}, accepts: () => true })
  }

  /** Sent at most once. */
  async write(path: string, body: string): Promise<Answer> {
    const { members, clock, timeoutMs } = this.options
    const deadlineMs = clock.monotonicMs() + timeoutMs
    for (let tries = 0; ; tries++) {
      const leftMs = deadlineMs - clock.monotonicMs()
      const connectTimeoutMs = this.shareMs(leftMs, tries)
      const answer = await members.ask(members.current(), {
        path,
        body,
        timeoutMs: leftMs,
        connectTimeoutMs,
      })
      if (answer.type !== 'unsent' || !(await this.again(tries, deadlineMs))) return answer
    }
  }

  private async repeat(request: {
    readonly path: string
    readonly body: JsonObject
    readonly sending: () => void
    readonly accepts: (answer: Answered) => boolean
  }): Promise<Outcome<Answered>> {
    const { members, clock, timeoutMs } = this.options
    const deadlineMs = clock.monotonicMs() + timeoutMs
    for (let tries = 0; ; tries++) {
      const endpoint = members.current()
      request.sending()
      const answer = await members.ask(endpoint, {
        path: request.path,
        body: request.body,
        timeoutMs: this.shareMs(deadlineMs - clock.monotonicMs(), tries),
      })
      if (answer.type === 'answer' && request.accepts(answer)) return succeed(answer)
      if (answer.type === 'answer') members.avoid(endpoint)
      if (answer.type === 'error' && !isUnavailable(answer)) return failed(answer)
      if (!(await this.again(tries, deadlineMs))) return failed(answer)
    }
  }

  /** Of the time that is left: enough for the members that have not been tried in this round. */
  private shareMs(leftMs: number, tries: number): number {
    const { count } = this.options.members
    return Math.max(1, leftMs / (count - (tries % count)))
  }

  private async again(tries: number, deadlineMs: number): Promise<boolean> {
    const { members, clock, random } = this.options
    const round = Math.floor((tries + 1) / members.count)
    if ((tries + 1) % members.count === 0) {
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(round, 10))
      const leftMs = deadlineMs - clock.monotonicMs()
      const delayMs = Math.min(leftMs, pauseMs * (0.5 + random.next() / 2))
      if (delayMs > 0) await new Promise<void>((done) => clock.after(delayMs, done))
    }
    return !members.closed && clock.monotonicMs() < deadlineMs
  }
}

export function failureOf(answer: Answer): Failure {
  if (answer.type === 'error') return fail('UNEXPECTED', answer.problem).failure
  const problem = answer.type === 'answer' ? 'etcd answers from the past' : answer.problem
  return fail('TIMED_OUT', problem).failure
}

function failed(answer: Answer): Outcome<never> {
  return { ok: false, failure: failureOf(answer) }
}
