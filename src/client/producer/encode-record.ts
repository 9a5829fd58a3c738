// An application's record as the bytes of a batch.
import type { RecordHeader } from '../../protocol/records/batch-format.js'
import type { OutgoingRecord, Payload } from '../options.js'

const encoder = new TextEncoder()
const NO_HEADERS: readonly RecordHeader[] = []

export function toBytes(payload: Payload | undefined): Uint8Array | null {
  if (typeof payload === 'string') return encoder.encode(payload)
  return payload ?? null
}

export function toHeaders(headers: OutgoingRecord['headers']): readonly RecordHeader[] {
  if (headers === undefined) return NO_HEADERS
  const pairs: readonly (readonly [string, Payload])[] = isPairs(headers)
    ? headers
    : Object.entries(headers)
  return pairs.map(([key, value]) => ({ key, value: toBytes(value) }))
}

function isPairs(
  headers: NonNullable<OutgoingRecord['headers']>,
): headers is readonly (readonly [string, Payload])[] {
  return Array.isArray(headers)
}
