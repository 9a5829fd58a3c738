// Which brokers hold the partitions of a topic when nobody says so. Leaders go round the brokers; followers
// shift by one with each round, so that what a dead broker led is inherited by all the others. Where every
// broker names its rack, a partition stands in as many racks as it can.

export interface SpreadBroker {
  readonly id: number
  readonly rack: string | undefined
}

export interface SpreadOptions {
  readonly brokers: readonly SpreadBroker[]
  /** No more than there are brokers. */
  readonly replicationFactor: number
  /** Where in the round the first leader is. */
  readonly first: number
  readonly count: number
}

/** Of each partition its brokers, the preferred leader first. */
export function spreadReplicas(options: SpreadOptions): number[][] {
  const { replicationFactor, first, count } = options
  const ring = inTurns(options.brokers)
  return Array.from({ length: count }, (_, partition) =>
    replicasAt(ring, first + partition, replicationFactor),
  )
}

// A broker without a rack makes racks meaningless, as in Kafka: each is then a place of its own.
function inTurns(brokers: readonly SpreadBroker[]): readonly SpreadBroker[] {
  if (brokers.some(({ rack }) => rack === undefined)) {
    return brokers.map(({ id }) => ({ id, rack: undefined }))
  }
  const byRack = new Map<string | undefined, SpreadBroker[]>()
  for (const broker of brokers)
    byRack.set(broker.rack, [...(byRack.get(broker.rack) ?? []), broker])
  const largest = Math.max(0, ...[...byRack.values()].map(({ length }) => length))
  return Array.from({ length: largest }, (_, turn) =>
    [...byRack.values()].flatMap((rack) => rack[turn] ?? []),
  ).flat()
}

function replicasAt(ring: readonly SpreadBroker[], at: number, factor: number): number[] {
  const size = ring.length
  const leader = ring[at % size]
  const shift = Math.floor(at / size)
  const others = Array.from(
    { length: Math.max(0, size - 1) },
    (_, place) => ring[(at + 1 + ((shift + place) % (size - 1))) % size],
  )
  const used = new Map<string, number>()
  const replicas: number[] = []
  let next = leader
  while (next !== undefined) {
    replicas.push(next.id)
    if (next.rack !== undefined) used.set(next.rack, (used.get(next.rack) ?? 0) + 1)
    next = replicas.length < factor ? leastUsed(others, replicas, used) : undefined
  }
  return replicas
}

function leastUsed(
  others: readonly (SpreadBroker | undefined)[],
  taken: readonly number[],
  used: ReadonlyMap<string, number>,
): SpreadBroker | undefined {
  let best: SpreadBroker | undefined
  let fewest = Number.POSITIVE_INFINITY
  for (const broker of others) {
    if (broker === undefined || taken.includes(broker.id)) continue
    const uses = broker.rack === undefined ? 0 : (used.get(broker.rack) ?? 0)
    if (uses >= fewest) continue
    best = broker
    fewest = uses
  }
  return best
}
