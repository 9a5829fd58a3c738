// What the tests of stores under faults share: waiting, load, and what must be left of it.
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.js'
import type { MetadataStore } from '../../src/store/metadata-store.js'
import { bytes, put, value } from './conformance.js'

/** How long anything may take on a busy machine. */
const PATIENCE_MS = 60_000
const CLIENTS = 8

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + PATIENCE_MS
  while (!(await holds())) {
    assert.ok(systemClock.monotonicMs() < deadlineMs, `${what} did not happen`)
    await pause(20)
  }
}

export function isOver(session: { validUntilMs(): number }): boolean {
  return session.validUntilMs() < systemClock.monotonicMs()
}

export interface Attempts {
  readonly committed: string[]
  readonly refused: string[]
  readonly unknown: string[]
}

/** Puts one new key after another until `stopped()`, and notes in `attempts` what it was told of each. */
export async function putMany(
  store: MetadataStore,
  name: string,
  stopped: () => boolean,
  attempts: Attempts,
): Promise<Attempts> {
  for (let index = 0; !stopped(); index++) {
    const key = `/many/${name}-${index}`
    const result = await store.txn(
      [{ key, version: 'absent' }],
      [
        { type: 'put', key, value: bytes('x') },
        { type: 'put', key: `${key}/twin`, value: bytes('x') },
      ],
    )
    assert.notEqual(result.status, 'conflict')
    if (result.status !== 'conflict') attempts[result.status].push(key)
    await pause(1)
  }
  return attempts
}

/** What was told is true, and no transaction was done by half. */
export async function assertKept(store: MetadataStore, attempts: readonly Attempts[]) {
  const found = new Set(value(await store.list('/many/')).map(({ key }) => key))
  for (const { committed, refused, unknown } of attempts) {
    for (const key of committed) assert.ok(found.has(key), `${key} was committed`)
    for (const key of refused) assert.ok(!found.has(key), `${key} was refused`)
    for (const key of [...committed, ...refused, ...unknown]) {
      assert.equal(found.has(key), found.has(`${key}/twin`), `${key} was done by half`)
    }
  }
}

export async function works(store: MetadataStore): Promise<boolean> {
  return (await store.txn([], [put('/works', 'x')])).status === 'committed'
}

export interface Load {
  readonly attempts: readonly Attempts[]
  /** Until so many more than now are committed. */
  more(count: number): Promise<void>
  stop(): Promise<readonly Attempts[]>
}

/** Clients that put all the time, each after its last answer. */
export function startLoad(t: TestContext, store: MetadataStore): Load {
  let stopped = false
  t.after(() => {
    stopped = true
  })
  const attempts: Attempts[] = []
  const running = Array.from({ length: CLIENTS }, (_, index) => {
    const own: Attempts = { committed: [], refused: [], unknown: [] }
    attempts.push(own)
    return putMany(store, `client${index}`, () => stopped, own)
  })
  const done = () => attempts.reduce((sum, { committed }) => sum + committed.length, 0)
  return {
    attempts,
    async more(count) {
      const wanted = done() + count
      await until(`${count} more commits`, () => done() >= wanted)
    },
    async stop() {
      stopped = true
      return Promise.all(running)
    },
  }
}
