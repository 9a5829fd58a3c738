// HTTP on the WebSocket port: small answers to GET and HEAD. A request's body is never read.
import type { Logger } from '../base/logger.js'
import type { HttpHandler, HttpResponse } from './types.js'

/** What this file uses of uWebSockets' request; dead once serve() has returned. */
interface RawRequest {
  getCaseSensitiveMethod(): string
  getUrl(): string
  getQuery(): string
  getHeader(lowerCaseName: string): string
}

interface RawResponse {
  onAborted(handler: () => void): unknown
  cork(send: () => void): unknown
  writeStatus(status: string): unknown
  writeHeader(name: string, value: string): unknown
  end(body: string, closeConnection: boolean): unknown
  endWithoutBody(reportedContentLength?: number, closeConnection?: boolean): unknown
}

const STATUS_TEXT: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

export class HttpExchange {
  constructor(
    private readonly handler: HttpHandler,
    private readonly logger: Logger,
  ) {}

  serve(response: RawResponse, request: RawRequest): void {
    const method = request.getCaseSensitiveMethod()
    if (method !== 'GET' && method !== 'HEAD') {
      send(response, method, plain(405, `${method} is not served here`))
      return
    }
    const path = request.getUrl()
    const answer = this.ask(method, path, request)
    if (!(answer instanceof Promise)) {
      send(response, method, answer)
      return
    }
    let aborted = false
    response.onAborted(() => {
      aborted = true
    })
    answer
      .catch((error: unknown) => this.failed(path, error))
      .then((ready) => {
        if (!aborted) response.cork(() => send(response, method, ready))
      })
  }

  private ask(
    method: string,
    path: string,
    request: RawRequest,
  ): Promise<HttpResponse> | HttpResponse {
    try {
      const answer = this.handler({
        method,
        path,
        query: request.getQuery() ?? '',
        header: (name) => request.getHeader(name),
      })
      return answer ?? plain(404, `there is nothing at ${path}`)
    } catch (error) {
      return this.failed(path, error)
    }
  }

  private failed(path: string, error: unknown): HttpResponse {
    const reason = error instanceof Error ? error.message : String(error)
    this.logger.error('an HTTP request failed', { path, reason })
    return plain(500, 'the broker could not answer')
  }
}

function plain(status: number, text: string): HttpResponse {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` }
}

function send(response: RawResponse, method: string, answer: HttpResponse): void {
  response.writeStatus(`${answer.status} ${STATUS_TEXT[answer.status] ?? 'Status'}`)
  response.writeHeader('content-type', answer.contentType)
  response.writeHeader('cache-control', 'no-store')
  if (method === 'HEAD') response.endWithoutBody(Buffer.byteLength(answer.body))
  else response.end(answer.body, answer.status === 405)
}
