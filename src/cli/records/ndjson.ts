// A record as a line of JSON: {"key", "value", "headers", "timestamp", "partition"}, all optional.
// Strings are UTF-8; bytes are {"base64": "…"}; any other JSON value is stored as its JSON text.
import type { OutgoingRecord, Payload, ReceivedRecord } from '../../client/index.js'

const KNOWN = new Set(['key', 'value', 'headers', 'timestamp', 'partition'])
// What consume adds, so that its output can be produced again.
const IGNORED = new Set(['topic', 'offset'])

export class BadRecord extends Error {}

/** Throws BadRecord, which says what is wrong but not where: the caller knows the line. */
export function parseRecord(line: string): OutgoingRecord {
  const parsed = parseObject(line)
  for (const key of Object.keys(parsed)) {
    if (!KNOWN.has(key) && !IGNORED.has(key)) {
      throw new BadRecord(`unknown field "${key}": a record has ${[...KNOWN].join(', ')}`)
    }
  }
  return {
    ...('key' in parsed ? { key: payload(parsed.key) } : {}),
    value: payload(parsed.value ?? null),
    ...('headers' in parsed ? { headers: headers(parsed.headers) } : {}),
    ...('timestamp' in parsed ? { timestamp: wholeNumber('timestamp', parsed.timestamp) } : {}),
    ...('partition' in parsed ? { partition: wholeNumber('partition', parsed.partition) } : {}),
  }
}

function parseObject(line: string): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch (error) {
    throw new BadRecord(`not JSON (${error instanceof Error ? error.message : error})`)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new BadRecord('a record is a JSON object: {"key": …, "value": …}')
  }
  return parsed as Record<string, unknown>
}

function payload(value: unknown): Payload {
  if (value === null || typeof value === 'string') return value
  if (typeof value === 'object' && 'base64' in value && Object.keys(value).length === 1) {
    if (typeof value.base64 !== 'string') throw new BadRecord('"base64" must be a string')
    return Buffer.from(value.base64, 'base64')
  }
  return JSON.stringify(value)
}

function headers(value: unknown): readonly (readonly [string, Payload])[] {
  if (Array.isArray(value)) {
    return value.map((pair) => {
      if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') {
        throw new BadRecord('"headers" as an array holds [name, value] pairs')
      }
      return [pair[0], payload(pair[1])] as const
    })
  }
  if (typeof value !== 'object' || value === null) {
    throw new BadRecord('"headers" is an object or an array of [name, value] pairs')
  }
  return Object.entries(value).map(([name, content]) => [name, payload(content)] as const)
}

function wholeNumber(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new BadRecord(`"${field}" must be a whole number, 0 or above`)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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
