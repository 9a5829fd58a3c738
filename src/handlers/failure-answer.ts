// A failure of the domain as the two fields that most answers of the administration carry.
import type { Failure } from '../base/errors.js'
import { errorNumber, kafkaError } from './error-mapping.js'

export interface ErrorFields {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const noError: ErrorFields = { errorCode: kafkaError.NONE, errorMessage: null }

export function errorFields({ code, message }: Failure): ErrorFields {
  return { errorCode: errorNumber(code), errorMessage: message === '' ? null : message }
}

/** What Kafka says where it says nothing particular. */
export const GENERIC_INVALID_REQUEST =
  'This most likely occurs because of a request being malformed by the client library or the message ' +
  'was sent to an incompatible broker. See the broker logs for more details.'

/** Those that were asked for once, and the names that were asked for more often. */
export function splitDuplicates<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
): { readonly single: readonly T[]; readonly duplicated: readonly string[] } {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(nameOf(item), (counts.get(nameOf(item)) ?? 0) + 1)
  return {
    single: items.filter((item) => counts.get(nameOf(item)) === 1),
    duplicated: [...counts].filter(([, count]) => count > 1).map(([name]) => name),
  }
}
