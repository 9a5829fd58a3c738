// Which brokers, and which directory of this broker, a new partition's replicas go to.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { ReplicaAssignment } from '../metadata/records.js'
import { ZERO_UUID } from '../protocol/uuid.js'
import type { DirectoryLoad } from '../replicas/local-replicas.js'

/** Deals out places; each one dealt counts as a partition for the next. */
export class Placement {
  private readonly counts: Map<string, number>

  /** `directories`: those of `localBrokerId` that take partitions, in the order of the configuration. */
  constructor(
    private readonly localBrokerId: number,
    directories: readonly DirectoryLoad[],
  ) {
    this.counts = new Map(directories.map(({ id, partitionCount }) => [id, partitionCount]))
  }

  place(replicas: readonly number[]): Outcome<ReplicaAssignment> {
    const directories: string[] = []
    for (const broker of replicas) {
      // Another broker chooses among its directories itself.
      const directory = broker === this.localBrokerId ? this.leastLoaded() : ZERO_UUID
      if (directory === undefined) {
        return fail('STORAGE_FAILED', 'Every data directory of the broker is offline.')
      }
      directories.push(directory)
    }
    return succeed({ replicas, directories })
  }

  private leastLoaded(): string | undefined {
    let best: string | undefined
    let bestCount = Number.POSITIVE_INFINITY
    for (const [id, count] of this.counts) {
      if (count >= bestCount) continue
      best = id
      bestCount = count
    }
    if (best !== undefined) this.counts.set(best, bestCount + 1)
    return best
  }
}

export function tooFewBrokers(replicationFactor: number, brokers: number): string {
  return (
    `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ` +
    `${replicationFactor} cannot be reached because only ${brokers} broker(s) are registered or some ` +
    'brokers have all their log directories cordoned.'
  )
}

/** Why a list of brokers that a client chose cannot hold a partition. */
export function problemWithReplicas(
  replicas: readonly number[],
  known: { has(brokerId: number): boolean },
  replicationFactor: number | undefined,
): string | undefined {
  if (replicas.length === 0)
    return 'The manual partition assignment includes an empty replica list.'
  let previous: number | undefined
  for (const broker of replicas.toSorted((a, b) => a - b)) {
    if (!known.has(broker)) {
      return `The manual partition assignment includes broker ${broker}, but no such broker is registered.`
    }
    if (broker === previous) {
      return `The manual partition assignment includes the broker ${broker} more than once.`
    }
    previous = broker
  }
  if (replicationFactor === undefined || replicas.length === replicationFactor) return undefined
  return (
    `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is ` +
    `not consistent with previous partitions, which have ${replicationFactor} replica(s).`
  )
}
