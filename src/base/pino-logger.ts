// The only importer of pino. Logs go to standard error: standard output belongs to results.
import { destination, type Logger as PinoLogger, pino } from 'pino'
import type { LogFields, Logger } from './logger.js'

export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent'
  readonly fields?: LogFields
}

/** One JSON object a line on standard error: {level, time, msg, …fields}. */
export function pinoLogger(options: PinoLoggerOptions): Logger {
  const root = pino(
    {
      level: options.level,
      base: options.fields ?? null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    destination({ fd: 2, sync: true }),
  )
  return wrap(root)
}

function wrap(logger: PinoLogger): Logger {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    child: (fields) => wrap(logger.child(fields)),
  }
}
