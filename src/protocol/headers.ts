// What stands before every request and response, and whole frames of both.
//
// request header   v1 api key, api version, correlation id, client id; v2 adds tagged fields. A flexible
//                  version of an API has v2. The client id is never compact. (v0 went with Kafka 4.)
// response header  v0 correlation id; v1 adds tagged fields. ApiVersions is answered with v0 always: a
//                  client that does not know the version it asked for yet must be able to read it.
import type { Codec } from './codec-types.js'
import { apiByKey } from './messages/api-table.js'
import { ProtocolError } from './protocol-error.js'
import type { FrameReader } from './reader.js'
import type { Api, Draft, Fields } from './schema.js'
import { type EncodedFrame, FrameWriter } from './writer.js'

export interface RequestHeader {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
}

const API_VERSIONS = 18

/** 1 or 2. */
export function requestHeaderVersion(api: Api, version: number): number {
  return version >= api.flexible ? 2 : 1
}

/** 0 or 1. */
export function responseHeaderVersion(api: Api, version: number): number {
  return version >= api.flexible && api.key !== API_VERSIONS ? 1 : 0
}

/**
 * Reads the header of any request. Of an API that is not in the table only what stands in front of the
 * unknown part is certain: its client id is null if it cannot be read. A version that its API does not
 * have is not looked at here.
 */
export function decodeRequestHeader(reader: FrameReader): RequestHeader {
  try {
    const apiKey = reader.readInt16()
    const apiVersion = reader.readInt16()
    const correlationId = reader.readInt32()
    const api = apiByKey(apiKey)
    if (api === undefined) {
      return { apiKey, apiVersion, correlationId, clientId: readClientIdIfAny(reader) }
    }
    const clientId = reader.readNullableString()
    if (requestHeaderVersion(api, apiVersion) === 2) reader.skipTaggedFields()
    return { apiKey, apiVersion, correlationId, clientId }
  } catch (error) {
    if (error instanceof ProtocolError) throw error.locate('request header', '')
    throw error
  }
}

/** A request frame with its length before it. */
export function encodeRequestFrame<Q extends Fields, S extends Fields>(
  codec: Codec<Q, S>,
  header: Pick<RequestHeader, 'correlationId' | 'clientId'>,
  draft: Draft<Q>,
): EncodedFrame {
  const writer = new FrameWriter()
  writer.writeInt32(0)
  writer.writeInt16(codec.api.key)
  writer.writeInt16(codec.version)
  writer.writeInt32(header.correlationId)
  writer.writeNullableString(header.clientId)
  if (codec.version >= codec.api.flexible) writer.writeUnsignedVarint(0)
  codec.encodeRequest(writer, draft)
  return writer.finishFrame()
}

/** A response frame with its length before it. */
export function encodeResponseFrame<Q extends Fields, S extends Fields>(
  codec: Codec<Q, S>,
  correlationId: number,
  draft: Draft<S>,
): EncodedFrame {
  const writer = new FrameWriter()
  writer.writeInt32(0)
  writer.writeInt32(correlationId)
  if (codec.version >= codec.api.flexible && codec.api.key !== API_VERSIONS) {
    writer.writeUnsignedVarint(0)
  }
  codec.encodeResponse(writer, draft)
  return writer.finishFrame()
}

/** Reads a response's correlation id alone: by it the caller knows which API and version follow. */
export function decodeCorrelationId(reader: FrameReader): number {
  try {
    return reader.readInt32()
  } catch (error) {
    if (error instanceof ProtocolError) throw error.locate('response header', 'correlationId')
    throw error
  }
}

/** Reads what is left of a response's header behind its correlation id. */
export function skipResponseHeader(reader: FrameReader, api: Api, version: number): void {
  try {
    if (responseHeaderVersion(api, version) === 1) reader.skipTaggedFields()
  } catch (error) {
    if (error instanceof ProtocolError) throw error.locate('response header', 'taggedFields')
    throw error
  }
}

function readClientIdIfAny(reader: FrameReader): string | null {
  try {
    return reader.readNullableString()
  } catch (error) {
    if (error instanceof ProtocolError) return null
    throw error
  }
}
