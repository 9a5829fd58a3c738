// From a request frame to its answer, for every way in: header, authorisation, row, answer. One per
// thread; the same class serves the io workers' table and the control plane's.
import type { Clock } from '../base/clock.js'
import type { Logger } from '../base/logger.js'
import type { Answer, AnswerChunks, FrameHandler } from '../network/types.js'
import { codecFor } from '../protocol/codec.js'
import { decodeRequestHeader, encodeResponseFrame } from '../protocol/headers.js'
import { apiVersions as apiVersionsApi } from '../protocol/messages/api-versions.js'
import { FrameReader } from '../protocol/reader.js'
import {
  type AdvertisedApi,
  API_VERSIONS_KEY,
  advertise,
  unsupportedApiVersions,
} from './api-versions.js'
import { ConnectionFault } from './connection-fault.js'
import type { ClientContext, ClosedSignal, RequestHeader } from './context.js'
import type { HandlerRow, HandlerTable, Served } from './table.js'

/** Who asks, and how to learn that they have gone. */
export interface RequestOrigin {
  readonly client: ClientContext
  readonly closed: ClosedSignal
}

/** Told of every request that was answered; must be cheap. */
export interface RequestObserver {
  answered(apiName: string, latencyMs: number): void
  /** The handler threw. */
  failed(apiName: string): void
}

export interface DispatcherOptions<Services> {
  readonly table: HandlerTable<Services>
  readonly services: Services
  readonly clock: Clock
  readonly logger: Logger
  /** Where requests go whose row has no handler here; the frame is a copy and may be transferred. */
  forward?(frame: Uint8Array, client: ClientContext): Promise<readonly Uint8Array[]>
  readonly observer?: RequestObserver | undefined
  /** The one place that lets a request in or not; the default lets all in. */
  authorise?(client: ClientContext, row: HandlerRow<Services>): boolean
}

export class Dispatcher<Services> {
  private readonly rows: (HandlerRow<Services> | undefined)[] = []
  private readonly advertised: readonly AdvertisedApi[]

  constructor(private readonly options: DispatcherOptions<Services>) {
    for (const row of options.table) {
      if (this.rows[row.key] !== undefined) throw new Error(`two rows for ${row.name}`)
      this.rows[row.key] = row
    }
    this.advertised = advertise(options.table)
  }

  /** The handler of one connection's frames. */
  connection(client: ClientContext): FrameHandler {
    return new Connection(this, client)
  }

  /**
   * `chunks` is a frame without its length prefix, valid until this returns. Throws, or rejects with,
   * what closes the connection: a ConnectionFault, or a ProtocolError for a frame that lies.
   */
  dispatch(chunks: readonly Uint8Array[], origin: RequestOrigin): Answer {
    const reader = new FrameReader(chunks)
    const header = decodeRequestHeader(reader)
    const { apiKey, apiVersion } = header
    const row = this.rows[apiKey]
    if (row === undefined) throw new ConnectionFault(`API key ${apiKey} is not served`)
    const [first, last] = row.versions
    const isKnown = apiVersion >= first && apiVersion <= last
    if (!isKnown && apiKey !== API_VERSIONS_KEY) {
      throw new ConnectionFault(
        `${row.name} version ${apiVersion} is not between ${first} and ${last}`,
      )
    }
    if (!isKnown) return this.unsupportedVersion(header)
    if (!this.isAllowed(origin.client, row)) {
      throw new ConnectionFault(`${row.name} is not allowed`)
    }
    return this.observed(row, () => this.serve(row, reader, { header, origin, chunks }))
  }

  // A row that names no operation was forgotten by whoever wrote it: refused, not allowed.
  private isAllowed(client: ClientContext, row: HandlerRow<Services>): boolean {
    if (row.operation === undefined) return false
    return this.options.authorise?.(client, row) ?? true
  }

  private serve(row: HandlerRow<Services>, reader: FrameReader, request: Request): Served {
    const { header, origin, chunks } = request
    if (row.serve === undefined) return this.forward(row, chunks, origin.client)
    return row.serve(reader, {
      services: this.options.services,
      context: { header, client: origin.client, closed: origin.closed },
      failed: (error) => this.handlerFailed(row, origin.client, error),
    })
  }

  private forward(
    row: HandlerRow<Services>,
    chunks: readonly Uint8Array[],
    client: ClientContext,
  ): Promise<AnswerChunks> {
    const { forward } = this.options
    if (forward === undefined) throw new ConnectionFault(`${row.name} has no handler here`)
    return forward(joined(chunks), client)
  }

  private unsupportedVersion(header: RequestHeader): AnswerChunks {
    const answer = unsupportedApiVersions(this.advertised)
    return encodeResponseFrame(codecFor(apiVersionsApi, 0), header.correlationId, answer).chunks
  }

  private observed(row: HandlerRow<Services>, serve: () => Served): Answer {
    const { observer, clock } = this.options
    if (observer === undefined) return serve()
    const begunMs = clock.monotonicMs()
    const served = serve()
    const tell = () => observer.answered(row.name, clock.monotonicMs() - begunMs)
    if (served instanceof Promise) served.then(tell, () => {})
    else tell()
    return served
  }

  private handlerFailed(row: HandlerRow<Services>, client: ClientContext, error: unknown): void {
    this.options.observer?.failed(row.name)
    this.options.logger.error('a request failed unexpectedly', {
      api: row.name,
      connection: client.connectionId,
      remote: client.remoteAddress,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}

interface Request {
  readonly header: RequestHeader
  readonly origin: RequestOrigin
  readonly chunks: readonly Uint8Array[]
}

/** Tells what waits for a client that it has gone. */
class Connection<Services> implements FrameHandler, RequestOrigin, ClosedSignal {
  private readonly listeners = new Set<() => void>()
  private isClosed = false
  readonly closed: ClosedSignal = this

  constructor(
    private readonly dispatcher: Dispatcher<Services>,
    readonly client: ClientContext,
  ) {}

  onFrame(chunks: readonly Uint8Array[]): Answer {
    return this.dispatcher.dispatch(chunks, this)
  }

  onClose(): void {
    this.isClosed = true
    for (const listener of this.listeners) listener()
    this.listeners.clear()
  }

  add(listener: () => void): void {
    if (this.isClosed) listener()
    else this.listeners.add(listener)
  }

  remove(listener: () => void): void {
    this.listeners.delete(listener)
  }
}

/** For a request that no connection stands behind: one that was forwarded, or made inside. */
export const neverCloses: ClosedSignal = { add: () => {}, remove: () => {} }

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  let sizeBytes = 0
  for (const chunk of chunks) sizeBytes += chunk.length
  const frame = new Uint8Array(sizeBytes)
  let at = 0
  for (const chunk of chunks) {
    frame.set(chunk, at)
    at += chunk.length
  }
  return frame
}
