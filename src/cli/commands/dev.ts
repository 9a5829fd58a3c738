// millrace dev: a cluster on this machine, to try things out.
import type { Command } from 'commander'
import type { LocalCluster } from '../dev/local-cluster.js'
import { CommandFailure, ExitCode } from '../exit.js'
import { table } from '../table.js'
import { wholeNumber } from '../whole-number.js'

interface Flags {
  readonly brokers: number
  readonly data: string
  readonly kafka: number
  readonly websocket: number
  readonly store?: string
}

const MAX_BROKERS = 16

export function registerDev(program: Command): void {
  program
    .command('dev')
    .description('run a cluster on this machine, to try things out')
    .option('--brokers <N>', 'how many', wholeNumber, 3)
    .option('--data <DIR>', 'where their data and logs go', 'millrace-dev')
    .option(
      '--kafka <PORT>',
      'of the first broker, for Kafka clients; the others follow',
      wholeNumber,
      9092,
    )
    .option('--websocket <PORT>', 'of the first broker, for WebSocket clients', wholeNumber, 9600)
    .option('--store <URL>', 'a coordination service that runs; default: an etcd of its own')
    .addHelpText(
      'after',
      '\nAll brokers listen on loopback only. A broker that dies is started again after five seconds.\n' +
        'Not for production: there each broker runs by itself, on a machine of its own (millrace serve --store).',
    )
    .action(dev)
}

async function dev(flags: Flags): Promise<void> {
  check(flags)
  const { LocalCluster } = await import('../dev/local-cluster.js')
  const cluster = new LocalCluster({ ...flags, tell })
  const signalled = new Promise<void>((done) => {
    process.once('SIGINT', done)
    process.once('SIGTERM', done)
  })
  const serves = cluster.start().then(() => tell(welcome(cluster, flags)))
  // Who stops it before it serves is not told that it was stopped.
  serves.catch(() => undefined)
  try {
    await Promise.race([serves, signalled])
    await signalled
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    throw new CommandFailure(error instanceof Error ? error.message : String(error))
  } finally {
    await cluster.stop()
  }
  tell('stopped cleanly')
}

function check({ brokers, kafka, websocket }: Flags): void {
  if (brokers < 1 || brokers > MAX_BROKERS) {
    throw new CommandFailure(`--brokers is 1 to ${MAX_BROKERS}`, ExitCode.usage)
  }
  const highest = 65_536 - brokers
  if ([kafka, websocket].some((port) => port < 1 || port > highest)) {
    throw new CommandFailure(`the ports are 1 to ${highest}`, ExitCode.usage)
  }
  if (Math.abs(kafka - websocket) < brokers) {
    throw new CommandFailure(
      `each broker takes a port from --kafka and one from --websocket on: ${kafka} and ${websocket} are too close`,
      ExitCode.usage,
    )
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

function welcome({ brokers, store }: LocalCluster, flags: Flags): string {
  const rows = brokers.map(({ id, kafka, websocket, logFile, process: { pid } }) => [
    ...[String(id), kafka, `ws://${websocket}`, String(pid), logFile],
  ])
  const kafka = flags.kafka === 9092 ? '' : ` --kafka 127.0.0.1:${flags.kafka}`
  const url = flags.websocket === 9600 ? '' : ` --url ws://127.0.0.1:${flags.websocket}`
  return [
    '',
    `Millrace serves: ${rows.length} broker${rows.length === 1 ? '' : 's'}, with ${store}`,
    '',
    table(['BROKER', 'KAFKA', 'WEBSOCKET', 'PID', 'LOG'], rows),
    '',
    'Next, in another terminal:',
    `  npx millrace topic create events --partitions 3${url}`,
    `  npx millrace cluster describe${kafka}`,
    `  kill -9 ${brokers[0]?.process.pid}    a broker dies: who leads now?`,
    'Ctrl-C stops them all.',
    '',
  ].join('\n')
}
