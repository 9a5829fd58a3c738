// Produce: appends record batches to partitions.
//
// v3  record batch v2, the oldest taken      v7  zstd (KIP-110)
// v8  recordErrors, errorMessage (KIP-467)   v10 currentLeader, nodeEndpoints (KIP-951)
// v13 topic ids (KIP-516)
//
// Every append happens before the handler returns: that fixes the order of what one connection
// produces. Only the answer waits, until all partitions have the promise that `acks` asks for.
import type { AppendFailed } from '../../log/types.js'
import type { TopicImage } from '../../metadata/image.js'
import type { Partition, WaitEnd } from '../../partition/partition.js'
import type { ProduceRequest, ProduceResponse } from '../../protocol/messages/produce.js'
import { ConnectionFault } from '../connection-fault.js'
import type { IoServices, RequestContext } from '../context.js'
import { brokersOn } from '../endpoints.js'
import { kafkaError } from '../error-mapping.js'
import { findPartition, findPartitionById } from '../find-partition.js'
import { ALL_IN_SYNC, isKnownAcks, NO_ANSWER, whyRefused } from './admission.js'
import { firstBatch, maxTimestampOf } from './batch-shape.js'
import {
  type PartitionAnswer,
  type PartitionData,
  type PartitionDraft,
  refused,
  refusedByLog,
  succeeded,
} from './partition-answer.js'

type TopicData = ProduceRequest['topicData'][number]
type TopicResponse = ProduceResponse['responses'][number]

const FIRST_VERSION_BY_ID = 13
const FIRST_VERSION_WITH_LEADERS = 10

export function produce(
  request: ProduceRequest,
  services: IoServices,
  context: RequestContext,
): ProduceResponse | null | Promise<ProduceResponse> {
  const pending = new PendingProduce(request, services, context)
  for (const topic of request.topicData) pending.appendTopic(topic)
  if (request.acks === NO_ANSWER) {
    pending.closeOnError()
    return null
  }
  return pending.answer()
}

class PendingProduce {
  private readonly responses: TopicResponse[] = []
  /** Partitions whose promise is still to come. */
  private waiting = 0
  private resolve: ((response: ProduceResponse) => void) | undefined
  private anyError = false
  private anyLeaderError = false

  constructor(
    private readonly request: ProduceRequest,
    private readonly services: IoServices,
    private readonly context: RequestContext,
  ) {}

  appendTopic(topic: TopicData): void {
    const image = this.imageOf(topic)
    const partitionResponses: PartitionAnswer[] = []
    for (const data of topic.partitionData) {
      partitionResponses.push(this.appendPartition(topic, image, data))
    }
    this.responses.push({ name: topic.name, topicId: topic.topicId, partitionResponses })
  }

  answer(): ProduceResponse | Promise<ProduceResponse> {
    if (this.waiting === 0) return this.response()
    return new Promise((resolve) => {
      this.resolve = resolve
    })
  }

  /** acks=0 has no answer that could tell of an error; Kafka closes the connection for it. */
  closeOnError(): void {
    if (!this.anyError) return
    const failed = this.responses.flatMap((topic) =>
      topic.partitionResponses
        .filter((p) => p.errorCode !== kafkaError.NONE)
        .map((p) => `${topic.name || topic.topicId}-${p.index}: error ${p.errorCode}`),
    )
    throw new ConnectionFault(`produce with acks=0 failed: ${failed.slice(0, 5).join(', ')}`)
  }

  private imageOf(topic: TopicData): TopicImage | undefined {
    const image = this.services.metadata()
    return this.goesById ? image.topicById(topic.topicId) : image.topic(topic.name)
  }

  private get goesById(): boolean {
    return this.context.header.apiVersion >= FIRST_VERSION_BY_ID
  }

  private appendPartition(
    topic: TopicData,
    image: TopicImage | undefined,
    data: PartitionData,
  ): PartitionDraft {
    const { acks, timeoutMs } = this.request
    if (!isKnownAcks(acks)) return this.failed(data, kafkaError.INVALID_REQUIRED_ACKS)
    const partition = this.goesById
      ? findPartitionById(this.services, topic.topicId, data.index)
      : findPartition(this.services, topic.name, data.index)
    if (typeof partition === 'number') return this.notServed(data, partition, image)
    const { request, context } = this
    const problem = whyRefused({ request, context, image }, data, this.services)
    if (problem !== undefined) return this.failed(data, problem)
    const batch = firstBatch(data.records ?? [])
    if (batch === undefined) return this.failed(data, kafkaError.INVALID_RECORD)
    const appended = partition.append(batch)
    if (!appended.ok) return this.appendFailed(data, partition, appended)
    const draft = succeeded(data, appended)
    // As Kafka: of what was stored before it tells when.
    if (appended.duplicate && draft.logAppendTimeMs === -1) {
      draft.logAppendTimeMs = maxTimestampOf(batch)
    }
    if (acks === NO_ANSWER) return draft
    this.waiting++
    const promise = acks === ALL_IN_SYNC ? 'all' : 'leader'
    partition.whenAcknowledged(appended.lastOffset + 1, promise, timeoutMs, (end) =>
      this.acknowledged(partition, draft, end),
    )
    return draft
  }

  private notServed(
    data: PartitionData,
    errorCode: number,
    image: TopicImage | undefined,
  ): PartitionDraft {
    const draft = this.failed(data, errorCode)
    const partition = image?.partitions[data.index]
    if (errorCode === kafkaError.NOT_LEADER_OR_FOLLOWER && partition !== undefined) {
      this.anyLeaderError = true
      const { leaderId, leaderEpoch } = partition
      draft.currentLeader = { leaderId, leaderEpoch }
    }
    return draft
  }

  private acknowledged(partition: Partition, draft: PartitionDraft, end: WaitEnd): void {
    if (end !== 'reached') {
      this.anyError = true
      draft.errorCode = whyNotAcknowledged(this.services, partition, end)
    }
    this.waiting--
    if (this.waiting === 0) this.resolve?.(this.response())
  }

  private appendFailed(
    data: PartitionData,
    partition: Partition,
    failed: AppendFailed,
  ): PartitionDraft {
    this.anyError = true
    this.services.logger.debug('refused records', {
      connection: this.context.client.connectionId,
      partition: `${partition.topic}-${partition.index}`,
      reason: failed.failure.message,
    })
    return refusedByLog(data, partition, failed)
  }

  private failed(data: PartitionData, errorCode: number): PartitionDraft {
    this.anyError = true
    return refused(data, errorCode)
  }

  private response(): ProduceResponse {
    return {
      responses: this.responses,
      throttleTimeMs: 0,
      nodeEndpoints: this.anyLeaderError ? this.nodeEndpoints() : noEndpoints,
    }
  }

  private nodeEndpoints(): ProduceResponse['nodeEndpoints'] {
    if (this.context.header.apiVersion < FIRST_VERSION_WITH_LEADERS) return noEndpoints
    return brokersOn(this.services.metadata(), this.context.client.listener.name).map(
      ({ broker, endpoint }) => ({
        nodeId: broker.id,
        host: endpoint.host,
        port: endpoint.port,
        rack: broker.rack ?? null,
      }),
    )
  }
}

const noEndpoints: ProduceResponse['nodeEndpoints'] = []

function whyNotAcknowledged(services: IoServices, partition: Partition, end: WaitEnd): number {
  if (end === 'timed-out') return kafkaError.REQUEST_TIMED_OUT
  if (end === 'offline') return kafkaError.KAFKA_STORAGE_ERROR
  const now = findPartitionById(services, partition.topicId, partition.index)
  if (now === kafkaError.UNKNOWN_TOPIC_ID) return kafkaError.UNKNOWN_TOPIC_OR_PARTITION
  return typeof now === 'number' ? now : kafkaError.NOT_LEADER_OR_FOLLOWER
}
