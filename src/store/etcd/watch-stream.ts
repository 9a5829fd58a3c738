// One stream of /v3/watch: a line of JSON for each message.
import { type ClientRequest, request } from 'node:http'
import type { EtcdEndpoint } from './address.js'
import { problemOf } from './http-exchange.js'
import { type JsonObject, objectIn, parseObject } from './json.js'

export interface WatchStreamOptions {
  readonly endpoint: EtcdEndpoint
  readonly body: JsonObject
  readonly message: (result: JsonObject) => void
  /** Called once; nothing is called afterwards. */
  readonly ended: (problem: string) => void
}

/** A line carries the values that changed. */
const MAX_LINE_CHARS = 64 << 20

export class WatchStream {
  private readonly outgoing: ClientRequest
  private line = ''
  private over = false

  constructor(private readonly options: WatchStreamOptions) {
    const { host, port } = options.endpoint
    const body = JSON.stringify(options.body)
    this.outgoing = request({
      method: 'POST',
      host,
      port,
      agent: false,
      path: '/v3/watch',
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        // A member that has lost its leader ends the stream instead of being silent.
        'grpc-metadata-hasleader': 'true',
      },
    })
    this.outgoing.on('socket', (socket) => socket.unref())
    this.outgoing.on('error', (error) => this.end(problemOf(error)))
    this.outgoing.on('close', () => this.end('the stream ended'))
    this.outgoing.on('response', (response) => {
      response.setEncoding('utf8')
      response.on('data', (text: string) => this.take(text))
      response.on('error', (error) => this.end(problemOf(error)))
      response.on('end', () => this.end('the stream ended'))
    })
    this.outgoing.end(body)
  }

  /** Ends it without a word. */
  close(): void {
    this.over = true
    this.outgoing.destroy()
  }

  private take(text: string): void {
    const lines = text.split('\n')
    lines[0] = this.line + lines[0]
    this.line = lines.pop() ?? ''
    for (const line of lines) {
      if (!this.over && line !== '') this.understand(line)
    }
    if (this.line.length > MAX_LINE_CHARS) this.end('a line of the stream is too long')
  }

  private understand(line: string): void {
    const result = objectIn(parseObject(line), 'result')
    if (result === undefined || result.canceled === true) this.end(line.slice(0, 200))
    else this.options.message(result)
  }

  private end(problem: string): void {
    if (this.over) return
    this.close()
    this.options.ended(problem)
  }
}
