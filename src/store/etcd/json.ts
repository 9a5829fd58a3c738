// What etcd's JSON gateway makes of protocol buffers: int64 as strings, bytes as base64, and whatever is
// zero, empty or false left out.
export type JsonObject = Readonly<Record<string, unknown>>

/** undefined: no JSON, or JSON that is no object. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

export function objectIn(from: JsonObject | undefined, field: string): JsonObject | undefined {
  const value = from?.[field]
  return isObject(value) ? value : undefined
}

export function objectsIn(from: JsonObject | undefined, field: string): readonly JsonObject[] {
  const value = from?.[field]
  return Array.isArray(value) ? value.filter(isObject) : []
}

export function textIn(from: JsonObject | undefined, field: string): string {
  const value = from?.[field]
  return typeof value === 'string' ? value : ''
}

export function int64In(from: JsonObject | undefined, field: string): bigint {
  const value = from?.[field]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : 0n
}

export function bytesIn(from: JsonObject, field: string): Uint8Array {
  return new Uint8Array(Buffer.from(textIn(from, field), 'base64'))
}

export function base64(bytes: Uint8Array | string): string {
  const buffer =
    typeof bytes === 'string'
      ? Buffer.from(bytes)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('base64')
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
