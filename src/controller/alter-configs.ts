// Decides what the configs of a topic become.
import { fail, type Outcome, succeed } from '../base/errors.js'
import { listItems } from '../config/config-definition.js'
import {
  type ConfigValues,
  checkTopicConfigs,
  defaultOf,
  type TopicConfigDefaults,
} from '../config/topic-config-values.js'
import { topicConfigs } from '../config/topic-configs.js'
import type { Change, ClusterState, Decision } from '../metadata/cluster-state.js'
import type { TopicRecord } from '../metadata/records.js'
import { problemWithName } from '../metadata/topic-names.js'

export interface ConfigOperation {
  readonly name: string
  readonly operation: 'set' | 'delete' | 'append' | 'subtract'
  readonly value: string | null
}

export interface TopicConfigChange {
  readonly topic: string
  /** 'replace' drops every config that is not named. */
  readonly mode: 'replace' | 'incremental'
  readonly operations: readonly ConfigOperation[]
}

export function decideAlterTopicConfigs(
  state: ClusterState,
  asked: readonly TopicConfigChange[],
  broker: TopicConfigDefaults,
): Decision<readonly Outcome<void>[]> {
  const changes: Change[] = []
  const response = asked.map((change): Outcome<void> => {
    const topic = findTopic(state, change.topic)
    if (!topic.ok) return topic
    const configs = newConfigs(topic.value, change, broker)
    if (!configs.ok) return configs
    changes.push({ type: 'topic', record: { ...topic.value, configs: configs.value } })
    return succeed(undefined)
  })
  return { changes, response }
}

function findTopic(state: ClusterState, name: string): Outcome<TopicRecord> {
  if (name === '') return fail('INVALID_REQUEST', 'Default topic resources are not allowed.')
  const problem = problemWithName(name)
  if (problem !== undefined) return fail('INVALID_TOPIC', problem)
  const topic = state.topic(name)
  if (topic !== undefined) return succeed(topic)
  return fail('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`)
}

function newConfigs(
  topic: TopicRecord,
  { mode, operations }: TopicConfigChange,
  broker: TopicConfigDefaults,
): Outcome<ConfigValues> {
  const missing = operations.filter((o) => o.operation !== 'delete' && o.value === null)
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(',')
    return fail('INVALID_REQUEST', `Null value not supported for : ${names}`)
  }
  const values: Record<string, string> = mode === 'replace' ? {} : { ...topic.configs }
  for (const operation of operations) {
    const failed = applyOne(values, operation, broker)
    if (failed !== undefined) return failed
  }
  return checkTopicConfigs(values, broker)
}

function applyOne(
  values: Record<string, string>,
  { name, operation, value }: ConfigOperation,
  broker: TopicConfigDefaults,
): ReturnType<typeof fail> | undefined {
  if (operation === 'delete') {
    delete values[name]
    return undefined
  }
  if (operation === 'set') {
    values[name] = value ?? ''
    return undefined
  }
  if (topicConfigs.get(name)?.type !== 'LIST') {
    const verb = operation.toUpperCase()
    return fail('INVALID_CONFIG', `Can't ${verb} to key ${name} because its type is not LIST.`)
  }
  const now = listItems(values[name] ?? defaultOf(name, broker))
  const given = listItems(value ?? '')
  const changed =
    operation === 'append'
      ? [...now, ...given.filter((item) => !now.includes(item))]
      : now.filter((item) => !given.includes(item))
  values[name] = changed.join(',')
  return undefined
}
