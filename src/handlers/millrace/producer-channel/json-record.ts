// One record of a JSON produce message, checked and turned into bytes.
import { fail, type Outcome, succeed } from '../../../base/errors.js'
import { isObject, isWhole } from '../../../protocol/millrace/fields.js'
import { jsonToContent, jsonToHeaders } from '../../../protocol/millrace/json-bytes.js'
import { MAX_HEADERS, MAX_RECORD_BYTES } from '../../../protocol/millrace/limits.js'
import type { RecordHeader } from '../../../protocol/records/batch-format.js'
import type { PackedRecord } from './packed-record.js'

const NO_HEADERS: readonly RecordHeader[] = []

export function readJsonRecord(given: unknown, arrivalMs: number): Outcome<PackedRecord> {
  if (!isObject(given)) return fail('INVALID_RECORD', 'a record must be an object')
  for (const name in given) {
    if (name !== 'key' && name !== 'value' && name !== 'headers' && name !== 'timestamp') {
      return fail('INVALID_RECORD', `a record has no field ${JSON.stringify(name.slice(0, 64))}`)
    }
  }
  const key = jsonToContent(given.key)
  if (key === undefined) return fail('INVALID_RECORD', 'the key is not base64')
  const value = jsonToContent(given.value)
  if (value === undefined) return fail('INVALID_RECORD', 'the value is not base64')
  const { timestamp = arrivalMs } = given
  if (!isWhole(timestamp)) {
    return fail('INVALID_RECORD', 'timestamp must be milliseconds as a whole number')
  }
  let headers = NO_HEADERS
  let sizeBytes = (key?.length ?? 0) + (value?.length ?? 0)
  if (given.headers !== undefined) {
    const read = jsonToHeaders(given.headers)
    if (!read.ok) return read
    headers = read.value
    if (headers.length > MAX_HEADERS) {
      return fail('INVALID_RECORD', `a record may have ${MAX_HEADERS} headers at most`)
    }
    for (const header of headers) sizeBytes += header.key.length + (header.value?.length ?? 0)
  }
  if (sizeBytes > MAX_RECORD_BYTES) {
    return fail('RECORD_TOO_LARGE', `the record has ${sizeBytes} bytes of ${MAX_RECORD_BYTES}`)
  }
  return succeed({ timestampMs: timestamp, key, value, headers })
}
