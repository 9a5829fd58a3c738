// A cluster's state for tests of decisions: brokers that are let in, and one topic.
import assert from 'node:assert/strict'
import { ClusterState } from '../../src/metadata/cluster-state.js'
import type { BrokerStateRecord, PartitionRecord } from '../../src/metadata/records.js'

/** The id of the topic `orders`. */
export const TOPIC = 'tttttttttttttttttttttt'

export const brokerState = (change: Partial<BrokerStateRecord> = {}): BrokerStateRecord => ({
  epoch: 1,
  incarnation: 'one',
  isFenced: false,
  isDraining: false,
  isDrained: false,
  isForgotten: false,
  rack: undefined,
  endpoints: [],
  stoppedCleanly: true,
  mayLackRecords: false,
  directories: [],
  ...change,
})

export function register(state: ClusterState, id: number, change: Partial<BrokerStateRecord> = {}) {
  const record = brokerState(change)
  const { epoch } = record
  const broker = { id, epoch, rack: undefined, endpoints: [], interBroker: undefined }
  state.replay({ type: 'broker', record: broker })
  state.replay({ type: 'broker-state', brokerId: id, record })
}

export function clusterWith(
  brokers: readonly number[],
  partitions: readonly (readonly number[])[],
): ClusterState {
  const state = new ClusterState()
  for (const id of brokers) register(state, id)
  const record = {
    id: TOPIC,
    name: 'orders',
    isDeleted: false,
    configs: {},
    partitions: partitions.map((replicas) => ({ replicas, directories: [] })),
  }
  state.replay({ type: 'topic', record })
  return state
}

export function partitionOf(state: ClusterState, index = 0): PartitionRecord {
  const topic = state.topicById(TOPIC)
  assert.ok(topic)
  return state.partition(topic, index)
}
