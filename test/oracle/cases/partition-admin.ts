// AlterPartitionReassignments, ListPartitionReassignments, ElectLeaders, as far as one broker can be asked.
import { alterPartitionReassignments } from '../../../src/protocol/messages/alter-partition-reassignments.js'
import { electLeaders } from '../../../src/protocol/messages/elect-leaders.js'
import { listPartitionReassignments } from '../../../src/protocol/messages/list-partition-reassignments.js'
import { unregisterBroker } from '../../../src/protocol/messages/unregister-broker.js'
import type { OracleCase } from '../probe.js'
import { everyVersion } from './versions.js'

const TIMEOUT_MS = 10_000
const PREFERRED = 0
const UNCLEAN = 1

const reassigning = everyVersion(
  alterPartitionReassignments,
  'one broker',
  async (broker, version, name) => {
    await broker.createTopic(name, { partitions: 2 })
    const ask = async (topic: string, index: number, replicas: number[] | null, note: string) => {
      const topics = [{ name: topic, partitions: [{ partitionIndex: index, replicas }] }]
      const request = { timeoutMs: TIMEOUT_MS, topics }
      await broker.ask(alterPartitionReassignments, version, request, note)
    }
    await ask(name, 0, [1], 'to where it is')
    await ask(name, 0, null, 'nothing to stop')
    await ask(name, 7, [1], 'no such partition')
    await ask(`${name}-no`, 0, [1], 'no such topic')
    await broker.ask(
      alterPartitionReassignments,
      version,
      { timeoutMs: TIMEOUT_MS, topics: [] },
      'nothing',
    )
  },
)

const listing = everyVersion(
  listPartitionReassignments,
  'one broker',
  async (broker, version, name) => {
    await broker.createTopic(name, { partitions: 2 })
    const ask = (topics: { name: string; partitionIndexes: number[] }[] | null, note: string) =>
      broker.ask(listPartitionReassignments, version, { timeoutMs: TIMEOUT_MS, topics }, note)
    await ask(null, 'all')
    await ask([{ name, partitionIndexes: [0, 1, 9] }], 'by name')
    await ask([{ name: `${name}-no`, partitionIndexes: [0] }], 'no such topic')
  },
)

const electing = everyVersion(electLeaders, 'one broker', async (broker, version, name) => {
  await broker.createTopic(name, { partitions: 2 })
  const ask = async (topic: string, partitions: number[], electionType: number, note: string) => {
    const request = {
      electionType,
      topicPartitions: [{ topic, partitions }],
      timeoutMs: TIMEOUT_MS,
    }
    await broker.ask(electLeaders, version, request, note)
  }
  await ask(name, [0, 1], PREFERRED, 'preferred')
  await ask(name, [7], PREFERRED, 'no such partition')
  await ask(`${name}-no`, [0], PREFERRED, 'no such topic')
  if (version > 0) await ask(name, [0], UNCLEAN, 'unclean')
})

const forgetting = everyVersion(
  unregisterBroker,
  'one that nobody knows',
  async (broker, version) => {
    await broker.ask(unregisterBroker, version, { brokerId: 99 }, 'no such broker')
  },
)

export const partitionAdminCases: readonly OracleCase[] = [
  ...reassigning,
  ...listing,
  ...electing,
  ...forgetting,
]
