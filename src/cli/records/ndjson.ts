// A record as a line of JSON: {"key", "value", "headers", "timestamp", "partition"}, all optional.
// Strings are UTF-8; bytes are {"base64": "…"}; any other JSON value is stored as the text it is
// written in.
import type { OutgoingRecord, Payload, ReceivedRecord } from '../../client/index.js'
import { fromBase64 } from '../../protocol/millrace/base64.js'
import { jsonMembers } from './json-text.js'

const KNOWN = new Set(['key', 'value', 'headers', 'timestamp', 'partition'])
// What consume adds, so that its output can be produced again.
const IGNORED = new Set(['topic', 'offset'])

export class BadRecord extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Throws BadRecord, which says what is wrong but not where: the caller knows the line. */
export function parseRecord(line: Uint8Array): OutgoingRecord {
  const fields = fieldsOf(textOf(line))
  for (const key of fields.keys()) {
    if (!KNOWN.has(key) && !IGNORED.has(key)) {
      throw new BadRecord(`unknown field "${key}": a record has ${[...KNOWN].join(', ')}`)
    }
  }
  const key = fields.get('key')
  const asHeaders = fields.get('headers')
  return {
    ...(key === undefined ? {} : { key: payload(key) }),
    value: payload(fields.get('value') ?? 'null'),
    ...(asHeaders === undefined ? {} : { headers: headers(asHeaders) }),
    ...wholeNumber('timestamp', fields),
    ...wholeNumber('partition', fields),
  }
}

function textOf(line: Uint8Array): string {
  try {
    return utf8.decode(line)
  } catch {
    throw new BadRecord('not UTF-8: write bytes as {"base64": "…"}')
  }
}

/** By name, each as its JSON text; as for JSON.parse, the last of a name counts. */
function fieldsOf(line: string): ReadonlyMap<string, string> {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (error) {
    throw new BadRecord(`not JSON (${error instanceof Error ? error.message : error})`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new BadRecord('a record is a JSON object: {"key": …, "value": …}')
  }
  return new Map(jsonMembers(line).map(({ name, text }) => [name ?? '', text]))
}

function payload(text: string): Payload {
  if (text === 'null') return null
  if (text.startsWith('"')) return encodable(JSON.parse(text) as string)
  if (!text.startsWith('{')) return text
  const [only, more] = jsonMembers(text)
  return only?.name === 'base64' && more === undefined ? base64(only.text) : text
}

function encodable(text: string): string {
  if (!/\p{Surrogate}/u.test(text)) return text
  throw new BadRecord('half a surrogate pair, which UTF-8 cannot hold: write {"base64": "…"}')
}

function base64(text: string): Payload {
  const encoded: unknown = JSON.parse(text)
  if (typeof encoded !== 'string') throw new BadRecord('"base64" must be a string')
  const bytes = fromBase64(encoded)
  if (bytes === undefined) throw new BadRecord(`${text} is not base64`)
  return bytes
}

const AS_ARRAY = '"headers" as an array holds [name, value] pairs'

function headers(text: string): readonly (readonly [string, Payload])[] {
  const isObject = text.startsWith('{')
  if (!isObject && !text.startsWith('[')) {
    throw new BadRecord('"headers" is an object or an array of [name, value] pairs')
  }
  const members = jsonMembers(text)
  if (isObject) return members.map((one) => [one.name ?? '', payload(one.text)])
  return members.map((pair) => {
    const [name, value, more] = pair.text.startsWith('[') ? jsonMembers(pair.text) : []
    if (!name?.text.startsWith('"') || value === undefined || more !== undefined) {
      throw new BadRecord(AS_ARRAY)
    }
    return [JSON.parse(name.text) as string, payload(value.text)]
  })
}

function wholeNumber<Field extends 'timestamp' | 'partition'>(
  field: Field,
  fields: ReadonlyMap<string, string>,
): { [name in Field]?: number } {
  const text = fields.get(field)
  if (text === undefined) return {}
  const value: unknown = JSON.parse(text)
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) {
    return { [field]: value } as { [name in Field]: number }
  }
  throw new BadRecord(`"${field}" must be a whole number, 0 or above`)
}

/** The line that consume prints for a record, without a newline. Produced again it is an equal record. */
export function formatRecord(record: ReceivedRecord): string {
  return JSON.stringify({
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestamp: record.timestamp,
    key: printable(record.key),
    value: printable(record.value),
    ...(record.headers.length > 0
      ? { headers: record.headers.map(([name, value]) => [name, printable(value)]) }
      : {}),
  })
}

function printable(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null
  try {
    return utf8.decode(bytes)
  } catch {
    return { base64: Buffer.from(bytes).toString('base64') }
  }
}
