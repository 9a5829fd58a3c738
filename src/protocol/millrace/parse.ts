// Text frames to checked messages. Nothing past this file sees a message with a field missing or of
// the wrong type; records are checked where they are encoded.
import { fail, type Outcome, succeed } from '../../base/errors.js'
import {
  isChannel,
  isObject,
  isRequestId,
  isWhole,
  type JsonObject,
  type ParsedMessage,
  refuse,
} from './fields.js'
import { MAX_SEQUENCE } from './limits.js'
import { parseOpen } from './parse-open.js'
import { parseRequest } from './parse-request.js'

/** The frame as JSON objects; fails for what costs the socket. */
export function readTextFrame(text: string): Outcome<readonly JsonObject[]> {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    return fail(
      'INVALID_REQUEST',
      `the frame is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
    )
  }
  const messages: unknown[] = Array.isArray(content) ? content : [content]
  if (!messages.every(isObject)) {
    return fail('INVALID_REQUEST', 'a frame holds a JSON object or an array of objects')
  }
  return succeed(messages)
}

/** undefined: no known type, which costs the socket. */
export function parseMessage(fields: JsonObject): ParsedMessage | undefined {
  switch (fields.type) {
    case 'produce':
      return parseProduce(fields)
    case 'credit':
      return parseCredit(fields)
    case 'ping':
    case 'pong':
      return parseBeat(fields, fields.type)
    case 'open':
      return parseOpen(fields)
    case 'close':
      return isChannel(fields.channel)
        ? { ok: true, message: { type: 'close', channel: fields.channel } }
        : refuse(fields, 'channel must be a whole number of 0 to 4294967295')
    case 'hello':
      return { ok: true, message: { type: 'hello' } }
    case 'request':
      return parseRequest(fields)
    default:
      return undefined
  }
}

function parseProduce(fields: JsonObject): ParsedMessage {
  const { channel, partition, sequence, records } = fields
  if (!isChannel(channel)) return refuse(fields, 'channel must be a whole number')
  if (!isWhole(partition, MAX_SEQUENCE)) return refuse(fields, 'partition must be a whole number')
  if (!isWhole(sequence, MAX_SEQUENCE)) {
    return refuse(fields, 'sequence must be a whole number of 0 to 2147483647')
  }
  if (!Array.isArray(records) || records.length === 0) {
    return refuse(fields, 'records must be an array of at least one record')
  }
  return { ok: true, message: { type: 'produce', channel, partition, sequence, records } }
}

function parseCredit(fields: JsonObject): ParsedMessage {
  const { channel, bytes } = fields
  if (!isChannel(channel)) return refuse(fields, 'channel must be a whole number')
  if (!isWhole(bytes)) return refuse(fields, 'bytes must be a whole number')
  return { ok: true, message: { type: 'credit', channel, bytes } }
}

function parseBeat(fields: JsonObject, type: 'ping' | 'pong'): ParsedMessage {
  const { id } = fields
  return isRequestId(id) ? { ok: true, message: { type, id } } : { ok: true, message: { type } }
}
