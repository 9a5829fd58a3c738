// Fetch: reads record batches from partitions.
//
// v4  isolation level         v5  logStartOffset          v7  fetch sessions (KIP-227)
// v9  leader epochs (KIP-320) v10 zstd (KIP-110)          v11 rackId, preferredReadReplica (KIP-392)
// v12 divergence by epoch (KIP-595)                       v13 topic ids (KIP-516)
// v15 replicaState (KIP-903)  v16 nodeEndpoints (KIP-951) v18 highWatermark of replicas (KIP-1166)

import type { ReadOptions } from '../../log/types.js'
import type { FetchRequest, FetchResponse } from '../../protocol/messages/fetch.js'
import type { IoServices, RequestContext } from '../context.js'
import { kafkaError } from '../error-mapping.js'
import { type FetchReadLimits, findTarget, notServed, readTargets } from './read.js'
import { fetchFailed, fetchResponse } from './response.js'
import { beginRound, type FetchAsked } from './round.js'
import { type ForgottenPartition, NO_SESSION_ID } from './session.js'
import type { FetchSessionCache } from './session-cache.js'
import { type FetchedPartition, type FetchTarget, failedFetch } from './target.js'
import { isEnough, waitForEnough } from './wait.js'

/** fetch.max.bytes: the most that one answer carries, whatever the client asks for. */
const MAX_ANSWER_BYTES = 55 * 1024 * 1024
const FIRST_VERSION_BY_ID = 13
const FIRST_VERSION_WITH_REPLICA_STATE = 15
const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1
const FIRST_VERSION_WITH_FOLLOWERS = 11
const CONSUMER = -1
const DEBUGGING_CONSUMER = -2
const UNCHECKED_EPOCH = -1

export interface FetchServices {
  readonly io: IoServices
  readonly sessions: FetchSessionCache
}

export async function fetch(
  request: FetchRequest,
  services: FetchServices,
  context: RequestContext,
): Promise<FetchResponse> {
  const round = beginRound(askedOf(request, context), services.sessions)
  if (round.errorCode !== kafkaError.NONE) return fetchFailed(round.errorCode)
  const replicaId = replicaIdOf(request, context)
  if (request.isolationLevel !== READ_UNCOMMITTED && request.isolationLevel !== READ_COMMITTED) {
    return unknownIsolation(round.targets, services.io, context)
  }
  const isBroker = context.client.listener.role === 'inter-broker'
  if (
    isBroker &&
    request.clusterId !== null &&
    request.clusterId !== services.io.metadata().clusterId
  ) {
    return fetchFailed(kafkaError.INCONSISTENT_CLUSTER_ID)
  }
  const fetched =
    replicaId >= 0 && !isBroker
      ? round.targets.map((target) => refusedReplica(services.io, target))
      : await readAndWait(round.targets, request, { services, context })
  return fetchResponse(round.answer(fetched), services.io, context)
}

function unknownIsolation(
  targets: readonly FetchTarget[],
  io: IoServices,
  context: RequestContext,
): FetchResponse {
  const errorCode = kafkaError.UNKNOWN_SERVER_ERROR
  if (context.header.apiVersion >= FIRST_VERSION_BY_ID) return fetchFailed(errorCode)
  const partitions = targets.map((target) => ({
    ...failedFetch(target, errorCode),
    abortedTransactions: [],
  }))
  return fetchResponse({ errorCode, sessionId: NO_SESSION_ID, partitions }, io, context)
}

// A client that says it is a replica would move high watermarks.
function refusedReplica(io: IoServices, target: FetchTarget): FetchedPartition {
  const found = findTarget(io, target)
  const errorCode = typeof found === 'number' ? found : kafkaError.NOT_LEADER_OR_FOLLOWER
  return notServed(io, target, errorCode)
}

function askedOf(request: FetchRequest, context: RequestContext): FetchAsked {
  const usesTopicIds = context.header.apiVersion >= FIRST_VERSION_BY_ID
  const targets: FetchTarget[] = []
  for (const { topic, topicId, partitions } of request.topics) {
    for (const asked of partitions) {
      targets.push({
        topic,
        topicId,
        goesById: usesTopicIds,
        index: asked.partition,
        fetchOffset: asked.fetchOffset,
        currentLeaderEpoch: Math.max(asked.currentLeaderEpoch, UNCHECKED_EPOCH),
        lastFetchedEpoch: asked.lastFetchedEpoch,
        maxBytes: asked.partitionMaxBytes,
      })
    }
  }
  const forgotten: ForgottenPartition[] = request.forgottenTopicsData.flatMap(
    ({ topic, topicId, partitions }) => partitions.map((index) => ({ topic, topicId, index })),
  )
  return {
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    usesTopicIds,
    targets: withoutTwins(targets),
    forgotten,
  }
}

// As Kafka: a partition that is asked for twice is read once, as it was asked for last.
function withoutTwins(targets: readonly FetchTarget[]): readonly FetchTarget[] {
  if (targets.length < 2) return targets
  const byPartition = new Map<string, FetchTarget>()
  for (const target of targets) {
    byPartition.set(`${target.topicId}/${target.index}/${target.topic}`, target)
  }
  return byPartition.size === targets.length ? targets : [...byPartition.values()]
}

function replicaIdOf(request: FetchRequest, context: RequestContext): number {
  return context.header.apiVersion >= FIRST_VERSION_WITH_REPLICA_STATE
    ? request.replicaState.replicaId
    : request.replicaId
}

async function readAndWait(
  targets: readonly FetchTarget[],
  request: FetchRequest,
  { services, context }: { services: FetchServices; context: RequestContext },
): Promise<FetchedPartition[]> {
  const maxBytes = Math.min(request.maxBytes, MAX_ANSWER_BYTES)
  const replicaId = replicaIdOf(request, context)
  const limits: FetchReadLimits = {
    maxBytes,
    isolation: isolationOf(request, replicaId),
    ...(replicaId >= 0 ? { replica: { id: replicaId, isNewFetch: true } } : {}),
    ...(mayReadFollowers(replicaId, context) ? { consumerRack: request.rackId } : {}),
  }
  const fetched = await readTargets(services.io, targets, limits)
  const minBytes = Math.min(request.minBytes, maxBytes)
  if (targets.length === 0 || request.maxWaitMs <= 0 || isEnough(fetched, minBytes)) return fetched
  return waitForEnough(fetched, {
    source: services.io,
    deadlines: services.io.deadlines,
    closed: context.closed,
    limits: again(limits),
    minBytes,
    maxWaitMs: request.maxWaitMs,
  })
}

function mayReadFollowers(replicaId: number, { header, client }: RequestContext): boolean {
  const isClient = client.listener.role !== 'inter-broker'
  return replicaId === CONSUMER && isClient && header.apiVersion >= FIRST_VERSION_WITH_FOLLOWERS
}

// The same request: what it tells of its replica is no news.
function again(limits: FetchReadLimits): FetchReadLimits {
  const { replica } = limits
  return replica === undefined ? limits : { ...limits, replica: { ...replica, isNewFetch: false } }
}

function isolationOf(request: FetchRequest, replicaId: number): ReadOptions['isolation'] {
  if (replicaId === DEBUGGING_CONSUMER || replicaId >= 0) return 'logEnd'
  return request.isolationLevel === READ_COMMITTED ? 'committed' : 'uncommitted'
}
