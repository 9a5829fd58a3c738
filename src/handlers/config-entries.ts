// Configs as DescribeConfigs and CreateTopics show them: the value, where it comes from, and what it
// would be without.
import type { BrokerConfigEntry } from '../config/broker-configs.js'
import { type ConfigType, canonical } from '../config/config-definition.js'
import type { ConfigValues } from '../config/topic-config-values.js'
import { topicConfigs } from '../config/topic-configs.js'
import type { BrokerConfig } from '../config/types.js'

/** Kafka's numbers of resource types. */
export const resourceType = {
  TOPIC: 2,
  BROKER: 4,
  BROKER_LOGGER: 8,
  CLIENT_METRICS: 16,
  GROUP: 32,
} as const

/** Kafka's numbers of where a value comes from. */
export const source = { TOPIC: 1, DYNAMIC_BROKER: 2, STATIC_BROKER: 4, DEFAULT: 5 } as const

export const BOOLEAN = 1

const typeNumbers: Readonly<Record<ConfigType, number>> = {
  BOOLEAN,
  STRING: 2,
  INT: 3,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
}

export interface ConfigSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: number
}

export interface ConfigEntry extends ConfigSynonym {
  readonly type: number
  readonly documentation: string
  /** From what wins to the last default. */
  readonly synonyms: readonly ConfigSynonym[]
}

export function topicConfigEntries(
  values: ConfigValues,
  broker: Pick<BrokerConfig, 'topicDefaults'>,
): ConfigEntry[] {
  return Array.from(topicConfigs.values(), (definition): ConfigEntry => {
    const { name, type, defaultValue, brokerNames, documentation } = definition
    const set = values[name]
    const brokerSet = broker.topicDefaults[name]
    const brokerName = brokerNames[0]
    const synonyms: ConfigSynonym[] = []
    if (set !== undefined) synonyms.push({ name, value: set, source: source.TOPIC })
    if (brokerName !== undefined && brokerSet !== undefined) {
      const value = canonical(type, brokerSet)
      synonyms.push({ name: brokerName, value, source: source.STATIC_BROKER })
    }
    // Of several names that give a default Kafka shows none: the first one has no value of its own.
    if (brokerNames.length === 1 && brokerName !== undefined) {
      synonyms.push({ name: brokerName, value: defaultValue, source: source.DEFAULT })
    }
    const inherited = brokerSet === undefined ? defaultValue : canonical(type, brokerSet)
    const inheritedFrom = brokerSet === undefined ? source.DEFAULT : source.STATIC_BROKER
    return {
      name,
      value: set ?? inherited,
      source: set === undefined ? inheritedFrom : source.TOPIC,
      type: typeNumbers[type],
      documentation,
      synonyms,
    }
  })
}

export function brokerConfigEntry(entry: BrokerConfigEntry): ConfigEntry {
  const { name, value, defaultValue, type, documentation, isSet } = entry
  const synonyms: ConfigSynonym[] = []
  if (isSet) synonyms.push({ name, value, source: source.STATIC_BROKER })
  if (defaultValue !== null) {
    synonyms.push({ name, value: defaultValue, source: source.DEFAULT })
  }
  return {
    name,
    value,
    source: isSet ? source.STATIC_BROKER : source.DEFAULT,
    type: typeNumbers[type],
    documentation,
    synonyms,
  }
}
