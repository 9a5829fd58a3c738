// Checksums and the codecs of record batches, for tools and tests; the data path has them natively.
import { calling } from './codes.js'
import { loadAddon } from './native.js'
import { compressionNumbers } from './native-options.js'

export type Codec = 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** CRC-32C (RFC 3720) over the chunks as if they were joined. */
export function crc32c(chunks: Uint8Array | readonly Uint8Array[]): number {
  return loadAddon().crc32c(chunks)
}

/** Framed as Kafka's Java clients write it. Level 0 takes the codec's default. */
export function compress(codec: Codec, bytes: Uint8Array, level = 0): Uint8Array {
  const addon = loadAddon()
  return new Uint8Array(calling(() => addon.compress(compressionNumbers[codec], bytes, level)))
}

/** Throws a LogError with code 'TOO_LARGE' or 'UNDECODABLE'. */
export function decompress(codec: Codec, bytes: Uint8Array, maxOutputBytes: number): Uint8Array {
  const addon = loadAddon()
  return new Uint8Array(
    calling(() => addon.decompress(compressionNumbers[codec], bytes, maxOutputBytes)),
  )
}
