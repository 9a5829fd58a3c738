/** What is logged beside a message: flat values, no secrets, no record contents. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

/** Structured logging; the implementation is chosen where the process is put together. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to everything. */
  child(fields: LogFields): Logger
}

export const silentLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLogger,
}
