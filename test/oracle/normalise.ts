// What of an answer is compared. Left out is what no two brokers have in common: ids, hosts, ports,
// folders, the time of day; and texts for people, which are ours.
import { readBatchHeader } from '../../src/protocol/records/batch-header.js'
import { splitBatches } from '../../src/protocol/records/split-batches.js'
import { ZERO_UUID } from '../../src/protocol/uuid.js'

type Mask = (value: unknown) => unknown

const always =
  (name: string): Mask =>
  () =>
    name
const unless =
  (name: string, ...values: readonly unknown[]): Mask =>
  (value) =>
    values.includes(value) ? value : name

const masks: Readonly<Record<string, Mask>> = {
  topicId: unless('an id', ZERO_UUID),
  clusterId: unless('an id', null),
  sessionId: unless('a session', 0),
  host: unless('a host', ''),
  port: unless('a port', -1),
  logDir: always('a folder'),
  totalBytes: unless('bytes', -1),
  usableBytes: unless('bytes', -1),
  logAppendTimeMs: unless('a time', -1),
  errorMessage: unless('words', null),
  batchIndexErrorMessage: unless('words', null),
  documentation: unless('words', null),
}

/** A copy of a decoded answer that can be compared with another broker's. */
export function masked(value: unknown): unknown {
  if (isChunks(value)) return batches(value)
  if (Array.isArray(value)) return [...value].sort(byName).map(masked)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, (masks[name] ?? masked)(field)]),
  )
}

/**
 * Topics by name, partitions by number. Kafka answers some requests in the order of a hash map and
 * shuffles the answers of others, so that no client may depend on it.
 */
function byName(one: unknown, other: unknown): number {
  const left = keyOf(one)
  const right = keyOf(other)
  return left < right ? -1 : left > right ? 1 : 0
}

function keyOf(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return ''
  const fields: Partial<Record<string, unknown>> = { ...entry }
  const name = fields.name ?? fields.topic ?? fields.resourceName ?? fields.key ?? ''
  const index = fields.partitionIndex ?? fields.index ?? fields.partition ?? ''
  return `${name}/${String(index).padStart(12)}/${fields.errorCode ?? ''}`
}

function isChunks(value: unknown): value is readonly Uint8Array[] {
  return Array.isArray(value) && value.length > 0 && value[0] instanceof Uint8Array
}

/** A batch that is cut off at the end is left out: every client drops it. */
function batches(chunks: readonly Uint8Array[]): unknown {
  return Array.from(splitBatches(chunks), (batch) => {
    const { crc, ...header } = readBatchHeader(batch)
    if (header.isLogAppendTime) return { ...header, maxTimestampMs: 'a time' }
    return { ...header, crc, records: Buffer.from(batch.subarray(61)).toString('base64') }
  })
}
