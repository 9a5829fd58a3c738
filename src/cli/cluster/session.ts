// What all of `millrace cluster` share: how to reach the cluster, and how numbers are given.
import type { Command } from 'commander'
import { CommandFailure, ExitCode } from '../exit.js'
import type { KafkaWire } from '../kafka-wire.js'

const DEFAULT_ADDRESS = '127.0.0.1:9092'

export interface ClusterFlags {
  readonly kafka: string
  readonly json?: boolean
}

export function addClusterFlags(command: Command): Command {
  return command
    .option(
      '--kafka <HOST:PORT>',
      'any broker of the cluster, as Kafka clients reach it (environment: MILLRACE_KAFKA)',
      process.env.MILLRACE_KAFKA ?? DEFAULT_ADDRESS,
    )
    .option('--json', 'print JSON')
}

export async function withBroker(
  flags: ClusterFlags,
  work: (wire: KafkaWire) => Promise<void>,
): Promise<void> {
  if (!/^.+:\d{1,5}$/.test(flags.kafka)) {
    throw new CommandFailure(
      `"${flags.kafka}" is no address such as ${DEFAULT_ADDRESS}: give one with --kafka or in MILLRACE_KAFKA`,
      ExitCode.usage,
    )
  }
  const { KafkaWire } = await import('../kafka-wire.js')
  const wire = await KafkaWire.open(flags.kafka).catch((error: Error) => {
    throw new CommandFailure(
      `no broker answers at ${flags.kafka} (${error.message}): is it running? Name another with --kafka`,
      ExitCode.unreachable,
    )
  })
  try {
    await work(wire)
  } finally {
    wire.close()
  }
}
