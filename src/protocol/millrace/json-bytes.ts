// Keys, values and headers between JSON and bytes; README.md has the table.
import { fail, type Outcome, succeed } from '../../base/errors.js'
import type { RecordHeader } from '../records/batch-format.js'
import { fromBase64, toBase64 } from './base64.js'
import type { ValueForm } from './messages.js'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes, or a string that stands for its UTF-8. undefined: a {"base64"} that is not base64. */
export function jsonToContent(value: unknown): Uint8Array | string | null | undefined {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return null
  if (typeof value === 'object') {
    const wrapped = unwrap(value)
    if (wrapped?.form === 'base64') {
      return typeof wrapped.content === 'string' ? fromBase64(wrapped.content) : undefined
    }
    if (wrapped?.form === 'json') return JSON.stringify(wrapped.content)
  }
  return JSON.stringify(value)
}

/** The same as bytes. */
export function jsonToBytes(value: unknown): Uint8Array | null | undefined {
  const content = jsonToContent(value)
  return typeof content === 'string' ? encoder.encode(content) : content
}

/** `headers` of a record: an object or an array of [name, value]. */
export function jsonToHeaders(headers: unknown): Outcome<readonly RecordHeader[]> {
  if (headers === undefined || headers === null) return succeed([])
  if (typeof headers !== 'object') return fail('INVALID_RECORD', 'headers is not an object')
  const pairs: RecordHeader[] = []
  for (const pair of Array.isArray(headers) ? headers : Object.entries(headers)) {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') {
      return fail('INVALID_RECORD', 'headers must be an object or an array of [name, value]')
    }
    const value = jsonToBytes(pair[1])
    if (value === undefined) return fail('INVALID_RECORD', `header ${pair[0]} is not base64`)
    pairs.push({ key: pair[0], value })
  }
  return succeed(pairs)
}

/** The JSON text of a key or a header's value. */
export function bytesToJsonText(bytes: Uint8Array | null, form: ValueForm): string {
  if (bytes === null) return 'null'
  const text = form === 'json' ? toText(bytes) : undefined
  return text === undefined ? base64Text(bytes) : JSON.stringify(text)
}

/** The JSON text of a record's value: what is JSON already is embedded as it is. */
export function valueToJsonText(bytes: Uint8Array | null, form: ValueForm): string {
  if (bytes === null) return 'null'
  const text = form === 'json' ? toText(bytes) : undefined
  if (text === undefined) return base64Text(bytes)
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return JSON.stringify(text)
  }
  // Sent back, null would become a tombstone and a JSON string would lose its quotes.
  const isAmbiguous =
    parsed === null ||
    typeof parsed === 'string' ||
    (typeof parsed === 'object' && unwrap(parsed) !== undefined)
  return isAmbiguous ? `{"json":${text}}` : text
}

export function headersToJsonText(headers: readonly RecordHeader[], form: ValueForm): string {
  const pairs = headers.map(
    ({ key, value }) => `[${JSON.stringify(key)},${bytesToJsonText(value, form)}]`,
  )
  return `[${pairs.join(',')}]`
}

function unwrap(value: object): { form: 'base64' | 'json'; content: unknown } | undefined {
  let only: string | undefined
  for (const name in value) {
    if (only !== undefined) return undefined
    only = name
  }
  if (only !== 'base64' && only !== 'json') return undefined
  return { form: only, content: (value as Record<string, unknown>)[only] }
}

function base64Text(bytes: Uint8Array): string {
  return `{"base64":"${toBase64(bytes)}"}`
}

function toText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
