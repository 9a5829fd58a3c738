// Clients that ask with an old Produce or Fetch may not know zstd (KIP-110): the one thing about a
// batch that depends on the request's version, and so is not the log's to decide.

const ATTRIBUTES_LOW_BYTE = 22
const CODEC_MASK = 0x07
const ZSTD = 4

/** Whether the first record batch in `records` is compressed with zstd. */
export function isZstd(records: readonly Uint8Array[]): boolean {
  let at = ATTRIBUTES_LOW_BYTE
  for (const chunk of records) {
    if (at < chunk.length) return ((chunk[at] ?? 0) & CODEC_MASK) === ZSTD
    at -= chunk.length
  }
  return false
}
