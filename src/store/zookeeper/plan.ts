// Makes a transaction of the store into one of ZooKeeper, given the nodes as they were just read. Each
// node it rests on is held by a check, or by the version that its change expects: if one of them has
// changed since, nothing is applied, and the caller reads and plans again.
//
// The store's version of a key is the id of the transaction that last changed its node (mzxid). Those are
// never used twice, so a version read before a delete holds of nothing that was put later. ZooKeeper can
// only check a data version, which restarts at 0 with the node; so the id is compared with what was read
// and the data version read with it is checked. Between that reading and the transaction a node could be
// deleted, made again and changed as many times as the first one was; the rule that no key that is a
// condition is ever created again excludes it.
import { type Failure, fail } from '../../base/errors.js'
import type { StoreCondition } from '../metadata-store.js'
import type { Stat } from './messages.js'
import type { MultiOperation } from './multi.js'
import { hasValue } from './nodes.js'
import { ancestorsOf } from './paths.js'

export type Change =
  | {
      readonly type: 'put'
      readonly key: string
      /** With its format byte. */
      readonly data: Uint8Array
      readonly ephemeral: boolean
    }
  | { readonly type: 'delete'; readonly key: string }

export interface PlanInput {
  readonly root: string
  readonly sessionId: bigint
  readonly conditions: readonly StoreCondition[]
  readonly changes: readonly Change[]
  /** By path; a path that is not in it has no node. */
  readonly nodes: ReadonlyMap<string, Stat>
}

export type Plan =
  | { readonly status: 'ready'; readonly operations: readonly MultiOperation[] }
  | { readonly status: 'conflict'; readonly key: string }
  | { readonly status: 'refused'; readonly failure: Failure }

const NO_DATA = new Uint8Array(0)

/** The nodes a transaction's plan rests on. */
export function pathsOf(input: Omit<PlanInput, 'nodes' | 'sessionId'>): ReadonlySet<string> {
  const paths = new Set<string>()
  for (const { key } of [...input.conditions, ...input.changes]) {
    const path = input.root + key
    for (const ancestor of ancestorsOf(path, input.root)) paths.add(ancestor)
    paths.add(path)
  }
  return paths
}

export function plan(input: PlanInput): Plan {
  const violated = input.conditions.find((condition) => !holds(input, condition))
  if (violated !== undefined) return { status: 'conflict', key: violated.key }
  const planner = new Planner(input)
  const changed = new Set(input.changes.map(({ key }) => key))
  for (const { key } of input.conditions) if (!changed.has(key)) planner.guard(key)
  // A node comes before what lies below it.
  const changes = [...input.changes].sort((a, b) => a.key.length - b.key.length)
  for (const change of changes) if (change.type === 'delete') planner.guardAbsence(change.key)
  for (const change of changes) {
    const failure = planner.change(change)
    if (failure !== undefined) return { status: 'refused', failure }
  }
  return { status: 'ready', operations: planner.operations() }
}

function holds({ root, nodes }: PlanInput, { key, version }: StoreCondition): boolean {
  const node = nodes.get(root + key)
  if (node === undefined || !hasValue(node)) return version === 'absent'
  return node.mzxid === version
}

class Planner {
  private readonly guards = new Map<string, readonly MultiOperation[]>()
  private readonly changes: MultiOperation[] = []
  private readonly made = new Set<string>()
  private readonly removed = new Set<string>()

  constructor(private readonly input: PlanInput) {}

  operations(): readonly MultiOperation[] {
    return [...[...this.guards.values()].flat(), ...this.telling()]
  }

  // Of a node that it makes ZooKeeper does not tell the transaction's id; of data that it sets it does. So
  // one that is made is made empty, and gets its data then.
  private telling(): readonly MultiOperation[] {
    if (this.changes.some(({ type }) => type === 'setData')) return this.changes
    let isTold = false
    return this.changes.flatMap((change): MultiOperation[] => {
      if (isTold || change.type !== 'create' || change.data === NO_DATA) return [change]
      isTold = true
      const { path, data } = change
      return [
        { ...change, data: NO_DATA },
        { type: 'setData', path, data, version: 0 },
      ]
    })
  }

  /** The transaction fails when the key is not as it was read. */
  guard(key: string): void {
    const path = this.input.root + key
    const node = this.input.nodes.get(path)
    if (node !== undefined) {
      this.guards.set(path, [{ type: 'check', path, version: node.version }])
      return
    }
    // ZooKeeper cannot check that there is no node; but then it can be made, and taken away again.
    const missing = this.pathTo(path).find((at) => !this.input.nodes.has(at)) ?? path
    this.guards.set(missing, [
      { type: 'create', path: missing, data: NO_DATA, ephemeral: false },
      { type: 'delete', path: missing, version: 0 },
    ])
  }

  /** For a delete that has nothing to delete. */
  guardAbsence(key: string): void {
    const node = this.input.nodes.get(this.input.root + key)
    if (node === undefined || !hasValue(node)) this.guard(key)
  }

  change(change: Change): Failure | undefined {
    const path = this.input.root + change.key
    const node = this.input.nodes.get(path)
    if (change.type === 'delete') {
      if (node !== undefined && hasValue(node)) this.delete(path, node)
      return undefined
    }
    if (node === undefined) {
      this.create(path, change)
      return undefined
    }
    const { sessionId } = this.input
    const stays = node.ephemeralOwner === (change.ephemeral ? sessionId : 0n)
    if (stays) {
      this.changes.push({ type: 'setData', path, data: change.data, version: node.version })
      return undefined
    }
    if (node.numChildren > 0) {
      const message = `${change.key} cannot be put for a session: there are keys below it`
      return fail('INVALID_REQUEST', message).failure
    }
    this.changes.push({ type: 'delete', path, version: node.version })
    this.create(path, change)
    return undefined
  }

  private delete(path: string, node: Stat): void {
    const { version } = node
    if (node.numChildren > 0) {
      this.changes.push({ type: 'setData', path, data: NO_DATA, version })
      return
    }
    this.changes.push({ type: 'delete', path, version })
    this.removed.add(path)
  }

  private create(path: string, { data, ephemeral }: Change & { type: 'put' }): void {
    for (const ancestor of ancestorsOf(path, this.input.root)) {
      const there = this.input.nodes.has(ancestor) && !this.removed.has(ancestor)
      if (there || this.made.has(ancestor)) continue
      this.changes.push({ type: 'create', path: ancestor, data: NO_DATA, ephemeral: false })
      this.made.add(ancestor)
    }
    this.changes.push({ type: 'create', path, data, ephemeral })
    this.made.add(path)
  }

  private pathTo(path: string): readonly string[] {
    return [...ancestorsOf(path, this.input.root), path]
  }
}
