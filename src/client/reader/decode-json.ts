// Records that the broker unpacked for this client and sent as JSON, with all bytes as base64.
import { jsonToBytes, jsonToHeaders } from '../../protocol/millrace/json-bytes.js'
import type { DeliverMessage } from '../../protocol/millrace/messages.js'
import type { ReceivedRecord } from '../options.js'

export function decodeJson(
  message: DeliverMessage,
  topic: string,
  range: { from: number; to: number },
): ReceivedRecord[] {
  const records: ReceivedRecord[] = []
  for (const { offset, timestamp, key, value, headers } of message.records) {
    if (offset < range.from || offset >= range.to) continue
    const read = jsonToHeaders(headers)
    records.push({
      topic,
      partition: message.partition,
      offset,
      timestamp,
      key: jsonToBytes(key) ?? null,
      value: jsonToBytes(value) ?? null,
      headers: read.ok ? read.value.map((pair) => [pair.key, pair.value] as const) : [],
    })
  }
  return records
}
