// Record batches for the log's tests, put together byte by byte (KIP-98).
import { type Codec, compress, crc32c } from '../../src/log/log.js'
import type { LogConfig, LogDirectoryOptions } from '../../src/log/types.js'

export interface TestRecord {
  readonly key?: string
  readonly value: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export interface BatchOptions {
  readonly codec?: Codec
  readonly timestampMs?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
}

const codecIds = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const
const headerBytes = 61
const encoder = new TextEncoder()

export const testDirectoryOptions: LogDirectoryOptions = {
  flush: 'os',
  flushIntervalMs: 1000,
  writeMode: 'mmap',
}

export const testLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3600 * 1000,
  retentionBytes: -1,
  retentionMs: -1,
  indexIntervalBytes: 4096,
  maxMessageBytes: 4 * 1024 * 1024,
  timestampType: 'CreateTime',
  timestampBeforeMaxMs: Number.POSITIVE_INFINITY,
  timestampAfterMaxMs: Number.POSITIVE_INFINITY,
  compression: 'producer',
  compact: false,
  validateRecords: 'full',
}

function varint(value: number): number[] {
  const bytes: number[] = []
  let left = value >= 0 ? value * 2 : -value * 2 - 1
  while (left >= 0x80) {
    bytes.push((left % 0x80) + 0x80)
    left = Math.floor(left / 0x80)
  }
  return [...bytes, left]
}

function prefixed(bytes: Uint8Array | undefined): Uint8Array[] {
  return bytes === undefined
    ? [Uint8Array.from(varint(-1))]
    : [Uint8Array.from(varint(bytes.length)), bytes]
}

function encodeRecord(record: TestRecord, offsetDelta: number): Buffer {
  const value = typeof record.value === 'string' ? encoder.encode(record.value) : record.value
  const headers = Object.entries(record.headers ?? {})
  const body = Buffer.concat([
    Uint8Array.from([0, ...varint(0), ...varint(offsetDelta)]),
    ...prefixed(record.key === undefined ? undefined : encoder.encode(record.key)),
    ...prefixed(value),
    Uint8Array.from(varint(headers.length)),
    ...headers.flatMap(([key, text]) => [
      ...prefixed(encoder.encode(key)),
      ...prefixed(encoder.encode(text)),
    ]),
  ])
  return Buffer.concat([Uint8Array.from(varint(body.length)), body])
}

/** One batch as a client sends it: base offset 0, leader epoch -1, a right CRC. */
export function makeBatch(records: readonly TestRecord[], options: BatchOptions = {}): Uint8Array {
  const plain = Buffer.concat(records.map(encodeRecord))
  const payload = options.codec === undefined ? plain : compress(options.codec, plain)
  const batch = new Uint8Array(headerBytes + payload.length)
  batch.set(payload, headerBytes)
  const view = new DataView(batch.buffer)
  const timestampMs = BigInt(options.timestampMs ?? 1_700_000_000_000)
  view.setInt32(8, batch.length - 12)
  view.setInt32(12, -1)
  view.setInt8(16, 2)
  view.setInt16(21, options.codec === undefined ? 0 : codecIds[options.codec])
  view.setInt32(23, records.length - 1)
  view.setBigInt64(27, timestampMs)
  view.setBigInt64(35, timestampMs)
  view.setBigInt64(43, BigInt(options.producerId ?? -1))
  view.setInt16(51, options.producerEpoch ?? -1)
  view.setInt32(53, options.baseSequence ?? -1)
  view.setInt32(57, records.length)
  view.setUint32(17, crc32c(batch.subarray(21)))
  return batch
}

/** A batch of one record whose value has `valueBytes` bytes. */
export function batchOfSize(valueBytes: number): Uint8Array {
  return makeBatch([{ value: new Uint8Array(valueBytes).fill(0x61) }])
}

/** Like the bytes appended at `baseOffset` in `leaderEpoch`: what the log patches in. */
export function asStored(batch: Uint8Array, baseOffset: number, leaderEpoch: number): Buffer {
  const stored = Buffer.from(batch)
  stored.writeBigInt64BE(BigInt(baseOffset), 0)
  stored.writeInt32BE(leaderEpoch, 12)
  return stored
}

/** Cuts bytes into chunks as a socket would deliver them. */
export function inChunks(bytes: Uint8Array, chunkBytes: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.subarray(at, at + chunkBytes))
  }
  return chunks
}
