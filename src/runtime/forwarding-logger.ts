// A worker's logger: one place in the process writes, so that lines never mix and no worker carries a
// logging library.
import type { LogFields, Logger } from '../base/logger.js'
import type { BrokerConfig } from '../config/types.js'
import type { LogEvent } from './messages.js'

type Level = LogEvent['level']
const LEVELS: readonly Level[] = ['debug', 'info', 'warn', 'error']

export function forwardingLogger(
  level: BrokerConfig['logLevel'],
  post: (event: LogEvent) => void,
  fields?: LogFields,
): Logger {
  const lowest = level === 'silent' ? LEVELS.length : LEVELS.indexOf(level)
  const write = (at: Level) =>
    LEVELS.indexOf(at) < lowest
      ? () => {}
      : (message: string, own?: LogFields) =>
          post({ level: at, message, fields: fields ? { ...fields, ...own } : own })
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (more) => forwardingLogger(level, post, { ...fields, ...more }),
  }
}

export function writeForwarded(logger: Logger, { level, message, fields }: LogEvent): void {
  logger[level](message, fields)
}
