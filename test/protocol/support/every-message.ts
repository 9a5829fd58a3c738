// Every message of every API in every version, compiled and interpreted.
import type { Codec } from '../../../src/protocol/codec.js'
import { codecFor } from '../../../src/protocol/codec.js'
import { interpreterFor } from '../../../src/protocol/interpreter.js'
import { apis } from '../../../src/protocol/messages/api-table.js'
import { FrameReader } from '../../../src/protocol/reader.js'
import type { Api, Fields, StructType } from '../../../src/protocol/schema.js'
import { FrameWriter } from '../../../src/protocol/writer.js'
import { joined } from './frames.js'

/** One of the two codecs in one direction. */
export interface MessageCodec {
  encode(value: unknown): Uint8Array
  decode(chunks: readonly Uint8Array[]): { readonly value: unknown; readonly remaining: number }
}

export interface Message {
  readonly title: string
  readonly type: StructType
  readonly version: number
  readonly compiled: MessageCodec
  readonly interpreted: MessageCodec
}

export function versionsOf(api: Api): number[] {
  const [first, last] = api.versions
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

export function messagesOf(api: Api): Message[] {
  return versionsOf(api).flatMap((version) => {
    const compiled = codecFor(api, version)
    const interpreted = interpreterFor(api, version)
    return [
      {
        title: `${api.name} request v${version}`,
        type: api.requestType,
        version,
        compiled: requests(compiled),
        interpreted: requests(interpreted),
      },
      {
        title: `${api.name} response v${version}`,
        type: api.responseType,
        version,
        compiled: responses(compiled),
        interpreted: responses(interpreted),
      },
    ]
  })
}

export const everyMessage: readonly Message[] = apis.flatMap(messagesOf)

function requests(codec: Codec<Fields, Fields>): MessageCodec {
  return {
    encode: (value) => encoded((writer) => codec.encodeRequest(writer, value as Draft)),
    decode: (chunks) => decoded(chunks, (reader) => codec.decodeRequest(reader)),
  }
}

function responses(codec: Codec<Fields, Fields>): MessageCodec {
  return {
    encode: (value) => encoded((writer) => codec.encodeResponse(writer, value as Draft)),
    decode: (chunks) => decoded(chunks, (reader) => codec.decodeResponse(reader)),
  }
}

type Draft = Parameters<Codec<Fields, Fields>['encodeRequest']>[1]

function encoded(encode: (writer: FrameWriter) => void): Uint8Array {
  const writer = new FrameWriter()
  encode(writer)
  return joined(writer.finish())
}

function decoded(
  chunks: readonly Uint8Array[],
  decode: (reader: FrameReader) => unknown,
): { value: unknown; remaining: number } {
  const reader = new FrameReader(chunks)
  const value = decode(reader)
  return { value, remaining: reader.remaining }
}
