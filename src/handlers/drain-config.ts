// `millrace.drain` of a broker: the one broker config that can be changed while the broker runs, so that
// whatever can alter configs can have a broker give up its leaders.
import { type Failure, fail, type Outcome } from '../base/errors.js'
import { DRAIN } from '../config/broker-configs.js'
import type { ConfigOperation } from '../controller/alter-configs.js'
import type { BrokerImage } from '../metadata/image.js'
import { BOOLEAN, type ConfigEntry, source } from './config-entries.js'

export function drainEntry({ isDrained }: Pick<BrokerImage, 'isDrained'>): ConfigEntry {
  const byDefault = { name: DRAIN, value: 'false', source: source.DEFAULT }
  const set = { name: DRAIN, value: 'true', source: source.DYNAMIC_BROKER }
  return {
    ...(isDrained ? set : byDefault),
    type: BOOLEAN,
    documentation: 'Whether the broker leads nothing that others can, and gets no new replicas.',
    synonyms: isDrained ? [set, byDefault] : [byDefault],
  }
}

/** undefined: it is about something else. */
export function drainAsked(
  operations: readonly ConfigOperation[] | Failure,
): Outcome<boolean> | undefined {
  if ('code' in operations || operations.length !== 1) return undefined
  const [{ name, operation, value } = notDrain] = operations
  if (name !== DRAIN) return undefined
  if (operation === 'delete') return { ok: true, value: false }
  if (operation === 'set' && (value === 'true' || value === 'false')) {
    return { ok: true, value: value === 'true' }
  }
  return fail('INVALID_CONFIG', `${DRAIN} is set to true or false, or deleted`)
}

const notDrain: ConfigOperation = { name: '', operation: 'delete', value: null }
