// What the commands that talk to a broker share: where it is, and what its failures mean.
import type { Command } from 'commander'
import type { Client } from '../client/index.js'
import { CommandFailure, ExitCode } from './exit.js'

const DEFAULT_URL = 'ws://127.0.0.1:9600'
/** How long a command waits for a broker that restarts. */
const GIVE_UP_AFTER_MS = 60_000

export interface ConnectFlags {
  readonly url: string
}

export function addConnectFlags(command: Command): Command {
  return command.option(
    '--url <URL>',
    'the broker, as its WebSocket URL (environment: MILLRACE_URL)',
    process.env.MILLRACE_URL ?? DEFAULT_URL,
  )
}

/** Runs `work` with a client and closes it; a failure becomes a line and an exit code. */
export async function withClient<T>(
  flags: ConnectFlags,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  checkUrl(flags.url)
  try {
    const { connect } = await import('../client/index.js')
    const client = await connect(flags.url, {
      name: 'millrace-cli',
      giveUpAfterMs: GIVE_UP_AFTER_MS,
    })
    try {
      return await work(client)
    } finally {
      await client.close()
    }
  } catch (error) {
    throw explain(error, flags.url)
  }
}

function checkUrl(url: string): void {
  if (/^(wss?|https?):$/.test(URL.canParse(url) ? new URL(url).protocol : '')) return
  throw new CommandFailure(
    `"${url}" is no WebSocket URL such as ${DEFAULT_URL}: give one with --url or in MILLRACE_URL`,
    ExitCode.usage,
  )
}

function explain(error: unknown, url: string): unknown {
  if (!(error instanceof Error)) return error
  switch (codeOf(error)) {
    case 'connection-failed':
    case 'connection-lost':
      return new CommandFailure(
        `no broker answers at ${url} (${error.message}): is it running? Start one with "millrace serve", or name another with --url`,
        ExitCode.unreachable,
      )
    case 'unknown-topic':
    case 'invalid-partition':
      return new CommandFailure(error.message, ExitCode.notFound)
    case undefined:
      return error
    default:
      return new CommandFailure(error.message)
  }
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
