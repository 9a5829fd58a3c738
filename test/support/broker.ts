// A broker as a user starts it: the command, in a process of its own, on free ports.
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { kill, outputLine, start } from './processes.js'

/** The command of the same build as this test. */
export const millrace = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

export interface TestBroker {
  readonly kafka: string
  readonly kafkaPort: number
  readonly websocket: string
  readonly pid: number
  readonly dataDirectory: string
  /** Everything it wrote to standard error so far. */
  log(): string
  /** Resolves when the process is gone, however it went. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>
  /** SIGKILL: no last words. */
  crash(): Promise<void>
  /** Starts again on the same data and the same ports. */
  restart(flags?: readonly string[]): Promise<TestBroker>
}

export interface BrokerOptions {
  readonly flags?: readonly string[]
  readonly dataDirectory?: string
  readonly ports?: { readonly kafka: number; readonly websocket: number }
  readonly environment?: Readonly<Record<string, string>>
  /** A command that ends by executing its arguments. */
  readonly under?: readonly string[]
}

const temporary: string[] = []

export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  if (temporary.push(path) === 1) {
    process.on('exit', () => {
      for (const made of temporary) rmSync(made, { recursive: true, force: true })
    })
  }
  return path
}

export async function startBroker(options: BrokerOptions = {}): Promise<TestBroker> {
  const dataDirectory = options.dataDirectory ?? temporaryDirectory()
  const { kafka = 0, websocket = 0 } = options.ports ?? {}
  const flags = [
    '--data',
    dataDirectory,
    '--kafka',
    `127.0.0.1:${kafka}`,
    '--websocket',
    `127.0.0.1:${websocket}`,
  ]
  const [program = '', ...args] = [...(options.under ?? []), process.execPath, millrace]
  const child = start(program, [...args, 'serve', '--json', ...flags, ...(options.flags ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  })
  let log = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    log += chunk.toString()
  })
  const line = await outputLine(child, /./).catch((error: Error) => {
    throw new Error(`the broker did not start: ${error.message}\n${log}`)
  })
  const ready = JSON.parse(line) as {
    ready: boolean
    kafka: string
    websocket: string
    pid: number
  }
  return describe(child, ready, { ...options, dataDirectory }, () => log)
}

function describe(
  child: ChildProcess,
  ready: { kafka: string; websocket: string; pid: number },
  options: BrokerOptions & { dataDirectory: string },
  log: () => string,
): TestBroker {
  const portOf = (address: string) => Number(address.slice(address.lastIndexOf(':') + 1))
  const ports = { kafka: portOf(ready.kafka), websocket: portOf(ready.websocket) }
  return {
    ...ready,
    kafkaPort: ports.kafka,
    dataDirectory: options.dataDirectory,
    log,
    exited: new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
    }),
    stop: async () => {
      await kill(child, 'SIGINT')
      return child.exitCode
    },
    crash: () => kill(child, 'SIGKILL'),
    restart: (flags) => startBroker({ ...options, ports, ...(flags ? { flags } : {}) }),
  }
}
