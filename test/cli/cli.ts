// The command as a script runs it: arguments, input, what it printed and its exit code.
import { millrace, temporaryDirectory } from '../support/broker.js'
import { type Finished, runToEnd } from '../support/processes.js'

export interface RunOptions {
  readonly input?: Uint8Array | string
  readonly environment?: Readonly<Record<string, string>>
}

/** Runs in an empty directory, so that nothing that lies about is picked up. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return runToEnd(process.execPath, [millrace, ...args], {
    cwd: temporaryDirectory(),
    env: { ...process.env, ...options.environment },
    ...(options.input === undefined ? {} : { input: options.input }),
  })
}
