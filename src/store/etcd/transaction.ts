// A transaction as etcd's: compares, operations, and for the case that a compare fails the compared keys
// themselves, so that the answer says which one it was.
import { type Failure, fail } from '../../base/errors.js'
import {
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type StoreCondition,
  type StoreOperation,
  type TransactionResult,
} from '../metadata-store.js'
import { base64, int64In, type JsonObject, objectIn, objectsIn } from './json.js'
import type { Answer } from './members.js'
import { failureOf } from './requests.js'
import { EtcdSession } from './session.js'

/** etcd's defaults, --max-txn-ops and --max-request-bytes. */
const MAX_OPERATIONS = 128
const MAX_REQUEST_BYTES = 1_572_864
/** At least what protocol buffers add to the keys and values. */
const OVERHEAD_BYTES = 64
const MAX_INT64 = 2n ** 63n - 1n

export interface Transaction {
  readonly conditions: readonly StoreCondition[]
  readonly operations: readonly StoreOperation[]
}

/** Why it is not even sent. */
export function problemOf(transaction: Transaction, prefix: string): Failure | undefined {
  const { conditions, operations } = transaction
  for (const count of [conditions.length, operations.length]) {
    if (count > MAX_OPERATIONS) {
      return invalid(`${count} in one transaction; etcd takes ${MAX_OPERATIONS}`)
    }
  }
  const keys = new Set<string>()
  for (const operation of operations) {
    if (keys.has(operation.key)) return invalid(`a transaction changes ${operation.key} twice`)
    keys.add(operation.key)
  }
  for (const { key } of [...conditions, ...operations]) {
    const failure = keyProblem(key)
    if (failure !== undefined) return failure
  }
  return operations.map(operationProblem).find(Boolean) ?? sizeProblem(transaction, prefix)
}

export function keyProblem(key: string): Failure | undefined {
  const sizeBytes = Buffer.byteLength(key)
  if (sizeBytes === 0 || sizeBytes > MAX_KEY_BYTES) {
    return invalid(`a key has 1 to ${MAX_KEY_BYTES} bytes, not ${sizeBytes}`)
  }
  return key.startsWith('/') ? undefined : invalid(`a key begins with a slash: ${key}`)
}

function operationProblem(operation: StoreOperation): Failure | undefined {
  if (operation.type === 'delete') return undefined
  const { key, value, session } = operation
  if (value.length > MAX_VALUE_BYTES) {
    return invalid(
      `the value of ${key} has ${value.length} bytes; at most ${MAX_VALUE_BYTES} are stored`,
    )
  }
  if (session === undefined) return undefined
  if (!(session instanceof EtcdSession))
    return invalid(`${key}: session ${session.id} is no etcd lease`)
  return session.hasEnded
    ? invalid(`${key} is to be put for session ${session.id}, which has ended`)
    : undefined
}

function sizeProblem({ conditions, operations }: Transaction, prefix: string): Failure | undefined {
  const keyBytes = (key: string) => Buffer.byteLength(prefix) + Buffer.byteLength(key)
  let sizeBytes = OVERHEAD_BYTES
  for (const { key } of conditions) sizeBytes += 2 * (keyBytes(key) + OVERHEAD_BYTES)
  for (const operation of operations) {
    sizeBytes += keyBytes(operation.key) + OVERHEAD_BYTES
    if (operation.type === 'put') sizeBytes += operation.value.length
  }
  return sizeBytes <= MAX_REQUEST_BYTES
    ? undefined
    : invalid(`a transaction of ${sizeBytes} bytes; etcd takes ${MAX_REQUEST_BYTES}`)
}

/** etcd takes 0 for "absent", and absent keys have no version: such a condition never holds. */
export function impossible(conditions: readonly StoreCondition[]): StoreCondition | undefined {
  return conditions.find(
    ({ version }) => version !== 'absent' && (version <= 0n || version > MAX_INT64),
  )
}

export function encodeTransaction({ conditions, operations }: Transaction, prefix: string): string {
  const keyOf = (key: string) => base64(prefix + key)
  return JSON.stringify({
    compare: conditions.map(({ key, version }) => ({
      key: keyOf(key),
      result: 'EQUAL',
      ...(version === 'absent'
        ? { target: 'CREATE', create_revision: '0' }
        : { target: 'MOD', mod_revision: `${version}` }),
    })),
    success: operations.map((operation) => {
      const key = keyOf(operation.key)
      if (operation.type === 'delete') return { request_delete_range: { key } }
      const lease = operation.session === undefined ? {} : { lease: operation.session.id }
      return { request_put: { key, value: base64(operation.value), ...lease } }
    }),
    failure: conditions.map(({ key }) => ({ request_range: { key: keyOf(key), keys_only: true } })),
  })
}

export function decodeResult(
  body: JsonObject,
  conditions: readonly StoreCondition[],
): TransactionResult {
  if (body.succeeded === true) {
    return { status: 'committed', version: int64In(objectIn(body, 'header'), 'revision') }
  }
  const found = objectsIn(body, 'responses').map((response) => {
    const [item] = objectsIn(objectIn(response, 'response_range'), 'kvs')
    return item === undefined ? 'absent' : int64In(item, 'mod_revision')
  })
  const violated = conditions.find(({ version }, index) => found[index] !== version)
  if (violated !== undefined) return { status: 'conflict', key: violated.key }
  return { status: 'unknown', failure: fail('UNEXPECTED', 'etcd names no conflict').failure }
}

/** Anything but an answer that says what was done. */
export function withoutAnswer(answer: Answer): TransactionResult {
  const failure = failureOf(answer)
  return { status: isCertainlyNotApplied(answer) ? 'refused' : 'unknown', failure }
}

// Of gRPC's codes: INVALID_ARGUMENT, NOT_FOUND (a lease), PERMISSION_DENIED and UNAUTHENTICATED come
// from checks before anything is applied. RESOURCE_EXHAUSTED does not: out of space, etcd applies the
// transaction that reached the limit, and then answers with it.
function isCertainlyNotApplied(answer: Answer): boolean {
  if (answer.type === 'unsent') return true
  if (answer.type !== 'error') return false
  if (answer.code === 8) return answer.problem.endsWith('etcdserver: too many requests')
  return [3, 5, 7, 16].includes(answer.code)
}

export function isLeaseGone(answer: Answer): boolean {
  return answer.type === 'error' && answer.code === 5
}

function invalid(message: string): Failure {
  return fail('INVALID_REQUEST', message).failure
}
