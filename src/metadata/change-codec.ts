// Each change of the cluster's state as a key and a value of the metadata store, and back.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Change } from './cluster-state.js'
import {
  BROKER_STATES_PREFIX,
  BROKERS_PREFIX,
  brokerIdOf,
  brokerKey,
  brokerStateKey,
  CLUSTER_KEY,
  CONTROLLER_EPOCH_KEY,
  CONTROLLER_KEY,
  PARTITIONS_PREFIX,
  PRODUCER_IDS_KEY,
  partitionKey,
  partitionOf,
  TOPICS_PREFIX,
  topicIdOf,
  topicKey,
  UNAVAILABLE_PREFIX,
  unavailableKey,
} from './keys.js'
import {
  brokerCodec,
  brokerStateCodec,
  clusterCodec,
  controllerCodec,
  controllerEpochCodec,
  partitionCodec,
  producerIdsCodec,
  topicCodec,
  unavailableCodec,
} from './records.js'

export interface KeyValue {
  readonly key: string
  /** undefined: the key is deleted. */
  readonly value: Uint8Array | undefined
}

export function encodeChange(change: Change): KeyValue {
  switch (change.type) {
    case 'cluster':
      return { key: CLUSTER_KEY, value: clusterCodec.encode(change.record) }
    case 'controller-epoch':
      return { key: CONTROLLER_EPOCH_KEY, value: controllerEpochCodec.encode(change.record) }
    case 'controller':
      return { key: CONTROLLER_KEY, value: controllerCodec.encode(change.record) }
    case 'controller-gone':
      return { key: CONTROLLER_KEY, value: undefined }
    case 'broker':
      return { key: brokerKey(change.record.id), value: brokerCodec.encode(change.record) }
    case 'broker-gone':
      return { key: brokerKey(change.brokerId), value: undefined }
    case 'broker-state':
      return { key: brokerStateKey(change.brokerId), value: brokerStateCodec.encode(change.record) }
    case 'unavailable':
      return { key: unavailableKey(change.brokerId), value: unavailableCodec.encode(change.record) }
    case 'unavailable-gone':
      return { key: unavailableKey(change.brokerId), value: undefined }
    case 'producer-ids':
      return { key: PRODUCER_IDS_KEY, value: producerIdsCodec.encode(change.record) }
    default:
      return encodeTopicChange(change)
  }
}

type TopicChange = Extract<
  Change,
  { type: 'topic' | 'topic-forgotten' | 'partition' | 'partition-forgotten' }
>

function encodeTopicChange(change: TopicChange): KeyValue {
  switch (change.type) {
    case 'topic':
      return { key: topicKey(change.record.id), value: topicCodec.encode(change.record) }
    case 'topic-forgotten':
      return { key: topicKey(change.topicId), value: undefined }
    case 'partition': {
      const { topicId, index, record } = change
      return { key: partitionKey(topicId, index), value: partitionCodec.encode(record) }
    }
    case 'partition-forgotten':
      return { key: partitionKey(change.topicId, change.index), value: undefined }
  }
}

/** undefined: a key of a later version, which this one need not know. */
export function decodeChange({ key, value }: KeyValue): Outcome<Change> | undefined {
  if (value === undefined) return goneChange(key)
  if (key === CLUSTER_KEY) return as(clusterCodec.decode(key, value), 'cluster')
  if (key === CONTROLLER_KEY) return as(controllerCodec.decode(key, value), 'controller')
  if (key === PRODUCER_IDS_KEY) return as(producerIdsCodec.decode(key, value), 'producer-ids')
  if (key === CONTROLLER_EPOCH_KEY) {
    return as(controllerEpochCodec.decode(key, value), 'controller-epoch')
  }
  if (key.startsWith(TOPICS_PREFIX)) return as(topicCodec.decode(key, value), 'topic')
  if (key.startsWith(BROKERS_PREFIX)) return as(brokerCodec.decode(key, value), 'broker')
  if (key.startsWith(BROKER_STATES_PREFIX)) {
    const record = brokerStateCodec.decode(key, value)
    return ofBroker(record, brokerIdOf(key, BROKER_STATES_PREFIX), 'broker-state')
  }
  if (key.startsWith(UNAVAILABLE_PREFIX)) {
    const record = unavailableCodec.decode(key, value)
    return ofBroker(record, brokerIdOf(key, UNAVAILABLE_PREFIX), 'unavailable')
  }
  if (!key.startsWith(PARTITIONS_PREFIX)) return undefined
  const place = partitionOf(key)
  if (place === undefined) return fail('STORAGE_FAILED', `${key} is no partition's key`)
  const record = partitionCodec.decode(key, value)
  return record.ok ? succeed({ type: 'partition', ...place, record: record.value }) : record
}

function goneChange(key: string): Outcome<Change> | undefined {
  if (key === CONTROLLER_KEY) return succeed({ type: 'controller-gone' })
  if (key.startsWith(TOPICS_PREFIX)) {
    return succeed({ type: 'topic-forgotten', topicId: topicIdOf(key) })
  }
  if (key.startsWith(PARTITIONS_PREFIX)) {
    const place = partitionOf(key)
    return place && succeed({ type: 'partition-forgotten', ...place })
  }
  const brokerId = brokerIdOf(key, BROKERS_PREFIX)
  if (key.startsWith(BROKERS_PREFIX) && brokerId !== undefined) {
    return succeed({ type: 'broker-gone', brokerId })
  }
  const holder = brokerIdOf(key, UNAVAILABLE_PREFIX)
  if (key.startsWith(UNAVAILABLE_PREFIX) && holder !== undefined) {
    return succeed({ type: 'unavailable-gone', brokerId: holder })
  }
  return undefined
}

function ofBroker<T, R>(
  record: Outcome<R>,
  brokerId: number | undefined,
  type: T,
): Outcome<{ type: T; brokerId: number; record: R }> {
  if (brokerId === undefined) return fail('STORAGE_FAILED', `a key of ${type} names no broker`)
  return record.ok ? succeed({ type, brokerId, record: record.value }) : record
}

function as<T, R>(outcome: Outcome<R>, type: T): Outcome<{ type: T; record: R }> {
  return outcome.ok ? succeed({ type, record: outcome.value }) : outcome
}
