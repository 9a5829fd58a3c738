// The little that a handler must see of a record batch itself: what depends on the request's version
// (KIP-110), and which of Kafka's two ways of refusing a bad batch applies.

const LENGTH = 8
const LOG_OVERHEAD = 12
const MAGIC = 16
const BYTES_UP_TO_MAGIC = 17
const MAX_INT32 = 0x7fffffff
const ATTRIBUTES_LOW_BYTE = 22
const MAX_TIMESTAMP = 35
/** Of the oldest format; below it Kafka calls a batch corrupt. */
const SHORTEST_LENGTH = 14
const NEWEST_MAGIC = 2
const RECORDS_COUNT = 57
const LOG_APPEND_TIME = 0x08
const CODEC_MASK = 0x07
const ZSTD = 4

/** Whether the first record batch in `records` is compressed with zstd. */
export function isZstd(records: readonly Uint8Array[]): boolean {
  return (byteAt(records, ATTRIBUTES_LOW_BYTE) & CODEC_MASK) === ZSTD
}

/**
 * The first batch, without bytes behind it that are too few for another: Kafka does not see them.
 * undefined: there is no whole batch, as Kafka cuts a stream into them.
 */
export function firstBatch(records: readonly Uint8Array[]): readonly Uint8Array[] | undefined {
  const sizeBytes = sizeOf(records)
  const end = endOfBatch(records, 0, sizeBytes)
  if (end === undefined) return undefined
  if (end >= sizeBytes || endOfBatch(records, end, sizeBytes) !== undefined) return records
  return firstBytes(records, end)
}

/** Where the batch at `start` ends; a length that no batch has is left to the log. */
function endOfBatch(
  records: readonly Uint8Array[],
  start: number,
  sizeBytes: number,
): number | undefined {
  if (sizeBytes - start < LOG_OVERHEAD) return undefined
  const length = int32At(records, start + LENGTH)
  if (length < SHORTEST_LENGTH) return sizeBytes
  const end = start + LOG_OVERHEAD + length
  return end > sizeBytes ? undefined : end
}

function firstBytes(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  const kept: Uint8Array[] = []
  let left = count
  for (const chunk of chunks) {
    if (left <= 0) break
    kept.push(chunk.subarray(0, left))
    left -= chunk.length
  }
  return kept
}

/** Whether the first batch says that it is longer than any array: Kafka's sum of its size overflows. */
export function isLongerThanAnything(records: readonly Uint8Array[]): boolean {
  return sizeOf(records) >= BYTES_UP_TO_MAGIC && int32At(records, LENGTH) > MAX_INT32 - LOG_OVERHEAD
}

/** How many records the first batch says it holds, when it claims LogAppendTime; else 0. */
export function countWithLogAppendTime(records: readonly Uint8Array[]): number {
  return (byteAt(records, ATTRIBUTES_LOW_BYTE) & LOG_APPEND_TIME) === 0
    ? 0
    : int32At(records, RECORDS_COUNT)
}

/** The max timestamp of the first batch, a whole one. */
export function maxTimestampOf(records: readonly Uint8Array[]): number {
  return int32At(records, MAX_TIMESTAMP) * 2 ** 32 + (int32At(records, MAX_TIMESTAMP + 4) >>> 0)
}

/** Whether `records` is as long as its first batch says, and that is a batch v2. */
export function isOneBatch(records: readonly Uint8Array[]): boolean {
  const sizeBytes = sizeOf(records)
  return (
    int32At(records, LENGTH) + LOG_OVERHEAD === sizeBytes && byteAt(records, MAGIC) === NEWEST_MAGIC
  )
}

/** Whether the first batch has a length or a magic byte that no format has. */
export function isNoBatch(records: readonly Uint8Array[]): boolean {
  return int32At(records, LENGTH) < SHORTEST_LENGTH || byteAt(records, MAGIC) > NEWEST_MAGIC
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  let sizeBytes = 0
  for (const chunk of chunks) sizeBytes += chunk.length
  return sizeBytes
}

function int32At(chunks: readonly Uint8Array[], position: number): number {
  let value = 0
  for (let at = position; at < position + 4; at++) value = (value << 8) | byteAt(chunks, at)
  return value
}

function byteAt(chunks: readonly Uint8Array[], position: number): number {
  let at = position
  for (const chunk of chunks) {
    if (at < chunk.length) return chunk[at] ?? 0
    at -= chunk.length
  }
  return 0
}
