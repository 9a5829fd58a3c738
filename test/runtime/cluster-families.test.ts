// What a broker tells of its cluster in metrics.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MetadataImage, type PartitionImage } from '../../src/metadata/image.js'
import { clusterFamilies } from '../../src/runtime/cluster-families.js'

const partition = (index: number, change: Partial<PartitionImage> = {}): PartitionImage => ({
  index,
  leaderId: 1,
  leaderEpoch: 0,
  replicas: [1, 2, 3],
  inSyncReplicas: [1, 2, 3],
  eligibleLeaders: [],
  logHandle: index,
  ...change,
})

const broker = (id: number) => ({
  id,
  rack: undefined,
  endpoints: [],
  epoch: 1,
  isDraining: false,
  isDrained: false,
  interBroker: undefined,
})

const progress = (brokerId: number, endOffset: number, lagMs: number) => ({
  brokerId,
  endOffset,
  durableOffset: endOffset,
  lagMs,
  mayJoin: true,
  counts: true,
  confirmedMs: 0,
})

test('counts what it leads and follows, what is amiss, and how far followers are behind', () => {
  const image = MetadataImage.empty.apply({
    version: 1,
    controllerId: 1,
    brokers: [broker(1), broker(2)],
    topicsChanged: [
      {
        name: 't',
        id: 'tttttttttttttttttttttt',
        isInternal: false,
        configs: { 'min.insync.replicas': '2' },
        partitions: [
          partition(0),
          partition(1, { inSyncReplicas: [1, 2] }),
          partition(2, { inSyncReplicas: [1] }),
          partition(3, { leaderId: 2 }),
          partition(4, { leaderId: -1 }),
          partition(5, { leaderId: 2, replicas: [2, 3], inSyncReplicas: [2, 3] }),
        ],
      },
    ],
  })
  const families = clusterFamilies({
    brokerId: 1,
    image,
    defaultMinInSync: 1,
    led: (handle) =>
      handle === 2
        ? undefined
        : { endOffset: 100, replicas: [progress(2, 100 - handle, 0), progress(3, -1, 1500)] },
  })
  const told = families.map(({ name, samples }) => [
    name.replace('millrace_', ''),
    samples.map(({ labels, value }) => [...Object.values(labels), value].join(' ')).join(),
  ])
  assert.deepEqual(Object.fromEntries(told), {
    cluster_brokers: '2',
    cluster_is_controller: '1',
    cluster_leaderless_partitions: '1',
    partitions_led: '3',
    partitions_followed: '2',
    partitions_under_replicated: '2',
    partitions_under_min_isr: '1',
    replica_lag_records: '2 1,3 100',
    replica_lag_seconds: '2 0,3 1.5',
  })
})
