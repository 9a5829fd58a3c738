// millrace serve: starts the broker, says where it serves, stops it on Ctrl-C.
import { type Command, Option } from 'commander'
import type { ConfigFile } from '../../config/file.js'
import {
  flagOf,
  repeatable,
  type SettingKey,
  settingKeys,
  settings,
} from '../../config/settings.js'
import type { BrokerConfig } from '../../config/types.js'
import { CommandFailure, ExitCode, reportFailure } from '../exit.js'
import { welcome } from '../welcome.js'

type Flags = Partial<Record<string, unknown>> & { config?: string; json?: boolean }

export function registerServe(program: Command): void {
  const command = program
    .command('serve')
    .description('run a broker')
    .option(
      '--config <FILE>',
      'YAML or JSON file with settings by the names below, without the dashes',
    )
    .option('--json', 'print one line of JSON when it serves, and logs as JSON only')
  for (const key of settingKeys) addFlag(command, key)
  command.addHelpText(
    'after',
    '\nEvery setting can also stand in the file (log.write.mode: mmap) or in the environment\n' +
      '(MILLRACE_LOG_WRITE_MODE=mmap). Flags win over the environment, the environment over the file.',
  )
  command.action(async (flags: Flags) => serve(flags))
}

function addFlag(command: Command, key: SettingKey): void {
  const { flagValue, help } = settings[key]
  if (flagValue === undefined) return
  const option = new Option(`${flagOf(key)} <${flagValue}>`, help)
  if (repeatable.has(key)) {
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
  }
  command.addOption(option.helpGroup(groupOf(key)))
}

function groupOf(key: SettingKey): string {
  if (
    [
      'kafka',
      'websocket',
      'advertise',
      'advertise.websocket',
      'allow.public.bind',
      'allow.origin',
    ].includes(key)
  ) {
    return 'Listeners:'
  }
  if (
    ['data', 'flush', 'flush.interval.ms', 'log.write.mode', 'log.validate.records'].includes(key)
  ) {
    return 'Durability:'
  }
  return 'Broker:'
}

async function serve(flags: Flags): Promise<void> {
  const config = await configFrom(flags)
  const { startBroker } = await import('../../main.js')
  const { pinoLogger } = await import('../../base/pino-logger.js')
  const started = await startBroker(config, pinoLogger({ level: config.logLevel }))
  if (!started.ok) throw new CommandFailure(started.failure.message)
  const broker = started.value
  const stopped = stopOnSignal(() => broker.stop())
  if (flags.json) {
    const kafka = broker.kafka ? `${broker.kafka.host}:${broker.kafka.port}` : null
    const websocket = broker.websocket
      ? `ws://${broker.websocket.host}:${broker.websocket.port}`
      : null
    process.stdout.write(`${JSON.stringify({ ready: true, kafka, websocket, pid: process.pid })}\n`)
  } else {
    process.stdout.write(welcome(config, broker))
  }
  const failure = await Promise.race([stopped, broker.failed])
  if (failure instanceof Error) throw new CommandFailure(failure.message)
  if (!(await broker.stop())) {
    reportFailure(new CommandFailure('a thread stands still: stopped without it'))
    return endBySignal('SIGTERM') // an exit would wait for the thread
  }
  if (!flags.json) process.stdout.write('stopped cleanly\n')
}

async function configFrom(flags: Flags): Promise<BrokerConfig> {
  const { loadConfig } = await import('../../config/load.js')
  const given: Partial<Record<SettingKey, unknown>> = {}
  for (const key of settingKeys) given[key] = flags[attributeOf(key)]
  const file = flags.config === undefined ? undefined : await fileAt(flags.config)
  const loaded = loadConfig({ flags: given, environment: process.env, file })
  if (!loaded.ok) throw new CommandFailure(loaded.failure.message, ExitCode.usage)
  return loaded.value
}

async function fileAt(path: string): Promise<ConfigFile> {
  const { readConfigFile } = await import('../../config/file.js')
  const read = readConfigFile(path)
  if (!read.ok) throw new CommandFailure(read.failure.message, ExitCode.usage)
  return read.value
}

// commander keeps --log-write-mode as logWriteMode.
function attributeOf(key: SettingKey): string {
  return key.replaceAll(/\.([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

// Not process.exit(): it would take down the threads, which aborts while one of them serves WebSockets.
function endBySignal(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

// The first signal stops cleanly; a second one while stopping leaves at once.
function stopOnSignal(stop: () => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let stopping = false
    const onSignal = (signal: NodeJS.Signals) => {
      if (stopping) endBySignal(signal)
      stopping = true
      stop().then(resolve, reject)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
  })
}
