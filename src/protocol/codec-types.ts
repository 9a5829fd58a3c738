import type { FrameReader } from './reader.js'
import type { Api, Draft, Fields, Infer } from './schema.js'
import type { FrameWriter } from './writer.js'

/**
 * The body of one API in one version, without its header. Decoding throws nothing but ProtocolError and
 * leaves alone what stands behind the message; encoding throws it for a value that the wire cannot hold.
 */
export interface Codec<Q extends Fields, S extends Fields> {
  readonly api: Api<Q, S>
  readonly version: number
  decodeRequest(reader: FrameReader): Infer<Q>
  encodeRequest(writer: FrameWriter, draft: Draft<Q>): void
  decodeResponse(reader: FrameReader): Infer<S>
  encodeResponse(writer: FrameWriter, draft: Draft<S>): void
}
