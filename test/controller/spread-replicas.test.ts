// Where replicas go when nobody says so.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type SpreadBroker, spreadReplicas } from '../../src/controller/spread-replicas.js'

const brokers = (...racks: (string | undefined)[]): SpreadBroker[] =>
  racks.map((rack, at) => ({ id: at + 1, rack }))

const situation = fc
  .record({
    racks: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 9 }),
    first: fc.nat(20),
    count: fc.integer({ min: 1, max: 60 }),
  })
  .chain((one) =>
    fc.record({
      racks: fc.constant(one.racks),
      first: fc.constant(one.first),
      count: fc.constant(one.count),
      replicationFactor: fc.integer({ min: 1, max: one.racks.length }),
    }),
  )

const racksOf = (replicas: readonly number[], racks: readonly string[]) =>
  replicas.map((id) => racks[id - 1] ?? assert.fail())

function spreadOf(values: readonly number[], among: number): number {
  const counts = Array.from({ length: among }, (_, at) => values.filter((v) => v === at + 1).length)
  return Math.max(...counts) - Math.min(...counts)
}

describe('replicas', () => {
  test('what one of three brokers led is inherited by both others', () => {
    const placed = spreadReplicas({
      brokers: brokers(undefined, undefined, undefined),
      replicationFactor: 3,
      first: 0,
      count: 6,
    })
    assert.deepEqual(placed, [
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
      [1, 3, 2],
      [2, 1, 3],
      [3, 2, 1],
    ])
  })

  test('two of a rack never hold what three racks can hold', () => {
    const placed = spreadReplicas({
      brokers: brokers('a', 'a', 'b', 'b', 'c', 'c'),
      replicationFactor: 3,
      first: 0,
      count: 24,
    })
    for (const replicas of placed) {
      const racks = racksOf(replicas, ['a', 'a', 'b', 'b', 'c', 'c'])
      assert.equal(new Set(racks).size, 3, String(replicas))
    }
  })

  test('a broker without a rack makes all racks meaningless', () => {
    const [placed] = spreadReplicas({
      brokers: brokers('a', 'a', undefined),
      replicationFactor: 2,
      first: 0,
      count: 1,
    })
    assert.deepEqual(placed, [1, 2])
  })

  test('no broker twice, as many racks as can be, leaders within one of each other', () => {
    fc.assert(
      fc.property(situation, ({ racks, ...rest }) => {
        const placed = spreadReplicas({ brokers: brokers(...racks), ...rest })
        assert.equal(placed.length, rest.count)
        for (const replicas of placed) {
          assert.equal(new Set(replicas).size, rest.replicationFactor)
          const held = new Set(racksOf(replicas, racks)).size
          assert.equal(held, Math.min(rest.replicationFactor, new Set(racks).size))
        }
        const leaders = placed.map(([leader]) => leader ?? -1)
        assert.ok(spreadOf(leaders, racks.length) <= 1)
      }),
    )
  })
})
