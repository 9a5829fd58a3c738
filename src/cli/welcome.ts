// The lines that a person reads when the broker serves.
import type { BrokerConfig, HostPort } from '../config/types.js'

export interface ServedAddresses {
  readonly kafka: HostPort | undefined
  readonly websocket: HostPort | undefined
}

export function welcome(config: BrokerConfig, served: ServedAddresses): string {
  const lines = ['', 'Millrace serves.', '']
  if (served.websocket) lines.push(row('WebSocket', `ws://${show(served.websocket)}`))
  if (served.kafka) {
    const advertised = config.listeners.find(
      (l) => l.protocol === 'kafka' && l.role === 'client',
    )?.advertised
    const told = advertised
      ? `  (clients are told ${show(advertised)})`
      : '  (and clients are told so)'
    lines.push(row('Kafka', show(served.kafka) + told))
  }
  lines.push(row('Data', config.dataDirectories.join(', ')))
  lines.push(row('Durability', promiseOf(config)))
  lines.push(row('', copiesOf(config)))
  lines.push('', ...nextSteps(served), '')
  return `${lines.join('\n')}\n`
}

function copiesOf({ store }: BrokerConfig): string {
  return store === undefined
    ? 'one copy of the data: a lost disk is lost data'
    : 'on as many brokers as are in sync for its partition; a topic says how many (min.insync.replicas)'
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(12)}${text}`
}

function show({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What an acknowledgement means under the current flush policy, in a sentence. */
export function promiseOf(config: BrokerConfig): string {
  switch (config.flush) {
    case 'group':
      return 'an acknowledged record is on the disk (flush=group)'
    case 'interval':
      return `an acknowledged record survives a crash of the broker; a power cut may take the last ${config.flushIntervalMs} ms (flush=interval)`
    case 'os':
      return 'an acknowledged record survives a crash of the broker, not a power cut (flush=os)'
  }
}

function nextSteps({ kafka, websocket }: ServedAddresses): string[] {
  const steps = ['Next, in another terminal:']
  if (websocket) {
    const url = websocket.port === 9600 ? '' : ` --url ws://${show(websocket)}`
    steps.push(`  echo hello | npx millrace produce greetings${url}`)
    steps.push(`  npx millrace consume greetings --from earliest --until-end${url}`)
  }
  if (kafka) steps.push(`  kcat -b ${show(kafka)} -C -t greetings -o beginning -e`)
  steps.push('Ctrl-C stops it.')
  return steps
}
