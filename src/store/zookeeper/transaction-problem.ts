// What makes a transaction impossible whatever the store holds.
import { type Failure, fail } from '../../base/errors.js'
import { MAX_VALUE_BYTES, type StoreCondition, type StoreOperation } from '../metadata-store.js'
import { keyProblem } from './paths.js'

export function transactionProblem(
  conditions: readonly StoreCondition[],
  operations: readonly StoreOperation[],
): Failure | undefined {
  const changed = new Set<string>()
  for (const { key } of [...conditions, ...operations]) {
    const problem = keyProblem(key)
    if (problem !== undefined) return invalid(problem)
  }
  for (const operation of operations) {
    const { key } = operation
    if (changed.has(key)) return invalid(`a transaction changes ${key} twice`)
    changed.add(key)
    if (operation.type === 'put' && operation.value.length > MAX_VALUE_BYTES) {
      return invalid(
        `the value of ${key} has ${operation.value.length} bytes; at most ${MAX_VALUE_BYTES} are stored`,
      )
    }
  }
  return undefined
}

function invalid(message: string): Failure {
  return fail('INVALID_REQUEST', message).failure
}
