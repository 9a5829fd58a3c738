// The binary messages: a 16-byte header, then what the type says. README.md has the layouts; all of
// them are read and written here and nowhere else.
import { fail, type Outcome, succeed } from '../../base/errors.js'

export const HEADER_BYTES = 16
const DELIVER_BYTES = 52
const ABORTED_BYTES = 16
const RECORD_BYTES = 16

export const binaryTypes = { produceBatch: 0x01, produceRecord: 0x02, deliver: 0x81 } as const
const NULL_VALUE = 0x01
const BODY_IN_NEXT_FRAME = 0x01

export interface BinaryHeader {
  readonly type: number
  readonly flags: number
  readonly channel: number
  readonly partition: number
  /** What follows the header; a view of the frame. */
  readonly content: Uint8Array
}

/** Calls `visit` with each message of a frame, until it answers false; fails where one is cut short. */
export function readBinaryFrame(
  frame: Uint8Array,
  visit: (message: BinaryHeader) => boolean,
): Outcome<true> {
  const view = viewOf(frame)
  let at = 0
  while (at < frame.length) {
    const left = frame.length - at - HEADER_BYTES
    if (left < 0) return fail('INVALID_REQUEST', 'a binary message ends within its header')
    const sizeBytes = view.getUint32(at + 12)
    if (sizeBytes > left) {
      return fail(
        'INVALID_REQUEST',
        `a binary message says ${sizeBytes} bytes where ${left} are left`,
      )
    }
    const from = at + HEADER_BYTES
    at = from + sizeBytes
    const goOn = visit({
      type: view.getUint8(from - 16),
      flags: view.getUint8(from - 15),
      channel: view.getUint32(from - 12),
      partition: view.getUint32(from - 8),
      content: frame.subarray(from, at),
    })
    if (!goOn) break
  }
  return succeed(true)
}

export interface SingleRecord {
  readonly sequence: number
  /** -1: time of arrival. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** undefined: the lengths lie. */
export function readSingleRecord(message: BinaryHeader): SingleRecord | undefined {
  const { content } = message
  if (content.length < RECORD_BYTES) return undefined
  const view = viewOf(content)
  const keyBytes = view.getInt32(12)
  const valueAt = RECORD_BYTES + Math.max(keyBytes, 0)
  const hasNoValue = (message.flags & NULL_VALUE) !== 0
  if (keyBytes < -1 || valueAt > content.length) return undefined
  if (hasNoValue && valueAt !== content.length) return undefined
  return {
    sequence: view.getInt32(0),
    timestamp: readInt64(view, 4),
    key: keyBytes < 0 ? null : content.subarray(RECORD_BYTES, valueAt),
    value: hasNoValue ? null : content.subarray(valueAt),
  }
}

export interface Address {
  readonly channel: number
  readonly partition: number
}

export function writeSingleRecord(to: Address, record: SingleRecord): Uint8Array {
  const keyBytes = record.key?.length ?? 0
  const contentBytes = RECORD_BYTES + keyBytes + (record.value?.length ?? 0)
  const frame = new Uint8Array(HEADER_BYTES + contentBytes)
  const view = viewOf(frame)
  const flags = record.value === null ? NULL_VALUE : 0
  writeHeader(view, { ...to, type: binaryTypes.produceRecord, flags, sizeBytes: contentBytes })
  view.setInt32(16, record.sequence)
  writeInt64(view, 20, record.timestamp)
  view.setInt32(28, record.key === null ? -1 : keyBytes)
  if (record.key !== null) frame.set(record.key, 32)
  if (record.value !== null) frame.set(record.value, 32 + keyBytes)
  return frame
}

/** A record batch as one frame; the batch is copied behind the header. */
export function writeProduceBatch(to: Address, batch: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + batch.length)
  const sizeBytes = batch.length
  writeHeader(viewOf(frame), { ...to, type: binaryTypes.produceBatch, flags: 0, sizeBytes })
  frame.set(batch, HEADER_BYTES)
  return frame
}

export interface AbortedEntry {
  readonly producerId: number
  readonly firstOffset: number
}

export interface Delivery extends Address {
  readonly offset: number
  readonly nextOffset: number
  readonly endOffset: number
  readonly cursor: Uint8Array
  readonly aborted: readonly AbortedEntry[]
}

/** `batches` go into the frame when `inline`, else the caller sends them as the next frame. */
export function writeDelivery(
  delivery: Delivery,
  batches: Uint8Array,
  inline: boolean,
): Uint8Array {
  const { cursor, aborted } = delivery
  const bodyAt = DELIVER_BYTES + cursor.length + aborted.length * ABORTED_BYTES
  const frame = new Uint8Array(bodyAt + (inline ? batches.length : 0))
  const view = viewOf(frame)
  writeHeader(view, {
    type: binaryTypes.deliver,
    flags: inline ? 0 : BODY_IN_NEXT_FRAME,
    channel: delivery.channel,
    partition: delivery.partition,
    sizeBytes: frame.length - HEADER_BYTES,
  })
  writeInt64(view, 16, delivery.offset)
  writeInt64(view, 24, delivery.nextOffset)
  writeInt64(view, 32, delivery.endOffset)
  view.setUint32(40, batches.length)
  view.setUint16(44, aborted.length)
  view.setUint32(48, cursor.length)
  frame.set(cursor, DELIVER_BYTES)
  aborted.forEach((entry, i) => {
    const at = DELIVER_BYTES + cursor.length + i * ABORTED_BYTES
    writeInt64(view, at, entry.producerId)
    writeInt64(view, at + 8, entry.firstOffset)
  })
  if (inline) frame.set(batches, bodyAt)
  return frame
}

export interface ReceivedDelivery extends Delivery {
  readonly sizeBytes: number
  /** undefined: they are the next frame. */
  readonly batches: Uint8Array | undefined
}

/** undefined: not a delivery, or its lengths lie. */
export function readDelivery(message: BinaryHeader): ReceivedDelivery | undefined {
  const { content, channel, partition } = message
  const fixedBytes = DELIVER_BYTES - HEADER_BYTES
  if (message.type !== binaryTypes.deliver || content.length < fixedBytes) return undefined
  const view = viewOf(content)
  const sizeBytes = view.getUint32(24)
  const abortedCount = view.getUint16(28)
  const abortedAt = fixedBytes + view.getUint32(32)
  const bodyAt = abortedAt + abortedCount * ABORTED_BYTES
  const isInNextFrame = (message.flags & BODY_IN_NEXT_FRAME) !== 0
  if (content.length !== bodyAt + (isInNextFrame ? 0 : sizeBytes)) return undefined
  return {
    channel,
    partition,
    offset: readInt64(view, 0),
    nextOffset: readInt64(view, 8),
    endOffset: readInt64(view, 16),
    sizeBytes,
    cursor: content.subarray(fixedBytes, abortedAt),
    aborted: Array.from({ length: abortedCount }, (_, i) => ({
      producerId: readInt64(view, abortedAt + i * ABORTED_BYTES),
      firstOffset: readInt64(view, abortedAt + i * ABORTED_BYTES + 8),
    })),
    batches: isInNextFrame ? undefined : content.subarray(bodyAt),
  }
}

interface HeaderFields extends Address {
  readonly type: number
  readonly flags: number
  readonly sizeBytes: number
}

function writeHeader(view: DataView, header: HeaderFields): void {
  view.setUint8(0, header.type)
  view.setUint8(1, header.flags)
  view.setUint32(4, header.channel)
  view.setUint32(8, header.partition)
  view.setUint32(12, header.sizeBytes)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

function readInt64(view: DataView, at: number): number {
  return view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4)
}

function writeInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / 2 ** 32))
  view.setUint32(at + 4, value >>> 0)
}
