// Decides how a topic grows. Partitions are only ever added.
import { fail, type Outcome, succeed } from '../base/errors.js'
import type { Random } from '../base/random.js'
import type { Change, ClusterState, Decision } from '../metadata/cluster-state.js'
import type { TopicRecord } from '../metadata/records.js'
import { type Placement, problemWithReplicas, tooFewBrokers } from './assignment.js'
import { MAX_PARTITIONS_PER_REQUEST, placeAll } from './create-topic.js'
import { spreadReplicas } from './spread-replicas.js'

export interface GrowTopic {
  readonly name: string
  /** Partitions afterwards. */
  readonly count: number
  /** Brokers of each added partition; null leaves it to the controller. */
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null
}

export interface GrowSurroundings {
  readonly random: Random
  readonly placement: Placement
}

export interface GrowOutcome {
  readonly name: string
  readonly outcome: Outcome<TopicRecord>
}

export function decideCreatePartitions(
  state: ClusterState,
  topics: readonly GrowTopic[],
  surroundings: GrowSurroundings,
): Decision<readonly GrowOutcome[]> {
  const changes: Change[] = []
  const response: GrowOutcome[] = []
  let added = 0
  for (const topic of topics) {
    const before = state.topic(topic.name)
    const more = Math.max(0, topic.count - (before?.partitions.length ?? topic.count))
    const outcome =
      added + more > MAX_PARTITIONS_PER_REQUEST
        ? tooMany(topic)
        : growOne(state, topic, surroundings)
    if (outcome.ok) {
      added += more
      changes.push({ type: 'topic', record: outcome.value })
    }
    response.push({ name: topic.name, outcome })
  }
  return { changes, response }
}

function tooMany({ name, count }: GrowTopic): Outcome<TopicRecord> {
  const limit = `a request may add ${MAX_PARTITIONS_PER_REQUEST} at most`
  return fail('POLICY_VIOLATION', `${count} partitions of ${name} are too many to add: ${limit}.`)
}

function growOne(
  state: ClusterState,
  { name, count, assignments }: GrowTopic,
  { random, placement }: GrowSurroundings,
): Outcome<TopicRecord> {
  const topic = state.topic(name)
  if (topic === undefined) return fail('UNKNOWN_TOPIC_OR_PARTITION', '')
  const now = topic.partitions.length
  if (count === now) return fail('INVALID_PARTITIONS', `Topic already has ${now} partition(s).`)
  if (count < now) {
    const message = `The topic ${name} currently has ${now} partition(s); ${count} would not be an increase.`
    return fail('INVALID_PARTITIONS', message)
  }
  const factor = topic.partitions[0]?.replicas.length ?? 1
  const replicas =
    assignments === null
      ? spread(state, { factor, count: count - now, random })
      : chosen(state, { factor, count: count - now, assignments })
  if (!replicas.ok) return replicas
  const partitions = placeAll(replicas.value, placement)
  if (!partitions.ok) return partitions
  return succeed({ ...topic, partitions: [...topic.partitions, ...partitions.value] })
}

function spread(
  state: ClusterState,
  { factor, count, random }: { factor: number; count: number; random: Random },
): Outcome<number[][]> {
  const brokers = state.placeableBrokers(factor)
  if (factor > brokers.length) {
    return fail('INVALID_REPLICATION_FACTOR', tooFewBrokers(factor, brokers.length))
  }
  const first = Math.floor(random.next() * brokers.length)
  return succeed(spreadReplicas({ brokers, replicationFactor: factor, first, count }))
}

function chosen(
  state: ClusterState,
  options: {
    factor: number
    count: number
    assignments: readonly { readonly brokerIds: readonly number[] }[]
  },
): Outcome<number[][]> {
  const { factor, count, assignments } = options
  if (assignments.length !== count) {
    const message = `Attempted to add ${count} additional partition(s), but only ${assignments.length} assignment(s) were specified.`
    return fail('INVALID_REPLICA_ASSIGNMENT', message)
  }
  for (const { brokerIds } of assignments) {
    const problem = problemWithReplicas(brokerIds, state.brokers, factor)
    if (problem !== undefined) return fail('INVALID_REPLICA_ASSIGNMENT', problem)
  }
  return succeed(assignments.map(({ brokerIds }) => [...brokerIds]))
}
