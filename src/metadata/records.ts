// What the metadata store holds, value by value. Each is JSON with a format number; a reader takes
// exactly what it knows and refuses the rest, with the key in the reason.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { BrokerEndpoint } from './image.js'
import {
  boolean,
  type Fields,
  integer,
  list,
  map,
  object,
  optional,
  text,
} from './record-fields.js'

export const RECORD_FORMAT = 1

export interface ClusterRecord {
  readonly clusterId: string
  /** 32 secret bytes in base64url: signs what clients keep of a producer's identity. */
  readonly identityKey: string
}

export interface ControllerEpochRecord {
  readonly epoch: number
  readonly brokerId: number
}

export interface BrokerRecord {
  readonly id: number
  readonly rack: string | undefined
  readonly endpoints: readonly BrokerEndpoint[]
}

/** Where a partition's replicas are, and on which of each broker's directories. */
export interface ReplicaAssignment {
  readonly replicas: readonly number[]
  /** Directory ids, in the order of `replicas`. */
  readonly directories: readonly string[]
}

export interface TopicRecord {
  readonly id: string
  readonly name: string
  /** A tombstone: the name is free, the folders are on their way out. */
  readonly isDeleted: boolean
  readonly configs: Readonly<Record<string, string>>
  /** Index i is partition i. Its first leader is its first replica, in epoch 0, all in sync. */
  readonly partitions: readonly ReplicaAssignment[]
}

export interface PartitionRecord {
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly inSyncReplicas: readonly number[]
  readonly controllerEpoch: number
}

export interface ProducerIdsRecord {
  /** In no block handed out so far. */
  readonly nextProducerId: number
}

interface Codec<T> {
  encode(record: T): Uint8Array
  /** `key` is for the reason of a refusal. */
  decode(key: string, value: Uint8Array): Outcome<T>
}

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

function codec<T extends object>(fields: Fields<T>): Codec<T> {
  const read = object(fields)
  return {
    encode: (record) => utf8.encode(JSON.stringify({ format: RECORD_FORMAT, ...record })),
    decode(key, value) {
      try {
        const json: unknown = JSON.parse(strictUtf8.decode(value))
        const format = object({ format: integer })(json, 'the record').format
        if (format > RECORD_FORMAT) {
          const reason = `format ${format}, and this program knows formats up to ${RECORD_FORMAT}`
          return fail('STORAGE_FAILED', `the metadata under ${key} has ${reason}`)
        }
        return succeed(read(json, 'the record'))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        return fail('STORAGE_FAILED', `the metadata under ${key} cannot be read: ${reason}`)
      }
    },
  }
}

export const clusterCodec = codec<ClusterRecord>({ clusterId: text, identityKey: text })

export const controllerEpochCodec = codec<ControllerEpochRecord>({
  epoch: integer,
  brokerId: integer,
})

export const brokerCodec = codec<BrokerRecord>({
  id: integer,
  rack: optional(text),
  endpoints: list(object<BrokerEndpoint>({ listener: text, host: text, port: integer })),
})

export const topicCodec = codec<TopicRecord>({
  id: text,
  name: text,
  isDeleted: boolean,
  configs: map(text),
  partitions: list(object<ReplicaAssignment>({ replicas: list(integer), directories: list(text) })),
})

export const partitionCodec = codec<PartitionRecord>({
  leaderId: integer,
  leaderEpoch: integer,
  inSyncReplicas: list(integer),
  controllerEpoch: integer,
})

export const producerIdsCodec = codec<ProducerIdsRecord>({ nextProducerId: integer })
