// The handler table: one row per API says where it runs, what it does to whom, and who answers it.
// A row hides the types of its request and response, so that the dispatcher treats all alike.
import type { AnswerChunks } from '../network/types.js'
import { codecFor } from '../protocol/codec.js'
import { encodeResponseFrame } from '../protocol/headers.js'
import type { FrameReader } from '../protocol/reader.js'
import type { Api, Draft, Fields, Infer } from '../protocol/schema.js'
import { ConnectionFault } from './connection-fault.js'
import type { RequestContext } from './context.js'
import { kafkaError } from './error-mapping.js'

/**
 * What a client must be allowed to do before the row is even decoded. 'none' is for what comes before
 * authentication; what a request does to single topics is asked again by its handler.
 */
export type Operation =
  | 'none'
  | 'cluster:describe'
  | 'cluster:alter'
  | 'cluster:create'
  | 'cluster:idempotent-write'
  | 'topic:describe'
  | 'topic:read'
  | 'topic:write'
  | 'topic:create'
  | 'topic:alter'
  | 'topic:delete'
  | 'topic:describe-configs'
  | 'topic:alter-configs'
  | 'group:read'
  | 'group:describe'
  | 'transaction:write'

/** Never throws for what a client sent: that is in the answer. */
export type Served = AnswerChunks | null | Promise<AnswerChunks | null>

export interface HandlerRow<Services> {
  /** Kafka's number of the API. */
  readonly key: number
  readonly name: string
  readonly versions: readonly [first: number, last: number]
  readonly operation: Operation
  /** undefined: the request is passed on to the control plane. */
  readonly serve: ((reader: FrameReader, call: Call<Services>) => Served) | undefined
}

export type HandlerTable<Services> = readonly HandlerRow<Services>[]

export interface Call<Services> {
  readonly services: Services
  readonly context: RequestContext
  /** An unexpected error of the handler, before it is turned into an answer. */
  failed(error: unknown): void
}

export interface Handler<Services, Q extends Fields, S extends Fields> {
  readonly operation: Operation
  /**
   * Records in the request are views of the frame and die when this returns, or gives its promise.
   * null: this request has no answer.
   */
  handle(
    request: Infer<Q>,
    services: Services,
    context: RequestContext,
  ): Draft<S> | null | Promise<Draft<S> | null>
  /** The answer that carries an unexpected error; undefined where none can: the connection closes. */
  failed?(errorCode: number, request: Infer<Q>): Draft<S>
}

export function row<Services, Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  handler: Handler<Services, Q, S>,
): HandlerRow<Services> {
  return {
    key: api.key,
    name: api.name,
    versions: [
      api.versions[0],
      Math.min(api.versions[1], (api.unstable ?? Number.POSITIVE_INFINITY) - 1),
    ],
    operation: handler.operation,
    serve: (reader, call) => serve(api, handler, reader, call),
  }
}

/** The row of an API that the control plane answers, as an io worker's table holds it. */
export function forwarded<Services>(
  row: Pick<HandlerRow<never>, 'key' | 'name' | 'versions' | 'operation'>,
): HandlerRow<Services> {
  const { key, name, versions, operation } = row
  return { key, name, versions, operation, serve: undefined }
}

function serve<Services, Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  handler: Handler<Services, Q, S>,
  reader: FrameReader,
  call: Call<Services>,
): Served {
  const { header } = call.context
  const codec = codecFor(api, header.apiVersion)
  const request = codec.decodeRequest(reader)
  const encode = (response: Draft<S> | null): AnswerChunks | null => {
    if (response === null) return null
    return encodeResponseFrame(codec, header.correlationId, response).chunks
  }
  const fail = (error: unknown): AnswerChunks | null => {
    if (error instanceof ConnectionFault) throw error
    call.failed(error)
    if (handler.failed === undefined) throw new ConnectionFault(`${api.name} failed unexpectedly`)
    return encode(handler.failed(kafkaError.UNKNOWN_SERVER_ERROR, request))
  }
  try {
    const response = handler.handle(request, call.services, call.context)
    return response instanceof Promise ? response.then(encode).catch(fail) : encode(response)
  } catch (error) {
    return fail(error)
  }
}
