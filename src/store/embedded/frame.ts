// The format of metadata.log, for its reader and its writer; the README draws it.
import { crc32 } from './crc32.js'

export const FORMAT_VERSION = 1
const MAGIC = 'MILLRACE-META'
export const HEADER_BYTES = MAGIC.length + 3
const FRAME_HEADER_BYTES = 8
const PAYLOAD_HEADER_BYTES = 9
/** Far above a snapshot of the largest cluster; a length beyond it is not a length. */
const MAX_PAYLOAD_BYTES = 1 << 30

export type Entry =
  | {
      readonly type: 'put'
      readonly key: string
      readonly value: Uint8Array
      readonly version: bigint
      readonly forSession: boolean
    }
  | { readonly type: 'delete'; readonly key: string }

export interface Frame {
  readonly kind: 'transactions' | 'snapshot'
  /** The highest version given out so far. */
  readonly revision: bigint
  readonly entries: readonly Entry[]
}

export type Scan =
  | {
      readonly status: 'ok'
      readonly frames: readonly Frame[]
      /** Where the next frame goes; what is behind it is a torn write. */
      readonly endBytes: number
    }
  | { readonly status: 'refused'; readonly reason: string }

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

export function encodeHeader(): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  header.set(utf8.encode(MAGIC))
  header[MAGIC.length] = FORMAT_VERSION
  return header
}

export function encodeFrame(frame: Frame): Uint8Array {
  const keys = frame.entries.map((entry) => utf8.encode(entry.key))
  let sizeBytes = FRAME_HEADER_BYTES + PAYLOAD_HEADER_BYTES
  frame.entries.forEach((entry, index) => {
    sizeBytes += 1 + 8 + 2 + (keys[index]?.length ?? 0)
    if (entry.type === 'put') sizeBytes += 4 + entry.value.length
  })
  const bytes = new Uint8Array(sizeBytes)
  const view = new DataView(bytes.buffer)
  view.setUint8(FRAME_HEADER_BYTES, frame.kind === 'transactions' ? 1 : 2)
  view.setBigUint64(FRAME_HEADER_BYTES + 1, frame.revision)
  let at = FRAME_HEADER_BYTES + PAYLOAD_HEADER_BYTES
  frame.entries.forEach((entry, index) => {
    at = encodeEntry(view, at, entry, keys[index] ?? new Uint8Array())
  })
  view.setUint32(0, sizeBytes - FRAME_HEADER_BYTES)
  view.setUint32(4, crc32(bytes.subarray(FRAME_HEADER_BYTES)))
  return bytes
}

function encodeEntry(view: DataView, start: number, entry: Entry, key: Uint8Array): number {
  const bytes = new Uint8Array(view.buffer)
  const op = entry.type === 'delete' ? 2 : entry.forSession ? 3 : 1
  view.setUint8(start, op)
  view.setBigUint64(start + 1, entry.type === 'put' ? entry.version : 0n)
  view.setUint16(start + 9, key.length)
  bytes.set(key, start + 11)
  const at = start + 11 + key.length
  if (entry.type === 'delete') return at
  view.setUint32(at, entry.value.length)
  bytes.set(entry.value, at + 4)
  return at + 4 + entry.value.length
}

/** Reads a whole file. A file shorter than its header was torn at its creation and is empty. */
export function scan(file: Uint8Array): Scan {
  const wrong = checkHeader(file)
  if (wrong !== undefined) return { status: 'refused', reason: wrong }
  const frames: Frame[] = []
  // A crash can leave the length of the first write without its bytes.
  const isBlank = file.every((byte) => byte === 0)
  if (isBlank || file.length < HEADER_BYTES) return { status: 'ok', frames, endBytes: 0 }
  let at = HEADER_BYTES
  while (at < file.length) {
    const frame = frameAt(file, at)
    if (frame === undefined) {
      if (!somethingFollows(file, at)) break
      const reason = `the record at byte ${at} is damaged, and others were written after it`
      return { status: 'refused', reason }
    }
    frames.push(frame.value)
    at = frame.endBytes
  }
  return { status: 'ok', frames, endBytes: at }
}

function checkHeader(file: Uint8Array): string | undefined {
  const magic = utf8.encode(MAGIC).subarray(0, file.length)
  const isOurs = magic.every((byte, index) => file[index] === byte)
  if (!isOurs && file.some((byte) => byte !== 0)) return 'it does not begin as a metadata file does'
  const version = file[MAGIC.length] ?? FORMAT_VERSION
  if (version > FORMAT_VERSION)
    return `it has format version ${version}, and this program knows versions up to ${FORMAT_VERSION}`
  return undefined
}

function frameAt(file: Uint8Array, at: number): { value: Frame; endBytes: number } | undefined {
  if (at + FRAME_HEADER_BYTES + PAYLOAD_HEADER_BYTES > file.length) return undefined
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const payloadBytes = view.getUint32(at)
  const endBytes = at + FRAME_HEADER_BYTES + payloadBytes
  if (payloadBytes < PAYLOAD_HEADER_BYTES || payloadBytes > MAX_PAYLOAD_BYTES) return undefined
  if (endBytes > file.length) return undefined
  const payload = file.subarray(at + FRAME_HEADER_BYTES, endBytes)
  if (crc32(payload) !== view.getUint32(at + 4)) return undefined
  const value = decodePayload(payload)
  return value === undefined ? undefined : { value, endBytes }
}

// Then the damaged frame was once whole: the next one is only written after a sync. A damaged length
// hides where that one begins, so every byte is tried; nearly all positions cost four bytes.
function somethingFollows(file: Uint8Array, damagedAt: number): boolean {
  if (damagedAt + FRAME_HEADER_BYTES <= file.length) {
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
    const payloadBytes = view.getUint32(damagedAt)
    const endBytes = damagedAt + FRAME_HEADER_BYTES + payloadBytes
    if (payloadBytes >= PAYLOAD_HEADER_BYTES && endBytes < file.length) return true
  }
  for (let at = damagedAt + 1; at < file.length; at++) {
    if (frameAt(file, at) !== undefined) return true
  }
  return false
}

function decodePayload(payload: Uint8Array): Frame | undefined {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const kind = view.getUint8(0)
  if (kind !== 1 && kind !== 2) return undefined
  const entries: Entry[] = []
  let at = PAYLOAD_HEADER_BYTES
  while (at < payload.length) {
    const decoded = decodeEntry(payload, view, at)
    if (decoded === undefined) return undefined
    entries.push(decoded.entry)
    at = decoded.endBytes
  }
  const revision = view.getBigUint64(1)
  return { kind: kind === 1 ? 'transactions' : 'snapshot', revision, entries }
}

function decodeEntry(
  payload: Uint8Array,
  view: DataView,
  start: number,
): { entry: Entry; endBytes: number } | undefined {
  if (start + 11 > payload.length) return undefined
  const op = view.getUint8(start)
  const keyEnd = start + 11 + view.getUint16(start + 9)
  if (op < 1 || op > 3 || keyEnd > payload.length) return undefined
  const key = textOf(payload.subarray(start + 11, keyEnd))
  if (key === undefined) return undefined
  if (op === 2) return { entry: { type: 'delete', key }, endBytes: keyEnd }
  if (keyEnd + 4 > payload.length) return undefined
  const endBytes = keyEnd + 4 + view.getUint32(keyEnd)
  if (endBytes > payload.length) return undefined
  const value = payload.slice(keyEnd + 4, endBytes)
  const version = view.getBigUint64(start + 1)
  return { entry: { type: 'put', key, value, version, forSession: op === 3 }, endBytes }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    return undefined
  }
}
