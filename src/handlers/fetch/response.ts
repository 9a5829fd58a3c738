// Fetch's answer: the results of a round, grouped by topic in the order in which they were read.
import type { FetchResponse } from '../../protocol/messages/fetch.js'
import type { IoServices, RequestContext } from '../context.js'
import { brokersOn } from '../endpoints.js'
import type { RoundAnswer } from './round.js'
import type { FetchedPartition } from './target.js'

type TopicResponse = FetchResponse['responses'][number]
type PartitionResponse = TopicResponse['partitions'][number]

const FIRST_VERSION_WITH_LEADERS = 16

const noDivergence = { epoch: -1, endOffset: -1 }
const noLeader = { leaderId: -1, leaderEpoch: -1 }
const noSnapshot = { endOffset: -1, epoch: -1 }

export function fetchResponse(
  answer: RoundAnswer,
  services: IoServices,
  context: RequestContext,
): FetchResponse {
  const version = context.header.apiVersion
  const responses: TopicResponse[] = []
  let topic: { topic: string; topicId: string; partitions: PartitionResponse[] } | undefined
  let namesLeaders = false
  for (const fetched of answer.partitions) {
    const { target } = fetched
    if (topic === undefined || topic.topic !== target.topic || topic.topicId !== target.topicId) {
      topic = { topic: target.topic, topicId: target.topicId, partitions: [] }
      responses.push(topic)
    }
    namesLeaders ||= fetched.currentLeader !== undefined
    topic.partitions.push(partitionResponse(fetched, version))
  }
  return {
    throttleTimeMs: 0,
    errorCode: answer.errorCode,
    sessionId: answer.sessionId,
    responses,
    nodeEndpoints:
      namesLeaders && version >= FIRST_VERSION_WITH_LEADERS ? endpoints(services, context) : [],
  }
}

export function fetchFailed(errorCode: number): FetchResponse {
  return { throttleTimeMs: 0, errorCode, sessionId: 0, responses: [], nodeEndpoints: [] }
}

function partitionResponse(fetched: FetchedPartition, version: number): PartitionResponse {
  return {
    partitionIndex: fetched.target.index,
    errorCode: fetched.errorCode,
    highWatermark: fetched.highWatermark,
    lastStableOffset: fetched.lastStableOffset,
    logStartOffset: fetched.logStartOffset,
    divergingEpoch: fetched.divergingEpoch ?? noDivergence,
    currentLeader:
      version >= FIRST_VERSION_WITH_LEADERS ? (fetched.currentLeader ?? noLeader) : noLeader,
    snapshotId: noSnapshot,
    abortedTransactions:
      fetched.abortedTransactions?.map(({ producerId, firstOffset }) => ({
        producerId,
        firstOffset,
      })) ?? null,
    preferredReadReplica: fetched.preferredReadReplica ?? -1,
    records: fetched.chunks,
  }
}

function endpoints(services: IoServices, context: RequestContext): FetchResponse['nodeEndpoints'] {
  return brokersOn(services.metadata(), context.client.listener.name).map(
    ({ broker, endpoint }) => ({
      nodeId: broker.id,
      host: endpoint.host,
      port: endpoint.port,
      rack: broker.rack ?? null,
    }),
  )
}
