// What the control plane needs of the place that keeps its metadata. Small enough for one file on
// disk, for ZooKeeper and for etcd to mean the same by it; test/store/conformance.ts holds them to it.
//
// Two rules for whoever uses it:
// - A key that is ever a condition is never created again after its deletion: what some stores check
//   restarts with the key. Put an id into the path and write a tombstone value instead.
// - A watch is a hint: it may be late, doubled or lost. List again after it, and now and then without.
import type { Failure, Outcome } from '../base/errors.js'

/** Of one key: grows with each put, also when the key was deleted in between. */
export type StoreVersion = bigint

export interface StoredValue {
  readonly value: Uint8Array
  readonly version: StoreVersion
}

export interface StoredItem extends StoredValue {
  readonly key: string
}

export interface StoreCondition {
  readonly key: string
  readonly version: StoreVersion | 'absent'
}

export type StoreOperation =
  | {
      readonly type: 'put'
      readonly key: string
      readonly value: Uint8Array
      /** The key goes when this session ends. */
      readonly session?: StoreSession
    }
  | { readonly type: 'delete'; readonly key: string }

export type TransactionResult =
  /** `version`: what every key has now that was put. */
  | { readonly status: 'committed'; readonly version: StoreVersion }
  /** A condition did not hold; nothing was applied. */
  | { readonly status: 'conflict'; readonly key: string }
  /** Certainly not applied. */
  | { readonly status: 'refused'; readonly failure: Failure }
  /** Applied or not: read again and look for one's own value before acting on either belief. */
  | { readonly status: 'unknown'; readonly failure: Failure }

export interface StoreSession {
  readonly id: string
  /**
   * On the monotonic clock: until then nobody else can have been told that this session ended. A
   * holder compares it with the time right before each act, never in a callback only; it is no fence.
   */
  validUntilMs(): number
  /** Deletes the session's keys. Idempotent. */
  close(): Promise<void>
}

/** A key right after a change of it; younger ones may have followed, and then have a greater version. */
export interface StoredChange {
  readonly key: string
  /** undefined: deleted. */
  readonly value: Uint8Array | undefined
  readonly version: StoreVersion
}

/**
 * `keys`: what has changed, as far as the store says so; undefined: anything may have. `changes`: what of
 * these keys need not be read, from a store that tells it.
 */
export type StoreHint = (
  keys: readonly string[] | undefined,
  changes?: readonly StoredChange[],
) => void

export interface MetadataStore {
  /** Linearizable. */
  get(key: string): Promise<Outcome<StoredValue | undefined>>
  /** By key; each item has its own version, the list as a whole is no snapshot. */
  list(prefix: string): Promise<Outcome<readonly StoredItem[]>>
  /** All operations or none, if every condition holds. At most one operation a key. */
  txn(
    conditions: readonly StoreCondition[],
    operations: readonly StoreOperation[],
  ): Promise<TransactionResult>
  /** Calls `hint` some time after something under the prefix changed. Returns how to stop. */
  watch(prefix: string, hint: StoreHint): () => void
  openSession(ttlMs: number): Promise<Outcome<StoreSession>>
  close(): Promise<void>
}

export const MAX_KEY_BYTES = 1024
/** ZooKeeper's limit of a node. */
export const MAX_VALUE_BYTES = 1_000_000
