// The compiled codec: each API, version and direction becomes straight-line code on its first use in a
// thread. Compiling all of them at start would cost a thread 0.2 s.
import type { Codec } from './codec-types.js'
import { compileDecoder, type Decoder } from './compile-decoder.js'
import { compileEncoder, type Encoder } from './compile-encoder.js'
import type { FrameReader } from './reader.js'
import type { Api, Draft, Fields, Infer, StructType } from './schema.js'
import { checkVersion } from './wire-facts.js'
import type { FrameWriter } from './writer.js'

export type { Codec } from './codec-types.js'

/** By API key and version. The second of two APIs with one key, as in tests, replaces the first. */
const codecs = new Map<number, { readonly api: unknown; readonly codec: unknown }>()

/** Throws ProtocolError for a version that the API does not have. */
export function codecFor<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
): Codec<Q, S> {
  const id = api.key * 0x1_0000 + version
  const known = codecs.get(id)
  if (known?.api === api) return known.codec as Codec<Q, S>
  checkVersion(api, version)
  const codec = new CompiledCodec(api, version)
  codecs.set(id, { api, codec })
  return codec
}

class CompiledCodec<Q extends Fields, S extends Fields> implements Codec<Q, S> {
  private requestDecoder: Decoder | undefined
  private requestEncoder: Encoder | undefined
  private responseDecoder: Decoder | undefined
  private responseEncoder: Encoder | undefined

  constructor(
    readonly api: Api<Q, S>,
    readonly version: number,
  ) {}

  decodeRequest(reader: FrameReader): Infer<Q> {
    this.requestDecoder ??= this.decoder('request', this.api.requestType)
    return this.requestDecoder(reader) as Infer<Q>
  }

  encodeRequest(writer: FrameWriter, draft: Draft<Q>): void {
    this.requestEncoder ??= this.encoder('request', this.api.requestType)
    this.requestEncoder(writer, draft)
  }

  decodeResponse(reader: FrameReader): Infer<S> {
    this.responseDecoder ??= this.decoder('response', this.api.responseType)
    return this.responseDecoder(reader) as Infer<S>
  }

  encodeResponse(writer: FrameWriter, draft: Draft<S>): void {
    this.responseEncoder ??= this.encoder('response', this.api.responseType)
    this.responseEncoder(writer, draft)
  }

  private decoder(direction: string, type: StructType): Decoder {
    return compileDecoder(type, this.at(), this.title(direction))
  }

  private encoder(direction: string, type: StructType): Encoder {
    return compileEncoder(type, this.at(), this.title(direction))
  }

  private at(): { version: number; flexible: boolean } {
    return { version: this.version, flexible: this.version >= this.api.flexible }
  }

  private title(direction: string): string {
    return `${this.api.name} ${direction} v${this.version}`
  }
}
