// One request and its answer, and the one thing HTTP libraries keep to themselves: whether anything of
// the request can have reached the other side.
import { type Agent, type IncomingMessage, request } from 'node:http'
import type { Clock } from '../../base/clock.js'
import type { EtcdEndpoint } from './address.js'

export interface ExchangeOptions {
  readonly endpoint: EtcdEndpoint
  readonly agent: Agent
  readonly clock: Clock
  readonly path: string
  readonly body: string
  /** How long a new connection may take. */
  readonly connectTimeoutMs: number
  /** How long everything may take. */
  readonly timeoutMs: number
}

export type Exchange =
  | { readonly type: 'answered'; readonly text: string }
  /** Sent, perhaps only in part, and not answered. */
  | { readonly type: 'lost'; readonly problem: string }
  /** Not a byte was sent. */
  | { readonly type: 'unsent'; readonly problem: string }

const MAX_ANSWER_BYTES = 256 << 20

export function exchange(options: ExchangeOptions): Promise<Exchange> {
  return new Promise((resolve) => {
    let sent = false
    const { clock, body } = options
    const outgoing = request(requestOptions(options))
    const stop = (problem: string) => outgoing.destroy(new Error(problem))
    const connecting = clock.after(options.connectTimeoutMs, () => {
      if (!sent) stop('no connection in time')
    })
    const waiting = clock.after(options.timeoutMs, () => stop('no answer in time'))
    const settle = (result: Exchange) => {
      connecting.cancel()
      waiting.cancel()
      resolve(result)
    }
    outgoing.on('socket', (socket) => {
      if (!socket.connecting) sent = true
      else socket.once('connect', () => (sent = true))
    })
    outgoing.on('error', (error) => {
      settle({ type: sent ? 'lost' : 'unsent', problem: problemOf(error) })
    })
    outgoing.on('response', (response) => {
      collect(response, stop, (text) => settle({ type: 'answered', text }))
      response.on('error', (error) => settle({ type: 'lost', problem: problemOf(error) }))
    })
    outgoing.on('close', () => settle({ type: sent ? 'lost' : 'unsent', problem: 'no answer' }))
    outgoing.end(body)
  })
}

export function problemOf(error: NodeJS.ErrnoException): string {
  return error.message === '' ? (error.code ?? 'no connection') : error.message
}

function collect(
  response: IncomingMessage,
  stop: (problem: string) => void,
  done: (text: string) => void,
): void {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  response.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    if (sizeBytes > MAX_ANSWER_BYTES) stop(`the answer has more than ${MAX_ANSWER_BYTES} bytes`)
    else chunks.push(chunk)
  })
  response.on('end', () => {
    if (response.complete) done(Buffer.concat(chunks).toString())
  })
}

function requestOptions({ endpoint, agent, path, body }: ExchangeOptions) {
  return {
    method: 'POST',
    host: endpoint.host,
    port: endpoint.port,
    agent,
    path,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  }
}
