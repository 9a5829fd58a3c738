// Where the replicas of a broker that is taken out of the cluster go: each to a broker that has none of the
// partition, in a rack that has none where there is one, and of those to the one that holds least.
import { fail, type Outcome, succeed } from '../../base/errors.js'
import type { ClusterBroker, ClusterSnapshot } from './health.js'

/** Of a partition whose replicas move: all it will have. */
export interface Move {
  readonly topic: string
  readonly index: number
  readonly replicas: readonly number[]
}

export function evacuate(
  { brokers, partitions }: ClusterSnapshot,
  leaving: number,
): Outcome<readonly Move[]> {
  const holds = new Map<number, number>()
  for (const { replicas } of partitions) {
    for (const id of replicas) holds.set(id, (holds.get(id) ?? 0) + 1)
  }
  const staying = brokers.filter((one) => one.id !== leaving && !one.isFenced && !one.isDrained)
  const rackOf = new Map(brokers.map(({ id, rack }) => [id, rack]))
  const plans: Move[] = []
  for (const { topic, index, replicas } of partitions) {
    if (!replicas.includes(leaving)) continue
    const others = replicas.filter((id) => id !== leaving)
    const racks = new Set(others.map((id) => rackOf.get(id)))
    const heir = best(
      staying.filter(({ id }) => !replicas.includes(id)),
      racks,
      holds,
    )
    if (heir === undefined) {
      const message = `${topic}-${index} has ${replicas.length} replicas, and without broker ${leaving} no other broker is there that could hold one of them: add a broker, or have fewer replicas`
      return fail('INVALID_REPLICA_ASSIGNMENT', message)
    }
    holds.set(heir.id, (holds.get(heir.id) ?? 0) + 1)
    const target = replicas.map((id) => (id === leaving ? heir.id : id))
    plans.push({ topic, index, replicas: target })
  }
  return succeed(plans)
}

function best(
  candidates: readonly ClusterBroker[],
  taken: ReadonlySet<string | null | undefined>,
  holds: ReadonlyMap<number, number>,
): ClusterBroker | undefined {
  const rank = ({ id, rack }: ClusterBroker): [number, number, number] => [
    rack !== null && taken.has(rack) ? 1 : 0,
    holds.get(id) ?? 0,
    id,
  ]
  return [...candidates].sort((a, b) => compare(rank(a), rank(b)))[0]
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
