// Exit codes, and the one place where a failure becomes a line on standard error.

export const ExitCode = {
  done: 0,
  /** What was asked for makes sense and could not be done: a port in use, a locked directory. */
  failed: 1,
  /** What was asked for makes no sense, whatever the machine: a flag, a setting, a file of settings. */
  usage: 2,
  unreachable: 3,
  notFound: 4,
  damaged: 5,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A failure that a command foresaw: its message is for a person, as it stands. */
export class CommandFailure extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = ExitCode.failed,
  ) {
    super(message)
  }
}

export function reportFailure(error: unknown): void {
  if (error instanceof CommandFailure) {
    process.stderr.write(`millrace: ${error.message}\n`)
    process.exitCode = error.exitCode
    return
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`millrace: unexpected failure\n${detail}\n`)
  process.exitCode = ExitCode.failed
}
