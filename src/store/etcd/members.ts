// The members of the cluster: which one is asked, and what an answer of it means.
import { Agent } from 'node:http'
import type { Clock } from '../../base/clock.js'
import { type EtcdEndpoint, nameOf } from './address.js'
import { exchange } from './http-exchange.js'
import { int64In, type JsonObject, objectIn, parseObject, textIn } from './json.js'

export type Answer =
  | {
      readonly type: 'answer'
      readonly body: JsonObject
      /** On the monotonic clock, before the first byte was sent. */
      readonly sentAtMs: number
    }
  /** etcd says no; `code` is one of gRPC's. */
  | { readonly type: 'error'; readonly code: number; readonly problem: string }
  | { readonly type: 'lost'; readonly problem: string }
  | { readonly type: 'unsent'; readonly problem: string }

export interface Question {
  readonly path: string
  readonly body: JsonObject | string
  readonly timeoutMs: number
  /** As long as `timeoutMs`, if not said otherwise. */
  readonly connectTimeoutMs?: number
}

const MAX_SOCKETS = 32

export class Members {
  private readonly agents = new Map<EtcdEndpoint, Agent>()
  private at: number
  closed = false

  constructor(
    private readonly endpoints: readonly EtcdEndpoint[],
    private readonly clock: Clock,
    first: number,
  ) {
    this.at = first
    for (const endpoint of endpoints) {
      this.agents.set(endpoint, new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS }))
    }
  }

  get count(): number {
    return this.endpoints.length
  }

  /** The one that is asked until it fails. */
  current(): EtcdEndpoint {
    return this.endpoints[this.at % this.count] ?? { host: '', port: 0 }
  }

  async ask(endpoint: EtcdEndpoint, question: Question): Promise<Answer> {
    const agent = this.agents.get(endpoint)
    if (this.closed || agent === undefined)
      return { type: 'unsent', problem: 'the store is closed' }
    const { path, body, timeoutMs, connectTimeoutMs = timeoutMs } = question
    const sentAtMs = this.clock.monotonicMs()
    const result = await exchange({
      endpoint,
      agent,
      clock: this.clock,
      path,
      body: typeof body === 'string' ? body : JSON.stringify(body),
      connectTimeoutMs,
      timeoutMs,
    })
    const answer = result.type === 'answered' ? understand(result.text, sentAtMs) : result
    if (answer.type === 'answer') return answer
    if (answer.type !== 'error' || isUnavailable(answer)) this.avoid(endpoint)
    return { ...answer, problem: `etcd at ${nameOf(endpoint)}: ${answer.problem}` }
  }

  close(): void {
    this.closed = true
    for (const agent of this.agents.values()) agent.destroy()
  }

  /** The next request goes to the next member, over a new connection should this one's turn come again. */
  avoid(endpoint: EtcdEndpoint): void {
    if (this.current() === endpoint) this.at = (this.at + 1) % this.count
    const idle = Object.values(this.agents.get(endpoint)?.freeSockets ?? {})
    for (const socket of idle.flatMap((sockets) => sockets ?? [])) socket.destroy()
  }
}

/** Of a read: worth asking another member, or the same one again. */
export function isUnavailable(answer: Answer): boolean {
  return answer.type === 'error' && !isFinal(answer.code)
}

// gRPC's INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION, OUT_OF_RANGE,
// UNIMPLEMENTED, UNAUTHENTICATED: every member would say the same.
function isFinal(code: number): boolean {
  return [3, 5, 7, 9, 11, 12, 16].includes(code)
}

function understand(text: string, sentAtMs: number): Answer {
  const parsed = parseObject(text)
  // A stream of one message wraps it.
  const body = objectIn(parsed, 'result') ?? parsed
  if (objectIn(body, 'header') !== undefined && body !== undefined) {
    return { type: 'answer', body, sentAtMs }
  }
  const error = objectIn(parsed, 'error') ?? parsed
  const code = Number(int64In(error, 'code') || int64In(error, 'grpc_code'))
  if (code === 0) return { type: 'lost', problem: `no answer of etcd's: ${text.slice(0, 100)}` }
  return { type: 'error', code, problem: textIn(error, 'message') }
}
