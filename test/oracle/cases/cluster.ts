// ApiVersions, DescribeCluster, DescribeLogDirs, DescribeProducers, InitProducerId, FindCoordinator.
import { apiVersions } from '../../../src/protocol/messages/api-versions.js'
import { describeCluster } from '../../../src/protocol/messages/describe-cluster.js'
import { describeLogDirs } from '../../../src/protocol/messages/describe-log-dirs.js'
import { describeProducers } from '../../../src/protocol/messages/describe-producers.js'
import { findCoordinator } from '../../../src/protocol/messages/find-coordinator.js'
import { initProducerId } from '../../../src/protocol/messages/init-producer-id.js'
import type { OracleCase } from '../probe.js'
import { batchOf } from './batches.js'
import { send } from './produce.js'
import { everyVersion, inVersion } from './versions.js'

const software = { clientSoftwareName: 'oracle', clientSoftwareVersion: '1.0' }

export const clusterCases: readonly OracleCase[] = [
  ...everyVersion(apiVersions, 'ranges', async (broker, version) => {
    const { apiKeys = [], ...rest } =
      (await broker.askQuietly(apiVersions, version, software)) ?? {}
    broker.note('the rest', rest)
    const ranges = apiKeys.map(({ apiKey, minVersion, maxVersion }) => [
      `api ${apiKey}`,
      `${minVersion}-${maxVersion}`,
    ])
    broker.note('ranges', Object.fromEntries(ranges))
  }),
  ...[3, 4].map((version) =>
    inVersion(apiVersions, version, 'software names', async (broker) => {
      for (const name of ['', '-a', 'a b', 'ä', 'a-b.c', 'a'.repeat(1000)]) {
        await broker
          .ask(
            apiVersions,
            version,
            { clientSoftwareName: name, clientSoftwareVersion: '1' },
            name.slice(0, 10),
          )
          .then(() => {
            const last = broker.transcript.pop()
            const answer = last?.answer as { errorCode?: number; apiKeys?: unknown[] } | undefined
            broker.note(name.slice(0, 10), {
              errorCode: answer?.errorCode,
              some: (answer?.apiKeys?.length ?? 0) > 0,
            })
          })
      }
    }),
  ),
  ...everyVersion(describeCluster, 'endpoints', async (broker, version) => {
    await broker.ask(describeCluster, version, { includeClusterAuthorizedOperations: false })
    await broker.ask(
      describeCluster,
      version,
      { includeClusterAuthorizedOperations: true },
      'operations',
    )
    if (version >= 1) {
      for (const endpointType of [2, 0, 9]) {
        await broker.ask(
          describeCluster,
          version,
          { includeClusterAuthorizedOperations: false, endpointType },
          `type ${endpointType}`,
        )
      }
    }
    if (version >= 2)
      await broker.ask(
        describeCluster,
        version,
        { includeClusterAuthorizedOperations: false, includeFencedBrokers: true },
        'fenced',
      )
  }),
  ...everyVersion(describeLogDirs, 'topics', async (broker, version, name) => {
    await broker.createTopic(name, { partitions: 2 })
    await send(broker, { name, records: batchOf(['a', 'b']) })
    const ask = async (topics: { topic: string; partitions: number[] }[] | null, note: string) => {
      await broker.ask(describeLogDirs, version, { topics }, note)
    }
    await ask([{ topic: name, partitions: [0] }], 'one')
    await ask([{ topic: name, partitions: [0, 7] }], 'one that is not there')
    await ask([{ topic: `${name}-no`, partitions: [0] }], 'no such topic')
    await ask([{ topic: name, partitions: [] }], 'no partitions')
    await ask([], 'nothing')
  }),
  inVersion(describeProducers, 0, 'producers', async (broker, version, name) => {
    await broker.createTopic(name, { partitions: 2 })
    await send(broker, {
      name,
      records: batchOf(['a'], { producerId: 31, producerEpoch: 2, baseSequence: 0 }),
    })
    await send(broker, {
      name,
      records: batchOf(['a', 'b'], { producerId: 31, producerEpoch: 2, baseSequence: 1 }),
    })
    await broker.ask(describeProducers, version, {
      topics: [{ name, partitionIndexes: [0, 1, 5] }],
    })
    await broker.ask(
      describeProducers,
      version,
      {
        topics: [
          { name: `${name}-no`, partitionIndexes: [0] },
          { name: 'a/b', partitionIndexes: [0] },
          { name, partitionIndexes: [] },
        ],
      },
      'odd',
    )
    await broker.ask(describeProducers, version, { topics: [] }, 'nothing')
  }),
  ...everyVersion(initProducerId, 'idempotent', async (broker, version) => {
    await broker.until('it has ids to give', async () => {
      const draft = { transactionalId: null, transactionTimeoutMs: 1000 }
      return (await broker.askQuietly(initProducerId, version, draft))?.errorCode === 0
    })
    const ask = async (more: object, note: string) => {
      const answer = await broker.askQuietly(initProducerId, version, {
        transactionalId: null,
        transactionTimeoutMs: 1000,
        ...more,
      })
      broker.note(
        note,
        answer && { ...answer, producerId: answer.producerId < 0 ? answer.producerId : 'an id' },
      )
    }
    await ask({}, 'a new one')
    await ask({ transactionTimeoutMs: -1 }, 'no timeout')
    await ask({ transactionTimeoutMs: 0x7fffffff }, 'a long timeout')
    if (version < 3) return
    await ask({ producerId: 5, producerEpoch: 3 }, 'with id and epoch')
    await ask({ producerId: 5, producerEpoch: -1 }, 'with id alone')
    await ask({ producerId: -1, producerEpoch: 3 }, 'with epoch alone')
  }),
  ...everyVersion(initProducerId, 'transactional', async (broker, version) => {
    await broker.ask(initProducerId, version, {
      transactionalId: 'oracle',
      transactionTimeoutMs: 1000,
    })
  }),
  ...everyVersion(initProducerId, 'empty id', async (broker, version) => {
    await broker.ask(initProducerId, version, { transactionalId: '', transactionTimeoutMs: 1000 })
  }),
  ...everyVersion(findCoordinator, 'keys', async (broker, version) => {
    for (const keyType of version === 0 ? [0] : [0, 1]) {
      await broker.ask(
        findCoordinator,
        version,
        { key: 'oracle', keyType, coordinatorKeys: ['oracle'] },
        `type ${keyType}`,
      )
    }
  }),
  ...everyVersion(
    findCoordinator,
    'keys that make no sense',
    async (broker, version) => {
      await broker.ask(
        findCoordinator,
        version,
        { key: 'oracle', keyType: 9, coordinatorKeys: ['oracle', 'b'] },
        'type 9',
      )
      await broker.ask(
        findCoordinator,
        version,
        { key: 'oracle', keyType: 2, coordinatorKeys: ['oracle'] },
        'share',
      )
      await broker.ask(findCoordinator, version, { coordinatorKeys: [] }, 'nothing')
    },
    1,
  ),
]
