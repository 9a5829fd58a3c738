// Reads the partitions of a fetch in their order, within its byte limits. Synchronous as long as the
// bytes are in memory; a cold read goes on off the event loop.
import type { ReadOk, ReadOptions, ReadResult } from '../../log/types.js'
import type { Partition } from '../../partition/partition.js'
import { errorNumber, kafkaError } from '../error-mapping.js'
import {
  checkLeaderEpoch,
  findPartition,
  findPartitionById,
  findReadable,
  type PartitionSource,
} from '../find-partition.js'
import { nearerReplica } from './nearer-replica.js'
import { type FetchedPartition, type FetchTarget, failedFetch } from './target.js'

export interface FetchReadLimits {
  readonly maxBytes: number
  /** 'logEnd' is for replicas and for debugging consumers. */
  readonly isolation: ReadOptions['isolation']
  /** The broker that fetches as a replica: what it asks for tells what it has. */
  readonly replica?: { readonly id: number; readonly isNewFetch: boolean }
  /** A consumer, which may read from followers; '' where it does not say in which rack it is (KIP-392). */
  readonly consumerRack?: string
}

/** The bytes of one answer: what is left of them, and whether a first batch may exceed them. */
class Budget {
  atLeastOne = true

  constructor(public leftBytes: number) {}

  spend(sizeBytes: number): void {
    if (sizeBytes === 0) return
    this.leftBytes = Math.max(0, this.leftBytes - sizeBytes)
    this.atLeastOne = false
  }
}

export function readTargets(
  source: PartitionSource,
  targets: readonly FetchTarget[],
  limits: FetchReadLimits,
): FetchedPartition[] | Promise<FetchedPartition[]> {
  const budget = new Budget(limits.maxBytes)
  const fetched: FetchedPartition[] = []
  for (const target of targets) {
    const result = readTarget(source, target, limits, budget)
    if (result === 'cold') return readOn({ source, targets, limits, budget, fetched })
    budget.spend(result.sizeBytes)
    fetched.push(result)
  }
  return fetched
}

export function findTarget(
  source: PartitionSource,
  target: FetchTarget,
  { consumerRack }: Pick<FetchReadLimits, 'consumerRack'> = {},
): Partition | number {
  if (consumerRack !== undefined) return findReadable(source, target)
  return target.goesById
    ? findPartitionById(source, target.topicId, target.index)
    : findPartition(source, target.topic, target.index)
}

interface Unfinished {
  readonly source: PartitionSource
  readonly targets: readonly FetchTarget[]
  readonly limits: FetchReadLimits
  readonly budget: Budget
  /** Those before the first that was cold. */
  readonly fetched: FetchedPartition[]
}

async function readOn(unfinished: Unfinished): Promise<FetchedPartition[]> {
  const { source, targets, limits, budget, fetched } = unfinished
  for (const target of targets.slice(fetched.length)) {
    let result = readTarget(source, target, limits, budget)
    if (result === 'cold') result = await readColdTarget(source, target, limits, budget)
    budget.spend(result.sizeBytes)
    fetched.push(result)
  }
  return fetched
}

function readTarget(
  source: PartitionSource,
  target: FetchTarget,
  limits: FetchReadLimits,
  budget: Budget,
): FetchedPartition | 'cold' {
  const { isolation, replica } = limits
  const partition = findTarget(source, target, limits)
  if (typeof partition === 'number') return notServed(source, target, partition)
  if (target.maxBytes < 0 || budget.leftBytes < 0) {
    return failedFetch(target, kafkaError.UNKNOWN_SERVER_ERROR)
  }
  const fenced = checkLeaderEpoch(target.currentLeaderEpoch, partition.leaderEpoch)
  if (fenced !== kafkaError.NONE) return fencedFetch(source, target, partition, fenced)
  const diverged = divergence(target, partition)
  if (diverged !== undefined) return diverged
  if (replica !== undefined && !reportReplica(source, { target, partition, replica })) {
    return notServed(source, target, kafkaError.NOT_LEADER_OR_FOLLOWER)
  }
  const nearer = nearerReplica(source, target, { partition, limits })
  if (nearer !== undefined) return readElsewhere(target, partition, nearer)
  const result = partition.log.read(readOptions(target, isolation, budget))
  return result.status === 'cold' ? 'cold' : answered(target, partition, isolation, result)
}

// From where it fetches: everything below is in its log. False: it has no replica, or the epoch is over.
function reportReplica(
  source: PartitionSource,
  reporting: {
    readonly target: FetchTarget
    readonly partition: Partition
    readonly replica: NonNullable<FetchReadLimits['replica']>
  },
): boolean {
  const { target, partition, replica } = reporting
  const image = source.metadata().topicById(partition.topicId)
  if (image?.partitions[partition.index]?.replicas.includes(replica.id) !== true) return false
  const { leaderEpoch } = partition
  return partition.log.reportReplica({
    brokerId: replica.id,
    isNewFetch: replica.isNewFetch,
    leaderEpoch,
    endOffset: target.fetchOffset,
  })
}

async function readColdTarget(
  source: PartitionSource,
  target: FetchTarget,
  limits: FetchReadLimits,
  budget: Budget,
): Promise<FetchedPartition> {
  const { isolation } = limits
  const partition = findTarget(source, target, limits)
  if (typeof partition === 'number') return failedFetch(target, partition)
  const result = await partition.log.readCold(readOptions(target, isolation, budget))
  return answered(target, partition, isolation, result)
}

function readOptions(
  target: FetchTarget,
  isolation: ReadOptions['isolation'],
  budget: Budget,
): ReadOptions {
  return {
    offset: target.fetchOffset,
    maxBytes: Math.max(0, Math.min(target.maxBytes, budget.leftBytes)),
    atLeastOne: budget.atLeastOne,
    isolation,
  }
}

function answered(
  target: FetchTarget,
  partition: Partition,
  isolation: ReadOptions['isolation'],
  result: Exclude<ReadResult, { status: 'cold' }>,
): FetchedPartition {
  if (result.status === 'failed') return failedFetch(target, errorNumber(result.failure.code))
  return {
    target,
    errorCode: kafkaError.NONE,
    highWatermark: result.state.highWatermark,
    lastStableOffset: result.state.lastStableOffset,
    logStartOffset: result.state.logStartOffset,
    abortedTransactions: isolation === 'committed' ? aborted(target, partition, result) : null,
    chunks: result.chunks,
    sizeBytes: result.sizeBytes,
    divergingEpoch: undefined,
    currentLeader: undefined,
  }
}

/** A replica in the reader's rack has what it asks for: nothing comes from here (KIP-392). */
function readElsewhere(
  target: FetchTarget,
  { log }: Partition,
  preferredReadReplica: number,
): FetchedPartition {
  const { highWatermark, lastStableOffset, logStartOffset } = log.state()
  const place = { highWatermark, lastStableOffset, logStartOffset, preferredReadReplica }
  return { ...failedFetch(target, kafkaError.NONE), ...place }
}

// Clients walk the list beside the records and expect it by first offset.
function aborted(target: FetchTarget, partition: Partition, result: ReadOk) {
  if (result.sizeBytes === 0) return []
  const found = partition.log.abortedTransactions(target.fetchOffset, result.state.lastStableOffset)
  return found.length < 2 ? found : [...found].sort((a, b) => a.firstOffset - b.firstOffset)
}

/** A partition that another broker leads: the answer says which. */
export function notServed(
  source: PartitionSource,
  target: FetchTarget,
  errorCode: number,
): FetchedPartition {
  const failed = failedFetch(target, errorCode)
  if (errorCode !== kafkaError.NOT_LEADER_OR_FOLLOWER) return failed
  const image = source.metadata()
  const topic = target.goesById ? image.topicById(target.topicId) : image.topic(target.topic)
  const partition = topic?.partitions[target.index]
  if (partition === undefined) return failed
  const { leaderId, leaderEpoch } = partition
  return { ...failed, currentLeader: { leaderId, leaderEpoch } }
}

function fencedFetch(
  source: PartitionSource,
  target: FetchTarget,
  partition: Partition,
  errorCode: number,
): FetchedPartition {
  const failed = failedFetch(target, errorCode)
  if (errorCode !== kafkaError.FENCED_LEADER_EPOCH) return failed
  const currentLeader = { leaderId: source.config.brokerId, leaderEpoch: partition.leaderEpoch }
  return { ...failed, currentLeader }
}

/** KIP-320, KIP-595: the reader's last epoch ended here before the reader's offset. */
function divergence(target: FetchTarget, partition: Partition): FetchedPartition | undefined {
  if (target.lastFetchedEpoch < 0) return undefined
  const end = partition.log.endOffsetForEpoch(target.lastFetchedEpoch)
  if (end.leaderEpoch < 0 || end.endOffset < 0) {
    return failedFetch(target, kafkaError.OFFSET_OUT_OF_RANGE)
  }
  if (end.leaderEpoch >= target.lastFetchedEpoch && end.endOffset >= target.fetchOffset) {
    return undefined
  }
  const state = partition.log.state()
  return {
    ...failedFetch(target, kafkaError.NONE),
    highWatermark: state.highWatermark,
    lastStableOffset: state.lastStableOffset,
    logStartOffset: state.logStartOffset,
    divergingEpoch: { epoch: end.leaderEpoch, endOffset: end.endOffset },
  }
}
