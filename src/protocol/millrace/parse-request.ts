// request: one of the operations on topics.
import {
  isObject,
  isRequestId,
  isWhole,
  type JsonObject,
  type ParsedMessage,
  refuse,
} from './fields.js'
import { MAX_SEQUENCE } from './limits.js'
import type { TopicRequest } from './messages.js'
import { isTopicName } from './parse-open.js'

export function parseRequest(fields: JsonObject): ParsedMessage {
  const { id } = fields
  if (!isRequestId(id)) return refuse(fields, 'id must be a number or a string of 64 characters')
  const request = parseOperation(fields)
  return typeof request === 'string'
    ? refuse(fields, request)
    : { ok: true, message: { type: 'request', id, ...request } }
}

function parseOperation(fields: JsonObject): TopicRequest | string {
  const { op, topic } = fields
  if (op === 'listTopics') return { op }
  if (op !== 'createTopic' && op !== 'deleteTopic' && op !== 'describeTopic') {
    return 'op must be createTopic, deleteTopic, listTopics or describeTopic'
  }
  if (!isTopicName(topic)) return 'topic must be a string of 1 to 249 characters'
  return op === 'createTopic' ? parseCreateTopic(fields, topic) : { op, topic }
}

function parseCreateTopic(fields: JsonObject, topic: string): TopicRequest | string {
  const { partitions, configs } = fields
  if (partitions !== undefined && (!isWhole(partitions, MAX_SEQUENCE) || partitions === 0)) {
    return 'partitions must be a whole number above 0'
  }
  if (configs !== undefined && !isTextMap(configs)) {
    return 'configs must map names to strings'
  }
  return {
    op: 'createTopic',
    topic,
    ...(partitions === undefined ? {} : { partitions }),
    ...(configs === undefined ? {} : { configs }),
  }
}

function isTextMap(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((entry) => typeof entry === 'string')
}
