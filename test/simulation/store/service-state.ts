// The keys of the simulated coordination service and what may be done to them in one step.
import { type Failure, fail } from '../../../src/base/errors.js'
import {
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type StoreCondition,
  type StoredItem,
  type StoredValue,
  type StoreOperation,
  type TransactionResult,
} from '../../../src/store/metadata-store.js'

interface Item {
  readonly value: Uint8Array
  readonly version: bigint
  readonly sessionId: string | undefined
}

export interface StateSnapshot {
  readonly items: ReadonlyMap<string, Item>
  readonly revision: bigint
}

export class ServiceState {
  private items = new Map<string, Item>()
  private revision = 0n

  get(key: string): StoredValue | undefined {
    const item = this.items.get(key)
    return item && { value: item.value.slice(), version: item.version }
  }

  list(prefix: string): readonly StoredItem[] {
    return [...this.items.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort()
      .flatMap((key) => {
        const found = this.get(key)
        return found === undefined ? [] : [{ key, ...found }]
      })
  }

  txn(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): TransactionResult {
    const violated = conditions.find(
      ({ key, version }) => (this.items.get(key)?.version ?? 'absent') !== version,
    )
    if (violated !== undefined) return { status: 'conflict', key: violated.key }
    this.revision++
    for (const operation of operations) {
      if (operation.type === 'delete') this.items.delete(operation.key)
      else this.put(operation.key, operation.value, operation.session?.id)
    }
    return { status: 'committed', version: this.revision }
  }

  /** Which keys went. */
  deleteOf(sessionId: string): readonly string[] {
    const keys = [...this.items].filter(([, item]) => item.sessionId === sessionId)
    for (const [key] of keys) this.items.delete(key)
    if (keys.length > 0) this.revision++
    return keys.map(([key]) => key)
  }

  snapshot(): StateSnapshot {
    return { items: new Map(this.items), revision: this.revision }
  }

  restore(snapshot: StateSnapshot): void {
    this.items = new Map(snapshot.items)
    this.revision = snapshot.revision
  }

  private put(key: string, value: Uint8Array, sessionId: string | undefined): void {
    this.items.set(key, { value: value.slice(), version: this.revision, sessionId })
  }
}

export function problemOf(operations: readonly StoreOperation[]): Failure | undefined {
  const keys = new Set<string>()
  for (const operation of operations) {
    const { key } = operation
    if (keys.has(key)) return invalid(`a transaction changes ${key} twice`)
    keys.add(key)
    if (key === '' || Buffer.byteLength(key) > MAX_KEY_BYTES) {
      return invalid(`a key has 1 to ${MAX_KEY_BYTES} bytes, not ${Buffer.byteLength(key)}`)
    }
    if (operation.type === 'put' && operation.value.length > MAX_VALUE_BYTES) {
      return invalid(`the value of ${key} has ${operation.value.length} bytes`)
    }
  }
  return undefined
}

export function invalid(message: string): Failure {
  return fail('INVALID_REQUEST', message).failure
}
