// DescribeConfigs: the configs of topics and of this broker, and where each value comes from.
//
// v1 synonyms   v3 types and documentation (KIP-569)
import { fail, type Outcome, succeed } from '../base/errors.js'
import { brokerConfigEntries, DRAIN } from '../config/broker-configs.js'
import { problemWithName } from '../metadata/topic-names.js'
import type {
  DescribeConfigsRequest,
  DescribeConfigsResponseDraft,
} from '../protocol/messages/describe-configs.js'
import {
  brokerConfigEntry,
  type ConfigEntry,
  resourceType,
  topicConfigEntries,
} from './config-entries.js'
import type { ControlServices } from './control-services.js'
import { drainEntry } from './drain-config.js'
import { errorNumber, kafkaError } from './error-mapping.js'
import { GENERIC_INVALID_REQUEST } from './failure-answer.js'

type Resource = DescribeConfigsRequest['resources'][number]
type Result = DescribeConfigsResponseDraft['results'][number]

export function describeConfigs(
  request: DescribeConfigsRequest,
  services: ControlServices,
): DescribeConfigsResponseDraft {
  const results = request.resources.map((resource): Result => {
    const { resourceType, resourceName } = resource
    const entries = entriesOf(resource, services)
    if (!entries.ok) {
      const { code, message } = entries.failure
      const errorCode = errorNumber(code)
      return { errorCode, errorMessage: message, resourceType, resourceName, configs: [] }
    }
    const configs = entries.value
      .filter(({ name }) => isWanted(resource, name))
      .map((entry) => shown(entry, request, resourceType))
    return { errorCode: kafkaError.NONE, errorMessage: '', resourceType, resourceName, configs }
  })
  return { throttleTimeMs: 0, results }
}

function isWanted({ configurationKeys }: Resource, name: string): boolean {
  if (configurationKeys === null || configurationKeys.length === 0) return true
  return configurationKeys.includes(name)
}

function shown(entry: ConfigEntry, request: DescribeConfigsRequest, type: number) {
  return {
    name: entry.name,
    value: entry.value,
    readOnly: type !== resourceType.TOPIC && entry.name !== DRAIN,
    configSource: entry.source,
    isSensitive: false,
    synonyms: request.includeSynonyms ? entry.synonyms : [],
    configType: entry.type,
    documentation: request.includeDocumentation ? entry.documentation : null,
  }
}

function entriesOf(resource: Resource, services: ControlServices): Outcome<readonly ConfigEntry[]> {
  switch (resource.resourceType) {
    case resourceType.TOPIC:
      return ofTopic(resource.resourceName, services)
    case resourceType.BROKER:
      return ofBroker(resource.resourceName, services)
    case resourceType.BROKER_LOGGER:
      return ofLogger(resource.resourceName, services)
    case resourceType.CLIENT_METRICS:
    case resourceType.GROUP:
      return succeed([])
    default:
      return fail('INVALID_REQUEST', GENERIC_INVALID_REQUEST)
  }
}

function ofTopic(name: string, services: ControlServices): Outcome<readonly ConfigEntry[]> {
  const problem = problemWithName(name)
  if (problem !== undefined) return fail('INVALID_TOPIC', problem)
  const topic = services.controller.image().topic(name)
  if (topic === undefined) return fail('UNKNOWN_TOPIC_OR_PARTITION', '')
  return succeed(topicConfigEntries(topic.configs, services.config))
}

function ofBroker(name: string, services: ControlServices): Outcome<readonly ConfigEntry[]> {
  // The defaults of all brokers: nobody has set any.
  if (name === '') return succeed([])
  const { brokers } = services.controller.image()
  const own = services.config.brokerId
  const problem = problemWithBroker(name, own, ' or empty string')
  if (problem === undefined) {
    const broker = brokers.get(own)
    const entries = brokerConfigEntries(services.config, broker?.endpoints ?? [])
    const drain = drainEntry(broker ?? { isDrained: false })
    return succeed([...entries.map(brokerConfigEntry), drain].sort(byName))
  }
  // Of others this broker knows only what the whole cluster knows; Kafka refuses.
  const other = /^\d{1,10}$/.test(name) ? brokers.get(Number(name)) : undefined
  return other === undefined ? fail('INVALID_REQUEST', problem) : succeed([drainEntry(other)])
}

function byName(a: ConfigEntry, b: ConfigEntry): number {
  return a.name < b.name ? -1 : 1
}

// Log levels of single classes: this broker has no such thing.
function ofLogger(name: string, services: ControlServices): Outcome<readonly ConfigEntry[]> {
  const problem = problemWithBroker(name, services.config.brokerId, '')
  return problem === undefined ? succeed([]) : fail('INVALID_REQUEST', problem)
}

function problemWithBroker(name: string, own: number, alternative: string): string | undefined {
  if (!/^[+-]?\d{1,10}$/.test(name)) return `Broker id must be an integer, but it is: ${name}`
  if (Number(name) === own) return undefined
  return `Unexpected broker id, expected ${own}${alternative}, but received ${name}`
}

export function describeConfigsFailed(
  errorCode: number,
  request: DescribeConfigsRequest,
): DescribeConfigsResponseDraft {
  const results = request.resources.map(({ resourceType, resourceName }) => ({
    errorCode,
    errorMessage: null,
    resourceType,
    resourceName,
    configs: [],
  }))
  return { throttleTimeMs: 0, results }
}
