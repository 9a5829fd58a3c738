// Record batch, format v2 (KIP-98). All integers are big-endian; varints are zigzag.
//
//   0 baseOffset 8 | 8 length 4 | 12 leaderEpoch 4 | 16 magic 1 | 17 crc 4 | 21 attributes 2
//   23 lastOffsetDelta 4 | 27 baseTimestamp 8 | 35 maxTimestamp 8 | 43 producerId 8
//   51 producerEpoch 2 | 53 baseSequence 4 | 57 count 4 | 61 records
//
// length counts what follows it; the CRC-32C covers what follows it, from the attributes to the end.
//
//   record: length varint | attributes 1 | timestampDelta varlong | offsetDelta varint
//           key length varint (-1 null), key | value likewise | count of headers varint
//           header: key length varint, key | value length varint (-1 null), value
export const position = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const

export const HEADER_BYTES = 61
/** Base offset and length: what length does not count. */
export const OVERHEAD_BYTES = 12
export const MAGIC = 2

export const attribute = {
  compressionMask: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
} as const

export type Compression = 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
/** By their number in the attributes. */
export const compressions: readonly Compression[] = [
  'uncompressed',
  'gzip',
  'snappy',
  'lz4',
  'zstd',
]

export interface RecordHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/** CRC-32C of `bytes` from `start` to the end, as an unsigned number. */
export type Crc32c = (bytes: Uint8Array, start: number) => number
