// Makes uncompressed record batches. Records are written into a buffer that is used again for the next
// batch, behind the place of the header, which is filled in when the batch is built.
import { ProtocolError } from '../protocol-error.js'
import { utf8 } from '../text.js'
import {
  attribute,
  type Crc32c,
  HEADER_BYTES,
  MAGIC,
  OVERHEAD_BYTES,
  position,
  type RecordHeader,
} from './batch-format.js'
import { crc32c as tableCrc32c } from './crc32c.js'
import { varintBytes, writeVarint } from './varint.js'

const FIRST_BYTES = 16 * 1024
/** What a batch's length field and Uint8Array both hold with room to spare. */
const MAX_BATCH_BYTES = 0x7fff_0000

export interface RecordBatchBuilderOptions {
  /** A faster one than the table, where there is one. */
  readonly crc32c?: Crc32c
}

/** Who produces the batch; without it the batch is not idempotent. */
export interface BatchProducer {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly transactional?: boolean
}

export class RecordBatchBuilder {
  private readonly crc32c: Crc32c
  private buffer = new Uint8Array(FIRST_BYTES)
  private end = HEADER_BYTES
  private records = 0
  private baseTimestampMs = -1
  private maxTimestampMs = -1

  constructor(options: RecordBatchBuilderOptions = {}) {
    this.crc32c = options.crc32c ?? tableCrc32c
  }

  /** Records appended since the last batch. */
  get count(): number {
    return this.records
  }

  /** What the batch would take now. */
  get sizeBytes(): number {
    return this.end
  }

  /** The bytes are copied. A string is written as UTF-8. */
  append(
    key: Uint8Array | string | null,
    value: Uint8Array | string | null,
    headers: readonly RecordHeader[],
    timestampMs: number,
  ): void {
    if (!Number.isSafeInteger(timestampMs) || timestampMs < -1) {
      throw new ProtocolError(`timestamp ${timestampMs} is not allowed`)
    }
    const keyBytes = typeof key === 'string' ? utf8(key) : key
    const valueBytes = typeof value === 'string' ? utf8(value) : value
    const timestampDelta = this.records === 0 ? 0 : timestampMs - this.baseTimestampMs
    const encodedHeaders = headers.length === 0 ? NO_ENCODED : headers.map(encodeHeader)
    const bodyBytes =
      1 +
      varintBytes(timestampDelta) +
      varintBytes(this.records) +
      lengthAndBytes(keyBytes) +
      lengthAndBytes(valueBytes) +
      headersBytes(encodedHeaders)
    this.makeRoom(varintBytes(bodyBytes) + bodyBytes)

    const { buffer } = this
    let at = writeVarint(buffer, this.end, bodyBytes)
    buffer[at++] = 0
    at = writeVarint(buffer, at, timestampDelta)
    at = writeVarint(buffer, at, this.records)
    at = writeBytes(buffer, at, keyBytes)
    at = writeBytes(buffer, at, valueBytes)
    at = writeVarint(buffer, at, encodedHeaders.length)
    for (const header of encodedHeaders) {
      at = writeBytes(buffer, at, header.key)
      at = writeBytes(buffer, at, header.value)
    }
    this.end = at
    if (this.records === 0) this.baseTimestampMs = timestampMs
    if (timestampMs > this.maxTimestampMs) this.maxTimestampMs = timestampMs
    this.records++
  }

  /** The batch in memory of its own; the builder is empty afterwards. */
  build(producer?: BatchProducer): Uint8Array {
    return this.buildInPlace(producer).slice()
  }

  /**
   * The batch as a view of the builder's memory: valid until the next append. For whoever copies or
   * stores it at once.
   */
  buildInPlace(producer?: BatchProducer): Uint8Array {
    if (this.records === 0) throw new ProtocolError('a batch without records cannot be built')
    const batch = this.buffer.subarray(0, this.end)
    this.writeHeader(new DataView(batch.buffer, batch.byteOffset, this.end), producer)
    new DataView(batch.buffer).setUint32(position.crc, this.crc32c(batch, position.attributes))
    this.reset()
    return batch
  }

  /** Forgets the records appended so far. */
  reset(): void {
    this.end = HEADER_BYTES
    this.records = 0
    this.baseTimestampMs = -1
    this.maxTimestampMs = -1
  }

  private writeHeader(view: DataView, producer: BatchProducer | undefined): void {
    setInt64(view, position.baseOffset, 0)
    view.setInt32(position.length, this.end - OVERHEAD_BYTES)
    view.setInt32(position.leaderEpoch, -1)
    view.setInt8(position.magic, MAGIC)
    view.setInt16(position.attributes, producer?.transactional ? attribute.transactional : 0)
    view.setInt32(position.lastOffsetDelta, this.records - 1)
    setInt64(view, position.baseTimestamp, this.baseTimestampMs)
    setInt64(view, position.maxTimestamp, this.maxTimestampMs)
    setInt64(view, position.producerId, producer?.producerId ?? -1)
    view.setInt16(position.producerEpoch, producer?.producerEpoch ?? -1)
    view.setInt32(position.baseSequence, producer?.baseSequence ?? -1)
    view.setInt32(position.count, this.records)
  }

  private makeRoom(sizeBytes: number): void {
    const needed = this.end + sizeBytes
    if (needed <= this.buffer.byteLength) return
    if (needed > MAX_BATCH_BYTES) throw new ProtocolError(`a batch of ${needed} bytes is too large`)
    const larger = new Uint8Array(Math.min(MAX_BATCH_BYTES, Math.max(needed, 2 * this.end)))
    larger.set(this.buffer.subarray(0, this.end))
    this.buffer = larger
  }
}

interface EncodedHeader {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}
const NO_ENCODED: readonly EncodedHeader[] = []

function encodeHeader(header: RecordHeader): EncodedHeader {
  return { key: utf8(header.key), value: header.value }
}

function headersBytes(headers: readonly EncodedHeader[]): number {
  let sizeBytes = varintBytes(headers.length)
  for (const header of headers) {
    sizeBytes += lengthAndBytes(header.key) + lengthAndBytes(header.value)
  }
  return sizeBytes
}

function lengthAndBytes(bytes: Uint8Array | null): number {
  if (bytes === null) return 1
  return varintBytes(bytes.byteLength) + bytes.byteLength
}

function writeBytes(into: Uint8Array, at: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(into, at, -1)
  const start = writeVarint(into, at, bytes.byteLength)
  into.set(bytes, start)
  return start + bytes.byteLength
}

function setInt64(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000)
  view.setInt32(at, high)
  view.setUint32(at + 4, value - high * 0x1_0000_0000)
}
