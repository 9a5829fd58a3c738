// The little that a handler must see of a record batch itself: what depends on the request's version
// (KIP-110), and which of Kafka's two ways of refusing a bad batch applies.

const LENGTH = 8
const LOG_OVERHEAD = 12
const MAGIC = 16
const ATTRIBUTES_LOW_BYTE = 22
const CODEC_MASK = 0x07
const ZSTD = 4

/** Whether the first record batch in `records` is compressed with zstd. */
export function isZstd(records: readonly Uint8Array[]): boolean {
  return (byteAt(records, ATTRIBUTES_LOW_BYTE) & CODEC_MASK) === ZSTD
}

/** Whether `records` is as long as its first batch says, and that is a batch v2. */
export function isOneBatch(records: readonly Uint8Array[]): boolean {
  let sizeBytes = 0
  for (const chunk of records) sizeBytes += chunk.length
  let length = 0
  for (let at = LENGTH; at < LOG_OVERHEAD; at++) length = length * 256 + byteAt(records, at)
  return length + LOG_OVERHEAD === sizeBytes && byteAt(records, MAGIC) === 2
}

function byteAt(chunks: readonly Uint8Array[], position: number): number {
  let at = position
  for (const chunk of chunks) {
    if (at < chunk.length) return chunk[at] ?? 0
    at -= chunk.length
  }
  return 0
}
