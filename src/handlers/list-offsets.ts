// ListOffsets: where a partition begins, ends, or reaches a timestamp.
//
// v2  isolation level          v4  leader epochs (KIP-320)         v7  -3 max timestamp (KIP-734)
// v8  -4 earliest local (KIP-405)      v9  -5 latest tiered (KIP-1005)
// v10 timeoutMs (KIP-1075)             v11 -6 earliest pending upload (KIP-1023)
import type { TimestampOffset } from '../log/types.js'
import type { Partition } from '../partition/partition.js'
import type { ListOffsetsRequest, ListOffsetsResponse } from '../protocol/messages/list-offsets.js'
import type { IoServices, RequestContext } from './context.js'
import { kafkaError } from './error-mapping.js'
import { checkLeaderEpoch, findPartition } from './find-partition.js'

type Asked = ListOffsetsRequest['topics'][number]['partitions'][number]
type Answered = ListOffsetsResponse['topics'][number]['partitions'][number]

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6

/** From which version on a special timestamp is known. */
const firstVersions = new Map([
  [LATEST, 0],
  [EARLIEST, 0],
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
])

const READ_UNCOMMITTED = 0
const READ_COMMITTED = 1
const DEBUGGING_CONSUMER = -2

const nowhere: TimestampOffset = { timestampMs: -1, offset: -1, leaderEpoch: -1 }

export async function listOffsets(
  request: ListOffsetsRequest,
  services: IoServices,
  context: RequestContext,
): Promise<ListOffsetsResponse> {
  const named = new Set<string>()
  const twice = new Set<string>()
  for (const topic of request.topics) {
    for (const { partitionIndex } of topic.partitions) {
      const key = `${topic.name}/${partitionIndex}`
      if (named.has(key)) twice.add(key)
      named.add(key)
    }
  }
  const topics = await Promise.all(
    request.topics.filter(isAsked).map(async ({ name, partitions }) => ({
      name,
      partitions: await Promise.all(
        withoutTwins(partitions).map((asked) =>
          twice.has(`${name}/${asked.partitionIndex}`)
            ? failed(asked, kafkaError.INVALID_REQUEST)
            : listPartition({ name, asked, request, services, context }),
        ),
      ),
    })),
  )
  return { throttleTimeMs: 0, topics }
}

function isAsked({ partitions }: ListOffsetsRequest['topics'][number]): boolean {
  return partitions.length > 0
}

/** One answer for each partition, however often it was asked for. */
function withoutTwins(partitions: readonly Asked[]): readonly Asked[] {
  return [...new Map(partitions.map((asked) => [asked.partitionIndex, asked])).values()]
}

interface Question {
  readonly name: string
  readonly asked: Asked
  readonly request: ListOffsetsRequest
  readonly services: IoServices
  readonly context: RequestContext
}

async function listPartition(question: Question): Promise<Answered> {
  const { name, asked, request, services, context } = question
  if (request.isolationLevel !== READ_UNCOMMITTED && request.isolationLevel !== READ_COMMITTED) {
    return failed(asked, kafkaError.UNKNOWN_SERVER_ERROR)
  }
  if (asked.timestamp < 0) {
    const firstVersion = firstVersions.get(asked.timestamp) ?? Number.POSITIVE_INFINITY
    if (context.header.apiVersion < firstVersion) {
      return failed(asked, kafkaError.UNSUPPORTED_VERSION)
    }
  }
  const partition = findPartition(services, name, asked.partitionIndex)
  if (typeof partition === 'number') return failed(asked, partition)
  const fenced = checkLeaderEpoch(asked.currentLeaderEpoch, partition.leaderEpoch)
  if (fenced !== kafkaError.NONE) return failed(asked, fenced)
  const state = partition.log.state()
  if (state.offline) return failed(asked, kafkaError.KAFKA_STORAGE_ERROR)
  const end = fetchableEnd(request, state)
  return found(asked, await lookUp(partition, asked.timestamp, end))
}

function fetchableEnd(
  request: ListOffsetsRequest,
  state: { logEndOffset: number; highWatermark: number; lastStableOffset: number },
): number {
  if (request.replicaId >= 0 || request.replicaId === DEBUGGING_CONSUMER) return state.logEndOffset
  return request.isolationLevel === READ_COMMITTED ? state.lastStableOffset : state.highWatermark
}

async function lookUp(
  partition: Partition,
  timestamp: number,
  end: number,
): Promise<TimestampOffset> {
  switch (timestamp) {
    case LATEST:
      return { timestampMs: -1, offset: end, leaderEpoch: partition.leaderEpoch }
    case EARLIEST:
    case EARLIEST_LOCAL: {
      const offset = partition.log.state().logStartOffset
      return { timestampMs: -1, offset, leaderEpoch: partition.leaderEpoch }
    }
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD: // there are no tiers
      return nowhere
    case MAX_TIMESTAMP:
      return below(end, await partition.log.maxTimestamp())
    default:
      return below(end, await partition.log.offsetForTimestamp(timestamp))
  }
}

function below(end: number, position: TimestampOffset): TimestampOffset {
  return position.offset >= 0 && position.offset < end ? position : nowhere
}

function found(asked: Asked, position: TimestampOffset): Answered {
  return {
    partitionIndex: asked.partitionIndex,
    errorCode: kafkaError.NONE,
    timestamp: position.timestampMs,
    offset: position.offset,
    leaderEpoch: position.leaderEpoch,
  }
}

function failed(asked: Asked, errorCode: number): Answered {
  return {
    partitionIndex: asked.partitionIndex,
    errorCode,
    timestamp: -1,
    offset: -1,
    leaderEpoch: -1,
  }
}
