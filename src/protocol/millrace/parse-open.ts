// open: a producer or reader channel.
import {
  isChannel,
  isObject,
  isWhole,
  type JsonObject,
  type ParsedMessage,
  refuse,
} from './fields.js'
import { MAX_PARTITIONS, MAX_SEQUENCE, MAX_TOPIC_NAME_CHARACTERS } from './limits.js'
import type { ByPartition, Identity, OpenReaderMessage, StartPosition } from './messages.js'

export function parseOpen(fields: JsonObject): ParsedMessage {
  const { channel, kind, topic } = fields
  if (!isChannel(channel))
    return refuse(fields, 'channel must be a whole number of 0 to 4294967295')
  if (!isTopicName(topic)) return refuse(fields, 'topic must be a string of 1 to 249 characters')
  if (kind === 'producer') return parseProducer(fields, channel, topic)
  if (kind === 'reader') return parseReader(fields, channel, topic)
  return refuse(fields, 'kind must be "producer" or "reader"')
}

export function isTopicName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TOPIC_NAME_CHARACTERS
}

function parseProducer(fields: JsonObject, channel: number, topic: string): ParsedMessage {
  const { durability = 'leader', identity, acknowledged } = fields
  if (durability !== 'none' && durability !== 'leader' && durability !== 'all') {
    return refuse(fields, 'durability must be "none", "leader" or "all"')
  }
  if (identity !== undefined && !isIdentity(identity)) {
    return refuse(fields, 'identity must be {producerId, epoch, secret}')
  }
  if (acknowledged !== undefined && !isByPartition(acknowledged, MAX_SEQUENCE)) {
    return refuse(fields, 'acknowledged must map partition numbers to sequences')
  }
  const message = { type: 'open', channel, kind: 'producer', topic, durability } as const
  return {
    ok: true,
    message: {
      ...message,
      ...(identity === undefined ? {} : { identity }),
      ...(acknowledged === undefined ? {} : { acknowledged }),
    },
  }
}

function parseReader(fields: JsonObject, channel: number, topic: string): ParsedMessage {
  const { partitions, from = 'earliest', isolation = 'uncommitted' } = fields
  const { format = 'json', values = 'json', credit } = fields
  if (partitions !== undefined && !isPartitionList(partitions)) {
    return refuse(fields, `partitions must be up to ${MAX_PARTITIONS} different partition numbers`)
  }
  if (!isStartPosition(from)) {
    return refuse(
      fields,
      'from must be "earliest", "latest", {offset}, {offsets}, {timestamp} or {cursor}',
    )
  }
  if (isolation !== 'uncommitted' && isolation !== 'committed') {
    return refuse(fields, 'isolation must be "uncommitted" or "committed"')
  }
  if (format !== 'json' && format !== 'binary') {
    return refuse(fields, 'format must be "json" or "binary"')
  }
  if (values !== 'json' && values !== 'base64') {
    return refuse(fields, 'values must be "json" or "base64"')
  }
  if (!isObject(credit) || !isWhole(credit.bytes)) return refuse(fields, 'credit must be {bytes}')
  const base = { type: 'open', channel, kind: 'reader', topic, from, isolation } as const
  const message: OpenReaderMessage = {
    ...base,
    format,
    values,
    credit: { bytes: credit.bytes },
  }
  return { ok: true, message: partitions === undefined ? message : { ...message, partitions } }
}

function isIdentity(value: unknown): value is Identity {
  return (
    isObject(value) &&
    isWhole(value.producerId) &&
    isWhole(value.epoch, 32_767) &&
    typeof value.secret === 'string'
  )
}

function isByPartition(value: unknown, max?: number): value is ByPartition {
  if (!isObject(value)) return false
  const entries = Object.entries(value)
  return entries.every(([name, number]) => /^\d{1,10}$/.test(name) && isWhole(number, max))
}

function isPartitionList(value: unknown): value is number[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_PARTITIONS) return false
  return value.every((n) => isWhole(n, MAX_SEQUENCE)) && new Set(value).size === value.length
}

function isStartPosition(value: unknown): value is StartPosition {
  if (value === 'earliest' || value === 'latest') return true
  if (!isObject(value)) return false
  const names = Object.keys(value)
  if (names.length !== 1) return false
  switch (names[0]) {
    case 'offset':
      return isWhole(value.offset)
    case 'offsets':
      return isByPartition(value.offsets)
    case 'timestamp':
      return isWhole(value.timestamp)
    default:
      return names[0] === 'cursor' && typeof value.cursor === 'string'
  }
}
