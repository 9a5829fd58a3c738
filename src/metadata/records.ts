// What the metadata store holds, value by value. Each is JSON with a format number; a reader takes
// exactly what it knows and refuses the rest, with the key in the reason.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { BrokerEndpoint, HostPort } from './image.js'
import {
  boolean,
  type Fields,
  integer,
  list,
  map,
  object,
  optional,
  optionalOr,
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

/** Who is the controller, as long as its session lives. */
export interface ControllerRecord {
  readonly brokerId: number
  /** That of the key beside it when it was elected. */
  readonly epoch: number
}

/** A broker that is there, as long as its session lives. */
export interface BrokerRecord {
  readonly id: number
  /** Of its registration: BrokerStateRecord.epoch when it came. */
  readonly epoch: number
  readonly rack: string | undefined
  /** What clients are told. */
  readonly endpoints: readonly BrokerEndpoint[]
  /** Where other brokers reach it; undefined: it serves alone. */
  readonly interBroker: HostPort | undefined
}

/** What outlives a broker's sessions; never deleted, so that its epoch never begins again. */
export interface BrokerStateRecord {
  /** Counts the registrations of this broker id. */
  readonly epoch: number
  /** Made anew by each process: tells two brokers with one id apart. */
  readonly incarnation: string
  /** It leads nothing and is in no in-sync set until the controller has let it in. */
  readonly isFenced: boolean
  /** It is about to stop: it keeps no leadership that another can take. */
  readonly isDraining: boolean
  /** Somebody asked that it leads nothing that others can, and gets no new replicas, until that is taken back. */
  readonly isDrained: boolean
  /** Somebody said that it will not come back (KIP-631): nobody is told of it while it is not there. */
  readonly isForgotten: boolean
  /** As it registered last. */
  readonly rack: string | undefined
  readonly endpoints: readonly BrokerEndpoint[]
  /** The process before this one closed its logs. */
  readonly stoppedCleanly: boolean
  /**
   * Since its last registration it may have lost records that it had acknowledged (an unclean stop
   * without a sync, a directory that is new): it stands in no in-sync set until it has caught up.
   */
  readonly mayLackRecords: boolean
  /** Ids of its data directories. */
  readonly directories: readonly string[]
}

/** Replicas that a broker holds and cannot serve, as long as its session lives. */
export interface UnavailableRecord {
  /** Indexes by topic id. */
  readonly partitions: Readonly<Record<string, readonly number[]>>
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
  /**
   * Not in sync, but they hold everything that was committed: the in-sync set fell below
   * min.insync.replicas while they left it, and nothing is committed below that (KIP-966).
   */
  readonly eligibleLeaders: readonly number[]
  /** They held everything too, and may have lost the end of it in an unclean stop since. */
  readonly uncertainReplicas: readonly number[]
  /** undefined: those of the topic's record. */
  readonly replicas: readonly number[] | undefined
  /** Of a reassignment that is under way: parts of `replicas`. */
  readonly addingReplicas: readonly number[]
  readonly removingReplicas: readonly number[]
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

export const controllerCodec = codec<ControllerRecord>({ brokerId: integer, epoch: integer })

const endpoints = list(object<BrokerEndpoint>({ listener: text, host: text, port: integer }))

export const brokerCodec = codec<BrokerRecord>({
  id: integer,
  epoch: integer,
  rack: optional(text),
  endpoints,
  interBroker: optional(object<HostPort>({ host: text, port: integer })),
})

export const brokerStateCodec = codec<BrokerStateRecord>({
  epoch: integer,
  incarnation: text,
  isFenced: boolean,
  isDraining: boolean,
  isDrained: boolean,
  isForgotten: boolean,
  rack: optional(text),
  endpoints,
  stoppedCleanly: boolean,
  mayLackRecords: boolean,
  directories: list(text),
})

export const unavailableCodec = codec<UnavailableRecord>({ partitions: map(list(integer)) })

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
  eligibleLeaders: optionalOr(list(integer), []),
  uncertainReplicas: optionalOr(list(integer), []),
  replicas: optional(list(integer)),
  addingReplicas: optionalOr(list(integer), []),
  removingReplicas: optionalOr(list(integer), []),
  controllerEpoch: integer,
})

export const producerIdsCodec = codec<ProducerIdsRecord>({ nextProducerId: integer })
