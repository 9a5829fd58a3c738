// Random disconnects of producer and reader lose nothing and repeat nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { withClient } from './client-fixture.js'
import type { FakeNetwork } from './fake-network.js'

interface Cut {
  readonly afterFrames: number
  /** Frames that were under way to the broker and arrive when the client is back. */
  readonly lateFrames: number
}

const cuts = fc.array(fc.record({ afterFrames: fc.nat(25), lateFrames: fc.nat(4) }), {
  maxLength: 6,
})

test('whatever connections are cut, each record is stored and read once and in order', async () => {
  const plan = fc.record({
    cuts,
    groups: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }),
    maxBatchBytes: fc.constantFrom(200, 1000, 100_000),
    windowBytes: fc.constantFrom(300, 100_000),
    settlesAtOnce: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(plan, (given) => run(given)),
    { numRuns: 60 },
  )
})

async function run(plan: {
  readonly cuts: readonly Cut[]
  readonly groups: readonly number[]
  readonly maxBatchBytes: number
  readonly windowBytes: number
  readonly settlesAtOnce: boolean
}): Promise<void> {
  const { settlesAtOnce, maxBatchBytes, windowBytes } = plan
  const options = { log: { settlesAtOnce }, flush: 'group' } as const
  await withClient(options, async ({ client, broker, network }) => {
    await client.topics.create('orders', { partitions: 2 })
    const producer = await client.producer('orders', { maxBatchBytes })
    const reader = await client.reader('orders', { windowBytes })
    armCuts(plan.cuts, network)
    const total = plan.groups.reduce((sum, n) => sum + n, 0)
    const seen: string[][] = [[], []]
    const reading = (async () => {
      let count = 0
      for await (const { partition, value } of reader) {
        seen[partition]?.push(new TextDecoder().decode(value ?? new Uint8Array()))
        if (++count === total) return
      }
    })()
    const expected: string[][] = [[], []]
    let number = 0
    for (const group of plan.groups) {
      const sent = Array.from({ length: group }, () => {
        const partition = number % 2
        const value = `record ${number++}`
        expected[partition]?.push(value)
        return producer.send({ partition, value })
      })
      await Promise.all(sent)
    }
    await reading
    assert.deepEqual(seen, expected)
    assert.deepEqual(
      [0, 1].map((p) => broker.logOf('orders', p).values()),
      expected,
    )
    assert.deepEqual(broker.defects, [])
  })
}

function armCuts(cuts: readonly Cut[], network: FakeNetwork): void {
  const left = [...cuts]
  let frames = 0
  network.onFrame = () => {
    const next = left[0]
    if (next === undefined || ++frames < next.afterFrames) return
    left.shift()
    frames = 0
    setImmediate(() => network.cutAll(next.lateFrames))
  }
}
