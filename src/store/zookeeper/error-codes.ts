// What ZooKeeper's servers answer instead of a result.
import { type Failure, fail } from '../../base/errors.js'

export const NO_NODE = -101
export const BAD_VERSION = -103
export const NO_CHILDREN_FOR_EPHEMERALS = -108
export const NODE_EXISTS = -110
export const NOT_EMPTY = -111
export const SESSION_EXPIRED = -112
export const SESSION_MOVED = -118

// A code above these may come from the last stage of a server, after a change has been applied.
const DECIDED_BEFORE_ANY_CHANGE = new Map([
  [NO_NODE, 'no node'],
  [-102, 'not authorised'],
  [BAD_VERSION, 'another version'],
  [NO_CHILDREN_FOR_EPHEMERALS, 'a node of a session has no children'],
  [NODE_EXISTS, 'the node exists'],
  [NOT_EMPTY, 'the node has children'],
  [SESSION_EXPIRED, 'the session has expired'],
  [-114, 'the ACL is invalid'],
  [-115, 'the authentication failed'],
  [SESSION_MOVED, 'the session has moved to another server'],
  [-119, 'the server is read-only'],
  [-125, 'the quota is exceeded'],
  [-127, 'the server is overloaded'],
])

/** Whether the request has certainly changed nothing. */
export function changedNothing(code: number): boolean {
  return DECIDED_BEFORE_ANY_CHANGE.has(code)
}

export function failureOf(what: string, code: number): Failure {
  const reason = DECIDED_BEFORE_ANY_CHANGE.get(code) ?? 'error'
  return fail('UNEXPECTED', `ZooKeeper answers ${reason} (${code}) to ${what}`).failure
}
