// Every setting of a broker, once: its name in the configuration file, from which the flag and the
// environment variable follow, its type, default and help text. Nothing else knows a setting's name.
import { availableParallelism } from 'node:os'
import * as z from 'zod'

const MAX_PORT = 65_535

/** "host:port", "[::1]:port" or ":port"; the host defaults to loopback. */
export const hostPort = z.string().transform((text, context) => {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  if (match === null || port > MAX_PORT) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is not HOST:PORT with a port of 0 to ${MAX_PORT}`,
    })
    return z.NEVER
  }
  return { host: (match[1] ?? match[2]) || '127.0.0.1', port }
})

/** A size in bytes: a number, or one with a unit (64k, 10MiB, 1g), in powers of 1024. */
export const sizeBytes = z.union([z.number(), z.string()]).transform((given, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(String(given).trim())
  if (match === null) {
    context.addIssue({
      code: 'custom',
      message: `"${given}" is not a size such as 1048576, 64k or 10MiB`,
    })
    return z.NEVER
  }
  const power = ' kmgt'.indexOf((match[2] ?? '').toLowerCase() || ' ')
  return Math.round(Number(match[1]) * 1024 ** power)
})

const wholeNumber = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z.coerce
    .number({ error })
    .refine((n) => Number.isInteger(n) && n >= min && n <= max, { error })
}

const yesOrNo = z
  .union([z.boolean(), z.enum(['true', 'false', 'yes', 'no', 'on', 'off', '1', '0'])], {
    error: 'must be true or false',
  })
  .transform(
    (given) =>
      given === true || given === 'true' || given === 'yes' || given === 'on' || given === '1',
  )

const choice = <const T extends readonly [string, ...string[]]>(...allowed: T) =>
  z.enum(allowed, { error: `must be one of ${allowed.join(', ')}` })

const listener = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, 'must begin with a letter; letters, digits, _ and - follow'),
  protocol: choice('kafka', 'websocket'),
  bind: hostPort,
  advertised: hostPort.optional(),
  role: choice('client', 'inter-broker').default('client'),
})

/** Two io workers at least, so that one that is busy never stops the whole broker; four at most. */
export function defaultWorkers(cores: number): number {
  return Math.min(4, Math.max(2, cores))
}

export interface Setting {
  readonly schema: z.ZodType
  /** What stands behind the flag in the help; undefined: the setting has no flag, only the file. */
  readonly flagValue: string | undefined
  readonly help: string
}

const setting = <T extends z.ZodType>(schema: T, flagValue: string | undefined, help: string) => ({
  schema,
  flagValue,
  help,
})

const oneOrMany = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'must be a directory or a list of directories',
})

const ORIGIN_EXPECTED =
  'must be an origin as browsers send it, such as https://app.example.com or http://intranet:8080'

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, { error: ORIGIN_EXPECTED })

export const settings = {
  id: setting(wholeNumber(0, 2 ** 31 - 1).default(1), 'N', 'broker id, unique in a cluster'),
  rack: setting(
    z.string().min(1).optional(),
    'NAME',
    'where this broker stands, for rack-aware clients',
  ),
  data: setting(oneOrMany.default('millrace-data'), 'DIR', 'data directory; may be repeated'),
  kafka: setting(
    hostPort.prefault('127.0.0.1:9092'),
    'HOST:PORT',
    'where Kafka clients connect; port 0 takes a free one',
  ),
  websocket: setting(
    hostPort.prefault('127.0.0.1:9600'),
    'HOST:PORT',
    'where WebSocket clients and HTTP connect',
  ),
  advertise: setting(
    hostPort.optional(),
    'HOST:PORT',
    'the address that Kafka clients are told; default: the bound one',
  ),
  'advertise.websocket': setting(
    hostPort.optional(),
    'HOST:PORT',
    'the address that WebSocket clients are told',
  ),
  'inter.broker': setting(
    hostPort.prefault('127.0.0.1:0'),
    'HOST:PORT',
    'where the other brokers of a cluster connect; with --store only',
  ),
  store: setting(
    z
      .string()
      .regex(
        /^(etcd|zookeeper):\/\//,
        'must be etcd://HOST:PORT/PREFIX or zookeeper://HOST:PORT/PATH',
      )
      .optional(),
    'URL',
    'etcd://HOST:2379/millrace or zookeeper://HOST:2181/millrace: be one of a cluster; default: alone',
  ),
  'session.ms': setting(
    wholeNumber(1_000, 3_600_000).default(9_000),
    'MS',
    'how long a silent broker counts as one of the cluster',
  ),
  'replica.lag.max.ms': setting(
    wholeNumber(100, 3_600_000).default(30_000),
    'MS',
    'a replica that lags for longer is not in sync',
  ),
  'auto.leader.rebalance': setting(
    yesOrNo.default(true),
    'BOOL',
    'preferred replicas lead again, once they are in sync',
  ),
  'leader.imbalance.check.interval.seconds': setting(
    wholeNumber(1, 86_400).default(300),
    'S',
    'how often the controller looks for brokers that lead too little',
  ),
  'replication.factor': setting(
    wholeNumber(1, 32_767).default(1),
    'N',
    'replicas of a topic created without a number of them',
  ),
  listeners: setting(
    z.array(listener).min(1).optional(),
    undefined,
    'the whole list of listeners, in place of kafka and websocket',
  ),
  workers: setting(
    wholeNumber(0, 64).default(defaultWorkers(availableParallelism())),
    'N',
    'io workers; default one a core, two to four; 0 runs all on one thread',
  ),
  flush: setting(
    choice('group', 'interval', 'os').default('group'),
    'POLICY',
    'when data reaches the disk: group (before the acknowledgement), interval, os',
  ),
  'flush.interval.ms': setting(
    wholeNumber(1, 3_600_000).default(1000),
    'MS',
    'the interval of --flush interval',
  ),
  'log.write.mode': setting(
    choice('mmap', 'pwrite').default('mmap'),
    'MODE',
    'how segments are written: mmap, pwrite',
  ),
  'log.validate.records': setting(
    choice('full', 'header').default('full'),
    'DEPTH',
    'full walks every record before it is stored; header trusts the batch header',
  ),
  'log.retention.check.interval.ms': setting(
    wholeNumber(1, 86_400_000).default(30_000),
    'MS',
    'how often each partition is rolled and deleted by time and size',
  ),
  'auto.create.topics': setting(
    yesOrNo.default(true),
    'BOOL',
    'create a topic that a client asks for',
  ),
  partitions: setting(
    wholeNumber(1, 10_000).default(1),
    'N',
    'partitions of a topic created without a count',
  ),
  'topic.defaults': setting(
    z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    undefined,
    'defaults of topic configs, by the names Kafka gives them',
  ),
  'max.request.bytes': setting(sizeBytes.prefault('100MiB'), 'SIZE', 'the largest request frame'),
  'max.connections': setting(
    wholeNumber(1, 1_000_000).default(10_000),
    'N',
    'connections at once, all listeners together',
  ),
  'allow.public.bind': setting(
    yesOrNo.default(false),
    'BOOL',
    'serve beyond loopback although there is no authentication',
  ),
  'allow.origin': setting(
    z.union([origin, z.array(origin)], { error: ORIGIN_EXPECTED }).default([]),
    'ORIGIN',
    'web pages that may open a WebSocket beside those of loopback and of the broker; may be repeated',
  ),
  'log.level': setting(
    choice('debug', 'info', 'warn', 'error', 'silent').default('info'),
    'LEVEL',
    'debug, info, warn, error, silent',
  ),
} as const satisfies Record<string, Setting>

export type SettingKey = keyof typeof settings
export const settingKeys = Object.keys(settings) as SettingKey[]

/** Settings that may be given several times as a flag, and with commas between in the environment. */
export const repeatable: ReadonlySet<SettingKey> = new Set(['data', 'allow.origin'])

/** Flag of a setting: dots become dashes. */
export function flagOf(key: SettingKey): string {
  return `--${key.replaceAll('.', '-')}`
}

/** Environment variable of a setting: MILLRACE_ and the name in capitals, dots as underscores. */
export function environmentOf(key: SettingKey): string {
  return `MILLRACE_${key.replaceAll('.', '_').toUpperCase()}`
}

export const settingsSchema = z.strictObject(
  Object.fromEntries(settingKeys.map((key) => [key, settings[key].schema])) as {
    [K in SettingKey]: (typeof settings)[K]['schema']
  },
)
export type Settings = z.output<typeof settingsSchema>
