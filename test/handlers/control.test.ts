// The control plane's APIs, request frame to answer frame, over a controller with a real store. What
// is expected is what Kafka 4.3.1 answered to the same requests.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.js'
import type { ControlServices } from '../../src/handlers/control-services.js'
import { controlTable } from '../../src/handlers/control-table.js'
import { Dispatcher } from '../../src/handlers/dispatcher.js'
import { codecFor } from '../../src/protocol/codec.js'
import { encodeRequestFrame } from '../../src/protocol/headers.js'
import { alterConfigs } from '../../src/protocol/messages/alter-configs.js'
import { createPartitions } from '../../src/protocol/messages/create-partitions.js'
import { createTopics } from '../../src/protocol/messages/create-topics.js'
import { deleteTopics } from '../../src/protocol/messages/delete-topics.js'
import { describeConfigs } from '../../src/protocol/messages/describe-configs.js'
import { describeLogDirs } from '../../src/protocol/messages/describe-log-dirs.js'
import { findCoordinator } from '../../src/protocol/messages/find-coordinator.js'
import { incrementalAlterConfigs } from '../../src/protocol/messages/incremental-alter-configs.js'
import { initProducerId } from '../../src/protocol/messages/init-producer-id.js'
import type { Api, Draft, Fields, Infer } from '../../src/protocol/schema.js'
import { ZERO_UUID } from '../../src/protocol/uuid.js'
import { ControllerFixture } from '../controller/controller-fixture.js'
import { decodeAnswer, listener } from './io-fixture.js'

const TOPIC = 2
const BROKER = 4

let fixture: ControllerFixture
let dispatcher: Dispatcher<ControlServices>
beforeEach(async () => {
  fixture = await ControllerFixture.make()
  const controller = await fixture.start()
  dispatcher = new Dispatcher({
    table: controlTable,
    services: { config: fixture.config, controller },
    clock: fixture.clock,
    logger: silentLogger,
  })
})
afterEach(() => fixture.dispose())

async function ask<Q extends Fields, S extends Fields>(
  api: Api<Q, S>,
  version: number,
  request: Draft<Q>,
): Promise<Infer<S>> {
  const connection = dispatcher.connection({
    connectionId: 'c1',
    listener,
    remoteAddress: '127.0.0.1:5555',
    transport: 'tcp',
    softwareName: '',
    softwareVersion: '',
  })
  const header = { correlationId: 1, clientId: 'test' }
  const { chunks } = encodeRequestFrame(codecFor(api, version), header, request)
  const frame = Buffer.concat(chunks).subarray(4)
  const answer = await connection.onFrame([frame], frame.length)
  assert.ok(answer)
  return decodeAnswer(api, version, answer)
}

const topic = (name: string, change = {}) => ({
  name,
  numPartitions: -1,
  replicationFactor: -1,
  assignments: [],
  configs: [],
  ...change,
})
const create = (version: number, topics: ReturnType<typeof topic>[], validateOnly = false) =>
  ask(createTopics, version, { topics, timeoutMs: 1000, validateOnly })

test('CreateTopics answers in every version; counts and configs from 5, ids from 7', async () => {
  for (let version = 2; version <= 7; version++) {
    const { topics } = await create(version, [topic(`v${version}`, { numPartitions: 2 })])
    const [made] = topics
    assert.equal(made?.errorCode, 0)
    assert.equal(made?.errorMessage, null)
    assert.equal(made?.numPartitions, version >= 5 ? 2 : -1)
    assert.equal(made?.replicationFactor, version >= 5 ? 1 : -1)
    assert.equal(made?.configs?.length, version >= 5 ? 33 : 0)
    assert.equal(made?.topicId !== ZERO_UUID, version >= 7)
  }
})

test('CreateTopics shows what was set and what is default', async () => {
  const configs = [{ name: 'retention.ms', value: '1000' }]
  const { topics } = await create(7, [topic('orders', { configs })])
  const shown = topics[0]?.configs?.filter(({ name }) => /^(retention|segment)\.ms$/.test(name))
  const rest = { readOnly: false, isSensitive: false }
  assert.deepEqual(shown, [
    { name: 'retention.ms', value: '1000', configSource: 1, ...rest },
    { name: 'segment.ms', value: '604800000', configSource: 5, ...rest },
  ])
})

test('CreateTopics: a name twice, a name that exists, a name that cannot be', async () => {
  await create(7, [topic('there')])
  const { topics } = await create(7, [
    topic('dup'),
    topic('dup'),
    topic('nodup'),
    topic('there'),
    topic('a b'),
    topic('nulled', { configs: [{ name: 'retention.ms', value: null }] }),
  ])
  const answered = topics.map(({ name, errorCode, errorMessage }) => ({
    name,
    errorCode,
    errorMessage,
  }))
  assert.deepEqual(answered, [
    { name: 'nodup', errorCode: 0, errorMessage: null },
    { name: 'there', errorCode: 36, errorMessage: "Topic 'there' already exists." },
    {
      name: 'a b',
      errorCode: 17,
      errorMessage:
        "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    },
    {
      name: 'nulled',
      errorCode: 40,
      errorMessage: 'Null value not supported for topic configs: retention.ms',
    },
    { name: 'dup', errorCode: 42, errorMessage: 'Duplicate topic name.' },
  ])
})

test('CreateTopics with validateOnly creates nothing', async () => {
  const { topics } = await create(7, [topic('maybe')], true)
  assert.equal(topics[0]?.errorCode, 0)
  assert.equal(fixture.controller.image().topic('maybe'), undefined)
})

test('DeleteTopics by name in every version, by id from 6', async () => {
  for (let version = 1; version <= 5; version++) {
    await create(7, [topic('orders')])
    const { responses } = await ask(deleteTopics, version, {
      topicNames: ['orders', 'nope'],
      timeoutMs: 1000,
    })
    assert.deepEqual(
      responses.map(({ name, errorCode }) => [name, errorCode]),
      [
        ['orders', 0],
        ['nope', 3],
      ],
    )
    const message = version >= 5 ? 'This server does not host this topic-partition.' : null
    assert.equal(responses[1]?.errorMessage, message)
  }
  const topicId = await fixture.create('orders')
  const { responses } = await ask(deleteTopics, 6, {
    topics: [{ name: null, topicId }],
    timeoutMs: 1000,
  })
  assert.deepEqual(responses, [{ name: 'orders', topicId, errorCode: 0, errorMessage: null }])
})

test('DeleteTopics refuses what is unclear', async () => {
  await fixture.create('orders')
  const other = 'AAAAAAAAAAAAAAAAAAAAAQ'
  const { responses } = await ask(deleteTopics, 6, {
    topics: [
      { name: null, topicId: ZERO_UUID },
      { name: 'orders', topicId: other },
      { name: null, topicId: other },
      { name: 'twice', topicId: ZERO_UUID },
      { name: 'twice', topicId: ZERO_UUID },
    ],
    timeoutMs: 1000,
  })
  const answered = responses.map(({ errorCode, errorMessage }) => `${errorCode} ${errorMessage}`)
  assert.deepEqual(answered, [
    '100 This server does not host this topic ID.',
    '42 Neither topic name nor id were specified.',
    '42 You may not specify both topic name and topic id.',
    '42 Duplicate topic name.',
  ])
  assert.notEqual(fixture.controller.image().topic('orders'), undefined)
})

test('CreatePartitions in every version', async () => {
  await fixture.create('orders')
  for (let version = 0; version <= 3; version++) {
    const { results } = await ask(createPartitions, version, {
      topics: [{ name: 'orders', count: version + 2, assignments: null }],
      timeoutMs: 1000,
      validateOnly: false,
    })
    assert.deepEqual(results, [{ name: 'orders', errorCode: 0, errorMessage: null }])
  }
  const { results } = await ask(createPartitions, 3, {
    topics: [
      { name: 'orders', count: 5, assignments: null },
      { name: 'nope', count: 5, assignments: null },
      { name: 'dup', count: 5, assignments: null },
      { name: 'dup', count: 6, assignments: null },
    ],
    timeoutMs: 1000,
    validateOnly: false,
  })
  assert.deepEqual(results, [
    { name: 'dup', errorCode: 42, errorMessage: 'Duplicate topic name.' },
    { name: 'orders', errorCode: 37, errorMessage: 'Topic already has 5 partition(s).' },
    { name: 'nope', errorCode: 3, errorMessage: null },
  ])
})

function describe(
  version: number,
  resource: readonly [resourceType: number, resourceName: string],
  keys: string[] | null = null,
) {
  const [resourceType, resourceName] = resource
  return ask(describeConfigs, version, {
    resources: [{ resourceType, resourceName, configurationKeys: keys }],
    includeSynonyms: true,
    includeDocumentation: true,
  })
}

test('DescribeConfigs of a topic: values, sources, synonyms, types, documentation', async () => {
  await fixture.create('orders', { configs: [{ name: 'segment.bytes', value: '2097152' }] })
  for (let version = 1; version <= 4; version++) {
    const { results } = await describe(version, [TOPIC, 'orders'], ['segment.bytes', 'no.such'])
    const [result] = results
    assert.equal(result?.errorCode, 0)
    assert.equal(result?.errorMessage, '')
    assert.equal(result?.configs.length, 1)
    const config = result?.configs[0]
    assert.equal(config?.value, '2097152')
    assert.equal(config?.readOnly, false)
    assert.equal(config?.configSource, 1)
    assert.deepEqual(config?.synonyms, [
      { name: 'segment.bytes', value: '2097152', source: 1 },
      { name: 'log.segment.bytes', value: '1073741824', source: 5 },
    ])
    assert.equal(config?.configType, version >= 3 ? 3 : 0)
    assert.equal((config?.documentation ?? '').length > 20, version >= 3)
  }
  const all = await describe(4, [TOPIC, 'orders'])
  assert.equal(all.results[0]?.configs.length, 33)
})

test('DescribeConfigs of the broker, and of what there is not', async () => {
  const own = await describe(4, [BROKER, '1'], ['num.partitions', 'advertised.listeners'])
  assert.deepEqual(
    own.results[0]?.configs.map(({ name, value, readOnly }) => [name, value, readOnly]),
    [
      ['advertised.listeners', 'KAFKA://broker.test:9092', true],
      ['num.partitions', '1', true],
    ],
  )
  const cases: [number, string, number, string | RegExp][] = [
    [TOPIC, 'nope', 3, ''],
    [TOPIC, 'a b', 17, /^Topic name is invalid: 'a b'/],
    [TOPIC, '', 17, 'Topic name is invalid: the empty string is not allowed'],
    [BROKER, '9', 42, 'Unexpected broker id, expected 1 or empty string, but received 9'],
    [BROKER, 'abc', 42, 'Broker id must be an integer, but it is: abc'],
    [BROKER, '', 0, ''],
    [0, '1', 42, /^This most likely occurs because of a request being malformed/],
    [3, 'x', 42, /^This most likely occurs because of a request being malformed/],
  ]
  for (const [type, name, errorCode, message] of cases) {
    const { results } = await describe(4, [type, name])
    assert.equal(results[0]?.errorCode, errorCode, `${type} ${name}`)
    if (typeof message === 'string') assert.equal(results[0]?.errorMessage, message)
    else assert.match(results[0]?.errorMessage ?? '', message)
  }
})

const overridesOf = (name: string) => fixture.controller.image().topic(name)?.configs

test('AlterConfigs replaces, in every version', async () => {
  const configs = [
    { name: 'segment.bytes', value: '2097152' },
    { name: 'retention.ms', value: '1' },
  ]
  await fixture.create('orders', { configs })
  for (let version = 0; version <= 2; version++) {
    const value = String(5000 + version)
    const answer = await ask(alterConfigs, version, {
      resources: [
        {
          resourceType: TOPIC,
          resourceName: 'orders',
          configs: [{ name: 'retention.ms', value }],
        },
      ],
      validateOnly: false,
    })
    assert.deepEqual(answer.responses, [
      { errorCode: 0, errorMessage: null, resourceType: TOPIC, resourceName: 'orders' },
    ])
    assert.deepEqual(overridesOf('orders'), { 'retention.ms': value })
  }
})

interface Change {
  readonly resource?: readonly [number, string]
  readonly name?: string
  readonly operation?: number
  readonly value?: string | null
  readonly validateOnly?: boolean
}

async function alter(change: Change, version = 1): Promise<string> {
  const { resource = [TOPIC, 'orders'], name = 'retention.ms', operation = 0 } = change
  const [resourceType, resourceName] = resource
  const value = change.value === undefined ? '1' : change.value
  const answer = await ask(incrementalAlterConfigs, version, {
    resources: [
      { resourceType, resourceName, configs: [{ name, configOperation: operation, value }] },
    ],
    validateOnly: change.validateOnly ?? false,
  })
  const [response] = answer.responses
  return `${response?.errorCode} ${response?.errorMessage}`
}

test('IncrementalAlterConfigs sets, deletes, appends and subtracts', async () => {
  await fixture.create('orders')
  const policy = { name: 'cleanup.policy', value: 'compact' }
  assert.equal(await alter({ value: '6000' }, 0), '0 null')
  assert.equal(await alter({ ...policy, operation: 2 }), '0 null')
  assert.deepEqual(overridesOf('orders'), {
    'retention.ms': '6000',
    'cleanup.policy': 'delete,compact',
  })
  assert.equal(await alter({ name: 'cleanup.policy', operation: 3, value: 'delete' }), '0 null')
  assert.equal(await alter({ operation: 1, value: null }), '0 null')
  assert.deepEqual(overridesOf('orders'), { 'cleanup.policy': 'compact' })
  assert.equal(await alter({ value: '7', validateOnly: true }), '0 null')
  assert.deepEqual(overridesOf('orders'), { 'cleanup.policy': 'compact' })
})

test('IncrementalAlterConfigs refuses with the sentences of Kafka', async () => {
  await fixture.create('orders')
  const cases: [Change, string][] = [
    [
      { value: 'x' },
      '40 Invalid value x for configuration retention.ms: Not a number of type LONG',
    ],
    [{ name: 'nope' }, '40 Unknown topic config name: nope'],
    [{ operation: 2 }, "40 Can't APPEND to key retention.ms because its type is not LIST."],
    [{ operation: 3 }, "40 Can't SUBTRACT to key retention.ms because its type is not LIST."],
    [{ value: null }, '42 Null value not supported for : retention.ms'],
    [{ operation: 9 }, '-1 null'],
    [{ resource: [TOPIC, 'nope'] }, "3 The topic 'nope' does not exist."],
    [{ resource: [TOPIC, ''] }, '42 Default topic resources are not allowed.'],
    [
      { resource: [BROKER, '1'], name: 'num.partitions' },
      '42 Cannot update these configs dynamically: [num.partitions]',
    ],
    [{ resource: [BROKER, '7'] }, '42 Unexpected broker id, expected 1, but received 7'],
    [{ resource: [BROKER, 'x'] }, '42 Node id must be an integer, but it is: x'],
    [{ resource: [3, '7'] }, '42 Unknown resource type 3'],
    [{ resource: [16, '7'] }, '42 Unknown client metrics configuration: retention.ms'],
  ]
  for (const [change, expected] of cases) assert.equal(await alter(change), expected)
})

test('a resource or a key that appears twice is refused', async () => {
  await fixture.create('orders')
  const key = { name: 'retention.ms', configOperation: 0, value: '1' }
  const resource = { resourceType: TOPIC, resourceName: 'orders', configs: [key] }
  const twice = await ask(incrementalAlterConfigs, 1, {
    resources: [resource, resource],
    validateOnly: false,
  })
  assert.deepEqual(
    twice.responses.map(({ errorCode }) => errorCode),
    [42, 42],
  )
  const keys = await ask(incrementalAlterConfigs, 1, {
    resources: [{ ...resource, configs: [key, key] }],
    validateOnly: false,
  })
  assert.equal(keys.responses[0]?.errorMessage, 'Error due to duplicate config keys')
  assert.deepEqual(overridesOf('orders'), {})
})

test('InitProducerId gives ids in every version, and none for transactions yet', async () => {
  const ids = new Set<number>()
  for (let version = 0; version <= 5; version++) {
    const answer = await ask(initProducerId, version, {
      transactionalId: null,
      transactionTimeoutMs: 1000,
    })
    assert.equal(answer.errorCode, 0)
    assert.equal(answer.producerEpoch, 0)
    ids.add(answer.producerId)
  }
  assert.equal(ids.size, 6)
  const refused: [Draft<(typeof initProducerId)['request']>, number][] = [
    [{ transactionalId: 'tx', transactionTimeoutMs: 1000 }, 15],
    [{ transactionalId: '', transactionTimeoutMs: 1000 }, 42],
    [{ transactionalId: null, transactionTimeoutMs: 1000, producerId: 5 }, 42],
    [{ transactionalId: null, transactionTimeoutMs: 1000, producerEpoch: 3 }, 42],
  ]
  for (const [request, errorCode] of refused) {
    const answer = await ask(initProducerId, 5, request)
    assert.deepEqual(
      [answer.errorCode, answer.producerId, answer.producerEpoch],
      [errorCode, -1, -1],
    )
  }
})

test('FindCoordinator knows of none yet', async () => {
  for (let version = 0; version <= 3; version++) {
    const answer = await ask(findCoordinator, version, { key: 'g', keyType: 0 })
    assert.deepEqual([answer.errorCode, answer.nodeId, answer.host, answer.port], [15, -1, '', -1])
    assert.equal(answer.errorMessage, version > 0 ? 'The coordinator is not available.' : '')
  }
  for (let version = 4; version <= 6; version++) {
    const answer = await ask(findCoordinator, version, { keyType: 1, coordinatorKeys: ['a', 'b'] })
    assert.deepEqual(
      answer.coordinators.map(({ key, errorCode, nodeId }) => [key, errorCode, nodeId]),
      [
        ['a', 15, -1],
        ['b', 15, -1],
      ],
    )
  }
  const wrong = await ask(findCoordinator, 6, { keyType: 7, coordinatorKeys: ['g'] })
  assert.equal(wrong.coordinators[0]?.errorCode, 42)
  const share = await ask(findCoordinator, 6, { keyType: 2, coordinatorKeys: ['g'] })
  assert.equal(share.coordinators[0]?.errorCode, 42)
})

test('DescribeLogDirs tells the room, the partitions, and a disk that failed', async () => {
  await fixture.create('orders', { partitionCount: 2 })
  const [directory] = fixture.directories
  assert.ok(directory)
  directory.logs.get('orders-0')?.append(new Uint8Array(100))
  for (let version = 1; version <= 5; version++) {
    const { results } = await ask(describeLogDirs, version, { topics: null })
    assert.equal(results[0]?.logDir, directory.path)
    assert.deepEqual(results[0]?.topics, [
      {
        name: 'orders',
        partitions: [
          { partitionIndex: 0, partitionSize: 100, offsetLag: 0, isFutureKey: false },
          { partitionIndex: 1, partitionSize: 0, offsetLag: 0, isFutureKey: false },
        ],
      },
    ])
    assert.equal((results[0]?.totalBytes ?? -1) > 0, version >= 4)
  }
  const some = await ask(describeLogDirs, 4, {
    topics: [
      { topic: 'orders', partitions: [1, 7] },
      { topic: 'nope', partitions: [0] },
    ],
  })
  assert.deepEqual(
    some.results[0]?.topics.map(({ partitions }) => partitions.map((p) => p.partitionIndex)),
    [[1]],
  )
  directory.isOffline = true
  const failed = await ask(describeLogDirs, 4, { topics: null })
  assert.deepEqual(
    [failed.results[0]?.errorCode, failed.results[0]?.topics.length, failed.results[0]?.totalBytes],
    [56, 0, -1],
  )
})

test('the table offers the versions of Kafka 4.3 and names an operation for each', () => {
  const rows = controlTable.map(({ name, versions }) => `${name} ${versions.join('-')}`)
  assert.deepEqual(rows, [
    'CreateTopics 2-7',
    'DeleteTopics 1-6',
    'CreatePartitions 0-3',
    'DescribeConfigs 1-4',
    'AlterConfigs 0-2',
    'IncrementalAlterConfigs 0-1',
    'InitProducerId 0-5',
    'FindCoordinator 0-6',
    'DescribeLogDirs 1-5',
    'AlterPartitionReassignments 0-1',
    'ListPartitionReassignments 0-0',
    'ElectLeaders 0-2',
    'UnregisterBroker 0-0',
  ])
  assert.ok(controlTable.every(({ operation }) => operation !== 'none'))
})
