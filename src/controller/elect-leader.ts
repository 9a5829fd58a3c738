// What becomes of one partition when brokers come, go or are about to go: who leads it and who is in
// sync. The same function whatever happened, so that it can be asked again and again: a partition that
// is as it should be comes back as it was.
//
// Who may lead: an in-sync replica; else one that left the in-sync set while nothing could be committed
// without it (KIP-966); else, when every replica that ever held all of it came back from a stop that may
// have cost it the end, one of those; else, only where the topic asks for it, any.
import type { PartitionRecord } from '../metadata/records.js'

export interface PartitionRules {
  /** min.insync.replicas; more than there are replicas counts as all of them. */
  readonly minInSync: number
  /** unclean.leader.election.enable */
  readonly allowsUncleanElection: boolean
}

export interface Brokers {
  isActive(brokerId: number): boolean
  isDraining(brokerId: number): boolean
  /** It leads only what nobody else can. */
  isDrained(brokerId: number): boolean
  /** It has just registered anew: what it led, it led as another process. */
  hasReturned(brokerId: number): boolean
  stoppedCleanly(brokerId: number): boolean
  mayLackRecords(brokerId: number): boolean
}

export interface ElectionOptions {
  /** In the order of preference. */
  readonly replicas: readonly number[]
  readonly rules: PartitionRules
  readonly brokers: Brokers
}

export const NO_LEADER = -1

export function electLeader(before: PartitionRecord, options: ElectionOptions): PartitionRecord {
  const trusted = withoutThoseThatLack(before, options)
  const inSync = stillInSync(trusted, options)
  const shrunk = withInSync(trusted, inSync, minInSyncOf(options))
  return withoutNeedlessEligible(forgettingDoubts(withLeader(shrunk, options)), options)
}

// The minimum was lowered: from now on something may be committed without them.
function withoutNeedlessEligible(
  partition: PartitionRecord,
  options: ElectionOptions,
): PartitionRecord {
  const { inSyncReplicas, eligibleLeaders } = partition
  const isNeedless = eligibleLeaders.length > 0 && inSyncReplicas.length >= minInSyncOf(options)
  return isNeedless ? { ...partition, eligibleLeaders: [] } : partition
}

// Whoever leads has everything that counts from now on.
function forgettingDoubts(partition: PartitionRecord): PartitionRecord {
  const isLed = partition.leaderId !== NO_LEADER
  return isLed && partition.uncertainReplicas.length > 0
    ? { ...partition, uncertainReplicas: [] }
    : partition
}

/** The in-sync set becomes another one; those that leave it stay eligible below the minimum. */
export function withInSync(
  partition: PartitionRecord,
  inSync: readonly number[],
  minInSync: number,
): PartitionRecord {
  if (sameMembers(partition.inSyncReplicas, inSync)) return partition
  const held = [...partition.eligibleLeaders, ...partition.inSyncReplicas]
  const eligible = inSync.length >= minInSync ? [] : held.filter((id) => !inSync.includes(id))
  return {
    ...partition,
    inSyncReplicas: inSync,
    eligibleLeaders: [...new Set(eligible)],
  }
}

export function minInSyncOf({ replicas, rules }: Omit<ElectionOptions, 'brokers'>): number {
  return Math.max(1, Math.min(rules.minInSync, replicas.length))
}

// A partition with a single replica has nobody to ask: what its broker has is what there is.
function withoutThoseThatLack(
  partition: PartitionRecord,
  { replicas, brokers }: ElectionOptions,
): PartitionRecord {
  if (replicas.length <= 1) return partition
  const lacks = (id: number) => brokers.hasReturned(id) && brokers.mayLackRecords(id)
  const trusted = [...partition.inSyncReplicas, ...partition.eligibleLeaders]
  const lacking = trusted.filter(lacks)
  if (lacking.length === 0) return partition
  return {
    ...partition,
    inSyncReplicas: partition.inSyncReplicas.filter((id) => !lacks(id)),
    eligibleLeaders: partition.eligibleLeaders.filter((id) => !lacks(id)),
    uncertainReplicas: [...new Set([...partition.uncertainReplicas, ...lacking])],
  }
}

// One that is about to stop leaves while others stay; the last one stays to the end.
function stillInSync(
  partition: PartitionRecord,
  { replicas, brokers }: ElectionOptions,
): readonly number[] {
  const active = partition.inSyncReplicas.filter(
    (id) => replicas.includes(id) && brokers.isActive(id),
  )
  const staying = active.filter((id) => !brokers.isDraining(id))
  return staying.length > 0 ? staying : active
}

function withLeader(partition: PartitionRecord, options: ElectionOptions): PartitionRecord {
  const { leaderId } = partition
  const { brokers } = options
  const leads = partition.inSyncReplicas.includes(leaderId)
  const mayStay = leads && !brokers.hasReturned(leaderId)
  if (mayStay && !brokers.isDrained(leaderId)) return partition
  const elected = candidate(partition, options)
  if (mayStay && (elected === leaderId || brokers.isDrained(elected))) return partition
  if (elected === leaderId && elected === NO_LEADER) return partition
  if (elected === leaderId && leads && brokers.stoppedCleanly(elected)) return partition
  return ledBy(partition, elected, options)
}

function candidate(partition: PartitionRecord, options: ElectionOptions): number {
  const { replicas, brokers, rules } = options
  const { inSyncReplicas, eligibleLeaders, uncertainReplicas } = partition
  const isDrained = (id: number) => Number(brokers.isDrained(id))
  const inSync = replicas
    .filter((id) => inSyncReplicas.includes(id))
    .sort((a, b) => isDrained(a) - isDrained(b))
  const first =
    inSync.find((id) => !brokers.hasReturned(id)) ??
    inSync[0] ??
    replicas.find((id) => eligibleLeaders.includes(id) && brokers.isActive(id))
  if (first !== undefined) return first
  const noneIsLeft = eligibleLeaders.length === 0 && uncertainReplicas.length > 0
  if (noneIsLeft && uncertainReplicas.every((id) => brokers.isActive(id))) {
    return replicas.find((id) => uncertainReplicas.includes(id)) ?? NO_LEADER
  }
  if (!rules.allowsUncleanElection) return NO_LEADER
  return replicas.find((id) => brokers.isActive(id)) ?? NO_LEADER
}

/** In a new epoch. Whoever was not in sync is alone in the in-sync set then. */
export function ledBy(
  partition: PartitionRecord,
  leaderId: number,
  options: Omit<ElectionOptions, 'brokers'>,
): PartitionRecord {
  const leaderEpoch = partition.leaderEpoch + 1
  if (leaderId === NO_LEADER) return { ...partition, leaderId, leaderEpoch }
  if (partition.inSyncReplicas.includes(leaderId)) return { ...partition, leaderId, leaderEpoch }
  const isClean = partition.eligibleLeaders.includes(leaderId)
  const alone = withInSync(
    isClean ? partition : { ...partition, eligibleLeaders: [], inSyncReplicas: [] },
    [leaderId],
    minInSyncOf(options),
  )
  return { ...alone, leaderId, leaderEpoch }
}

function sameMembers(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((id) => b.includes(id))
}
