// Reading znodes. A node holds a value when it has data at all: a format byte and the value. One without
// data is only there for what lies below it.
import { type Failure, fail, type Outcome, succeed } from '../../base/errors.js'
import type { StoredItem, StoredValue } from '../metadata-store.js'
import type { Connection, Reply } from './connection.js'
import { failureOf, NO_NODE } from './error-codes.js'
import { exists, getChildren, getData, type NodeData, type Request, type Stat } from './messages.js'
import { ANY_VERSION, multi } from './multi.js'

const FORMAT = 1

/** 'again': the connection was lost, and another one may do better. */
export type Reading<T> = Outcome<T> & { readonly again?: true }

/** How long the answers may take, and whose. */
export interface Link {
  readonly connection: Connection
  readonly withinMs: number
}

export function encodeValue(value: Uint8Array): Uint8Array {
  const data = new Uint8Array(1 + value.length)
  data[0] = FORMAT
  data.set(value, 1)
  return data
}

export function hasValue(stat: Stat): boolean {
  return stat.dataLength > 0
}

/**
 * What is read behind it on the same connection is at least as new as everything that anyone has been
 * told before. ZooKeeper's own sync asks the leader alone, who may have been deposed without having
 * noticed; here a quorum agrees to a transaction that changes nothing.
 */
export function barrier(link: Link, root: string): Promise<Reading<unknown>> {
  const nothing = multi([{ type: 'check', path: root, version: ANY_VERSION }])
  return ask(link, nothing, root).then((result) => {
    if (!result.ok || result.value?.applied) return result
    return fail('UNEXPECTED', `the node ${root} of ZooKeeper is not there any more`)
  })
}

export function readStat(link: Link, path: string): Promise<Reading<Stat | undefined>> {
  return ask(link, exists(path), path)
}

export async function readValue(
  link: Link,
  path: string,
): Promise<Reading<StoredValue | undefined>> {
  const node = await ask(link, getData(path), path)
  return node.ok && node.value !== undefined ? storedValueOf(node.value, path) : succeedEmpty(node)
}

/**
 * The values at the paths and below them, in no order. `key` makes a path a key.
 */
export async function readTrees(
  link: Link,
  paths: readonly string[],
  key: (path: string) => string,
): Promise<Reading<readonly StoredItem[]>> {
  const items: StoredItem[] = []
  let level = paths
  while (level.length > 0) {
    const below: string[] = []
    for (const some of batchesOf(level)) {
      const read = await Promise.all(some.map((path) => readTree(link, path)))
      for (const tree of read) {
        if (!tree.ok) return tree
        const { path, value, children } = tree.value
        if (value !== undefined) items.push({ key: key(path), ...value })
        for (const name of children) below.push(`${path}/${name}`)
      }
    }
    level = below
  }
  return succeed(items)
}

/** The names of the children; none when there is no such node. */
export async function readChildren(link: Link, path: string): Promise<Reading<readonly string[]>> {
  const children = await ask(link, getChildren(path), path)
  return children.ok ? succeed(children.value ?? []) : children
}

interface Tree {
  readonly path: string
  readonly value: StoredValue | undefined
  readonly children: readonly string[]
}

async function readTree(link: Link, path: string): Promise<Reading<Tree>> {
  const node = await ask(link, getData(path), path)
  if (!node.ok) return node
  if (node.value === undefined) return succeed({ path, value: undefined, children: [] })
  const value = storedValueOf(node.value, path)
  if (!value.ok) return value
  if (node.value.stat.numChildren === 0) {
    return succeed({ path, value: value.value, children: [] })
  }
  const children = await readChildren(link, path)
  return children.ok ? succeed({ path, value: value.value, children: children.value }) : children
}

function storedValueOf({ data, stat }: NodeData, path: string): Outcome<StoredValue | undefined> {
  if (data.length === 0) return succeed(undefined)
  if (data[0] === FORMAT) return succeed({ value: data.subarray(1), version: stat.mzxid })
  return fail('UNEXPECTED', `the node ${path} of ZooKeeper has format ${data[0]}, not ${FORMAT}`)
}

/** Undefined: there is no such node. */
async function ask<T>(
  { connection, withinMs }: Link,
  request: Request<T>,
  path: string,
): Promise<Reading<T | undefined>> {
  return readingOf(await connection.request(request, withinMs), path)
}

function readingOf<T>(reply: Reply<T>, path: string): Reading<T | undefined> {
  switch (reply.status) {
    case 'answered':
      return succeed(reply.value)
    case 'error':
      if (reply.code === NO_NODE) return succeed(undefined)
      return { ok: false, failure: failureOf(`a question about ${path}`, reply.code) }
    case 'unsent':
    case 'lost':
      return lostReading(reply.failure)
  }
}

function lostReading(failure: Failure): Reading<never> {
  return { ok: false, failure, again: true }
}

function succeedEmpty(node: Reading<NodeData | undefined>): Reading<undefined> {
  return node.ok ? succeed(undefined) : node
}

// A server reads no further requests while too many wait for it.
const BATCH = 200

function batchesOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  const batches: (readonly T[])[] = []
  for (let at = 0; at < items.length; at += BATCH) batches.push(items.slice(at, at + BATCH))
  return batches
}
