// From flags, environment and file to one validated BrokerConfig. Flags win over the environment, the
// environment over the file, the file over the defaults.
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type * as z from 'zod'
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ConfigFile } from './file.js'
import {
  environmentOf,
  flagOf,
  repeatable,
  type SettingKey,
  type Settings,
  settingKeys,
  settings,
  settingsSchema,
} from './settings.js'
import { checkTopicConfigs, type TopicConfigDefaults } from './topic-config-values.js'
import type { BrokerConfig, HostPort, ListenerConfig } from './types.js'

export interface ConfigSources {
  /** Values as given on the command line, by setting; undefined where the flag was not given. */
  readonly flags: Readonly<Partial<Record<SettingKey, unknown>>>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** From readConfigFile, when one was named. */
  readonly file: ConfigFile | undefined
}

type Origins = Map<string, string>

export function loadConfig(sources: ConfigSources): Outcome<BrokerConfig> {
  const origins: Origins = new Map()
  const merged: Record<string, unknown> = { ...sources.file?.values }
  for (const key of Object.keys(merged)) origins.set(key, `${key} in ${sources.file?.path}`)
  for (const key of settingKeys) {
    const fromEnvironment = sources.environment[environmentOf(key)]
    if (fromEnvironment !== undefined && settings[key].flagValue !== undefined) {
      merged[key] = repeatable.has(key) ? fromEnvironment.split(',') : fromEnvironment
      origins.set(key, environmentOf(key))
    }
    if (sources.flags[key] !== undefined) {
      merged[key] = sources.flags[key]
      origins.set(key, flagOf(key))
    }
  }
  const parsed = settingsSchema.safeParse(merged)
  if (!parsed.success) return fail('INVALID_CONFIG', explain(parsed.error, origins))
  return toBrokerConfig(parsed.data, origins)
}

function explain(error: z.ZodError, origins: Origins): string {
  return error.issues
    .map((issue) => {
      if (issue.code === 'unrecognized_keys') {
        return issue.keys
          .map(
            (key) =>
              `unknown setting ${origins.get(key) ?? key}; the settings are ${settingKeys.join(', ')}`,
          )
          .join('\n')
      }
      const [key, ...rest] = issue.path.map(String)
      const where = origins.get(key ?? '') ?? key ?? 'configuration'
      return `${[where, ...rest].join('.')}: ${issue.message}`
    })
    .join('\n')
}

function toBrokerConfig(values: Settings, origins: Origins): Outcome<BrokerConfig> {
  const listeners = values.listeners ? values.listeners.map(toListener) : defaultListeners(values)
  const dataDirectories = typeof values.data === 'string' ? [values.data] : values.data
  const problem =
    checkShorthands(values, origins) ??
    checkListeners(listeners, values['allow.public.bind']) ??
    checkDirectories(dataDirectories)
  if (problem !== undefined) return fail('INVALID_CONFIG', problem)
  const { validateRecords, topicDefaults } = topicDefaultsOf(values)
  const checked = checkTopicConfigs(topicDefaults, { validateRecords, topicDefaults: {} })
  if (!checked.ok) {
    const where = origins.get('topic.defaults') ?? 'topic.defaults'
    return fail('INVALID_CONFIG', `${where}: ${checked.failure.message}`)
  }
  return succeed({
    brokerId: values.id,
    rack: values.rack,
    dataDirectories,
    listeners,
    workers: values.workers,
    flush: values.flush,
    flushIntervalMs: values['flush.interval.ms'],
    writeMode: values['log.write.mode'],
    validateRecords,
    retentionCheckIntervalMs: values['log.retention.check.interval.ms'],
    store: values.store,
    sessionMs: values['session.ms'],
    autoLeaderRebalance: values['auto.leader.rebalance'],
    leaderImbalanceCheckIntervalMs: values['leader.imbalance.check.interval.seconds'] * 1000,
    replicaLagMaxMs: values['replica.lag.max.ms'],
    autoCreateTopics: values['auto.create.topics'],
    defaultPartitions: values.partitions,
    defaultReplicationFactor: values['replication.factor'],
    topicDefaults: checked.value,
    maxRequestBytes: values['max.request.bytes'],
    maxConnections: values['max.connections'],
    allowPublicBind: values['allow.public.bind'],
    allowedOrigins: [values['allow.origin']].flat(),
    logLevel: values['log.level'],
  })
}

function topicDefaultsOf(values: Settings): TopicConfigDefaults {
  const given = Object.entries(values['topic.defaults'])
  return {
    topicDefaults: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
    validateRecords: values['log.validate.records'],
  }
}

function toListener(given: NonNullable<Settings['listeners']>[number]): ListenerConfig {
  return { ...given, advertised: given.advertised }
}

function defaultListeners(values: Settings): ListenerConfig[] {
  const forBrokers: ListenerConfig = {
    name: 'INTER_BROKER',
    protocol: 'kafka',
    bind: values['inter.broker'],
    advertised: undefined,
    role: 'inter-broker',
  }
  return [
    ...(values.store === undefined ? [] : [forBrokers]),
    {
      name: 'KAFKA',
      protocol: 'kafka',
      bind: values.kafka,
      advertised: values.advertise,
      role: 'client',
    },
    {
      name: 'WEBSOCKET',
      protocol: 'websocket',
      bind: values.websocket,
      advertised: values['advertise.websocket'],
      role: 'client',
    },
  ]
}

// Of two ways to say the same, one would be left out without a word.
function checkShorthands(values: Settings, origins: Origins): string | undefined {
  if (values.listeners === undefined) return undefined
  const shorthands = ['kafka', 'websocket', 'advertise', 'advertise.websocket'] as const
  const given = shorthands.flatMap((key) => origins.get(key) ?? [])
  if (given.length === 0) return undefined
  return `${given.join(', ')}: ${origins.get('listeners')} says already where to listen: give one or the other`
}

function checkDirectories(directories: readonly string[]): string | undefined {
  const paths = directories.map((path) => resolve(path))
  const twice = directories.find((_, index) => paths.indexOf(paths[index] ?? '') !== index)
  return twice === undefined ? undefined : `the data directory ${twice} is given twice`
}

function sameAddress(
  listeners: readonly ListenerConfig[],
  { bind }: ListenerConfig,
): ListenerConfig | undefined {
  if (bind.port === 0) return undefined
  return listeners.find((other) => other.bind.host === bind.host && other.bind.port === bind.port)
}

function checkListeners(
  listeners: readonly ListenerConfig[],
  allowPublic: boolean,
): string | undefined {
  const names = new Set<string>()
  for (const listener of listeners) {
    if (names.has(listener.name))
      return `two listeners are named ${listener.name}; each needs a name of its own`
    names.add(listener.name)
    const other = sameAddress(listeners, listener)
    if (other !== undefined && other !== listener) {
      return `listeners ${other.name} and ${listener.name} cannot both have port ${listener.bind.port} of ${listener.bind.host}`
    }
    if (!allowPublic && !isLoopback(listener.bind)) {
      return (
        `listener ${listener.name} would serve ${listener.bind.host} to everyone who reaches it, and there is no ` +
        `authentication yet: bind it to 127.0.0.1, or say ${flagOf('allow.public.bind')} true`
      )
    }
    if (listener.advertised?.port === 0) return `listener ${listener.name} cannot advertise port 0`
    if (listener.advertised && isWildcard(listener.advertised.host)) {
      return `listener ${listener.name} advertises ${listener.advertised.host}, which no client can connect to: name a host or address`
    }
  }
  return undefined
}

function isLoopback({ host }: HostPort): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
