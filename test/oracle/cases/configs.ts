// DescribeConfigs, IncrementalAlterConfigs, AlterConfigs.
import { alterConfigs } from '../../../src/protocol/messages/alter-configs.js'
import { describeConfigs } from '../../../src/protocol/messages/describe-configs.js'
import { incrementalAlterConfigs } from '../../../src/protocol/messages/incremental-alter-configs.js'
import type { OracleCase, Probe } from '../probe.js'
import { everyVersion } from './versions.js'

const TOPIC = 2
const BROKER = 4
const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3

/** Kafka answers in the order of a hash map: compared by name. */
async function describeSorted(
  broker: Probe,
  version: number,
  name: string,
  more = {},
): Promise<void> {
  const draft = {
    resources: [{ resourceType: TOPIC, resourceName: name, configurationKeys: null }],
    ...more,
  }
  const answer = await broker.askQuietly(describeConfigs, version, draft)
  const result = answer?.results[0]
  broker.note(`DescribeConfigs v${version} ${JSON.stringify(more)}`, {
    errorCode: result?.errorCode,
    configs: Object.fromEntries(
      (result?.configs ?? []).map(({ name: config, documentation, synonyms, ...rest }) => [
        config.replaceAll('.', '_'),
        { ...rest, documented: !!documentation, synonyms: synonyms.map((one) => ({ ...one })) },
      ]),
    ),
  })
}

const describing: OracleCase[] = [
  ...everyVersion(describeConfigs, 'a topic', async (broker, version, name) => {
    await broker.createTopic(name, {
      configs: { 'retention.ms': '1234567', 'cleanup.policy': 'compact' },
    })
    await describeSorted(broker, version, name)
    await describeSorted(broker, version, name, { includeSynonyms: true })
    await describeSorted(broker, version, name, { includeDocumentation: version >= 3 })
  }),
  ...everyVersion(describeConfigs, 'resources', async (broker, version, name) => {
    await broker.createTopic(name)
    const ask = async (
      resourceType: number,
      resourceName: string,
      configurationKeys: string[] | null,
    ) => {
      await broker.ask(
        describeConfigs,
        version,
        { resources: [{ resourceType, resourceName, configurationKeys }] },
        `${resourceType} ${resourceName} ${configurationKeys}`,
      )
    }
    await ask(TOPIC, name, ['retention.ms'])
    await ask(TOPIC, name, ['no.such.config'])
    await ask(TOPIC, name, [])
    await ask(TOPIC, `${name}-no`, null)
    await ask(TOPIC, 'a/b', null)
    await ask(TOPIC, '', null)
    await ask(BROKER, '9', null)
    await ask(BROKER, 'one', null)
    await ask(BROKER, '', ['num.partitions'])
    await ask(0, 'x', null)
    await ask(77, 'x', null)
    await broker.ask(describeConfigs, version, { resources: [] }, 'nothing')
  }),
]

type Change = readonly [what: string, configOperation: number, name: string, value: string | null]
const changes: readonly Change[] = [
  ['sets', SET, 'retention.ms', '99999'],
  ['sets a list', SET, 'cleanup.policy', 'compact,delete'],
  ['sets what is not there', SET, 'no.such.config', '1'],
  ['sets no number', SET, 'retention.ms', 'soon'],
  ['sets out of range', SET, 'retention.ms', '-9'],
  ['sets nothing', SET, 'retention.ms', null],
  ['sets an empty text', SET, 'retention.ms', ''],
  ['deletes', DELETE, 'retention.ms', null],
  ['deletes what was never set', DELETE, 'segment.bytes', null],
  ['deletes what is not there', DELETE, 'no.such.config', null],
  ['appends', APPEND, 'cleanup.policy', 'compact'],
  ['appends what is there', APPEND, 'cleanup.policy', 'delete'],
  ['appends to no list', APPEND, 'retention.ms', '5'],
  ['appends what is no policy', APPEND, 'cleanup.policy', 'shrink'],
  ['subtracts', SUBTRACT, 'cleanup.policy', 'delete'],
  ['subtracts what is not in it', SUBTRACT, 'cleanup.policy', 'compact'],
  ['subtracts from no list', SUBTRACT, 'retention.ms', '5'],
  ['does what is no operation', 9, 'retention.ms', '5'],
]

/** Resolves when the broker itself knows a change that its controller took. */
async function settled(broker: Probe, name: string, marker: number): Promise<void> {
  const value = String(1_000_000 + marker)
  await broker.askQuietly(incrementalAlterConfigs, 1, {
    resources: [
      {
        resourceType: TOPIC,
        resourceName: name,
        configs: [{ name: 'flush.messages', configOperation: SET, value }],
      },
    ],
    validateOnly: false,
  })
  await broker.until('the change is known', async () => {
    const answer = await broker.askQuietly(describeConfigs, 4, {
      resources: [
        { resourceType: TOPIC, resourceName: name, configurationKeys: ['flush.messages'] },
      ],
    })
    return answer?.results[0]?.configs[0]?.value === value
  })
}

const incremental: OracleCase[] = [
  ...everyVersion(incrementalAlterConfigs, 'operations', async (broker, version, name) => {
    await broker.createTopic(name)
    for (const [at, [what, configOperation, config, value]] of changes.entries()) {
      const resources = [
        {
          resourceType: TOPIC,
          resourceName: name,
          configs: [{ name: config, configOperation, value }],
        },
      ]
      await broker.ask(
        incrementalAlterConfigs,
        version,
        { resources, validateOnly: true },
        `${what}, validate only`,
      )
      await broker.ask(incrementalAlterConfigs, version, { resources, validateOnly: false }, what)
      await settled(broker, name, at)
      await broker.ask(
        describeConfigs,
        4,
        { resources: [{ resourceType: TOPIC, resourceName: name, configurationKeys: [config] }] },
        what,
      )
    }
  }),
  ...everyVersion(incrementalAlterConfigs, 'resources', async (broker, version, name) => {
    await broker.createTopic(name)
    const configs = [{ name: 'retention.ms', configOperation: SET, value: '5000' }]
    const ask = async (
      resources: { resourceType: number; resourceName: string; configs: typeof configs }[],
      note: string,
    ) => {
      await broker.ask(incrementalAlterConfigs, version, { resources, validateOnly: false }, note)
    }
    await ask([{ resourceType: TOPIC, resourceName: `${name}-no`, configs }], 'no such topic')
    await ask([{ resourceType: TOPIC, resourceName: 'a/b', configs }], 'invalid name')
    await ask([{ resourceType: TOPIC, resourceName: '', configs }], 'no name')
    await ask([{ resourceType: 77, resourceName: 'x', configs }], 'no such type')
    await ask(
      [{ resourceType: TOPIC, resourceName: name, configs: [...configs, ...configs] }],
      'a config twice',
    )
    await ask([{ resourceType: TOPIC, resourceName: name, configs: [] }], 'no configs')
    await ask([], 'nothing')
    await ask(
      [
        { resourceType: TOPIC, resourceName: name, configs },
        { resourceType: TOPIC, resourceName: name, configs },
      ],
      'a resource twice',
    )
  }),
]

const old: OracleCase[] = everyVersion(alterConfigs, 'topics', async (broker, version, name) => {
  await broker.createTopic(name, {
    configs: { 'retention.ms': '777777', 'segment.bytes': '2000000' },
  })
  const ask = async (
    resourceName: string,
    configs: { name: string; value: string | null }[],
    note: string,
    resourceType = TOPIC,
  ) => {
    await broker.ask(
      alterConfigs,
      version,
      { resources: [{ resourceType, resourceName, configs }], validateOnly: false },
      note,
    )
  }
  await broker.ask(
    alterConfigs,
    version,
    { resources: [{ resourceType: TOPIC, resourceName: name, configs: [] }], validateOnly: true },
    'validate only',
  )
  await ask(
    name,
    [
      { name: 'retention.ms', value: '5000' },
      { name: 'retention.ms', value: '6000' },
    ],
    'a config twice',
  )
  await ask(name, [{ name: 'retention.ms', value: null }], 'no value')
  await ask(name, [{ name: 'no.such.config', value: '1' }], 'no such config')
  await ask(name, [{ name: 'retention.ms', value: 'soon' }], 'no number')
  await ask(`${name}-no`, [{ name: 'retention.ms', value: '5000' }], 'no such topic')
  await ask('a/b', [{ name: 'retention.ms', value: '5000' }], 'invalid name')
  await ask('x', [{ name: 'retention.ms', value: '5000' }], 'no such type', 77)
  await ask(name, [{ name: 'retention.ms', value: '888888' }], 'replaces all')
  await settled(broker, name, version)
  await broker.ask(
    describeConfigs,
    4,
    {
      resources: [{ resourceType: TOPIC, resourceName: name, configurationKeys: ['retention.ms'] }],
    },
    'after',
  )
  await broker.ask(
    describeConfigs,
    4,
    {
      resources: [
        { resourceType: TOPIC, resourceName: name, configurationKeys: ['segment.bytes'] },
      ],
    },
    'after',
  )
})

export const configCases: readonly OracleCase[] = [...describing, ...incremental, ...old]
