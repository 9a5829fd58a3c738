// Produce: appends record batches to partitions.
//
// v3  record batch v2, the oldest taken      v7  zstd (KIP-110)
// v8  recordErrors, errorMessage (KIP-467)   v10 currentLeader, nodeEndpoints (KIP-951)
// v13 topic ids (KIP-516)
//
// Every append happens before the handler returns: that fixes the order of what one connection
// produces. Only the answer waits, until all partitions have the promise that `acks` asks for.
import type { Appended, AppendFailed } from '../log/types.js'
import type { TopicImage } from '../metadata/image.js'
import type { Partition, WaitEnd } from '../partition/partition.js'
import type { ProduceRequest, ProduceResponse } from '../protocol/messages/produce.js'
import {
  countWithLogAppendTime,
  firstBatch,
  isLongerThanAnything,
  isNoBatch,
  isOneBatch,
  isZstd,
  maxTimestampOf,
} from './batch-shape.js'
import { ConnectionFault } from './connection-fault.js'
import type { IoServices, RequestContext } from './context.js'
import { brokersOn } from './endpoints.js'
import { errorNumber, kafkaError } from './error-mapping.js'
import { findPartition, findPartitionById } from './find-partition.js'

type TopicData = ProduceRequest['topicData'][number]
type PartitionData = TopicData['partitionData'][number]
type TopicResponse = ProduceResponse['responses'][number]
type PartitionResponse = TopicResponse['partitionResponses'][number]

const FIRST_VERSION_BY_ID = 13
const FIRST_VERSION_WITH_ZSTD = 7
const FIRST_VERSION_WITH_LEADERS = 10
const ALL_IN_SYNC = -1
const LEADER_ONLY = 1
const NO_ANSWER = 0
/** A bound for the answer: a compressed batch may hold millions. */
const MAX_RECORD_ERRORS = 1000
/** Kafka's own admin client writes internal topics through the front door. */
const ADMIN_CLIENT_ID = '__admin_client'

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

/** Mutable until the answer leaves: an acknowledgement that fails writes its error into it. */
type PartitionDraft = { -readonly [K in keyof PartitionResponse]: PartitionResponse[K] }

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
    const partitionResponses: PartitionResponse[] = []
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
    if (acks !== ALL_IN_SYNC && acks !== LEADER_ONLY && acks !== NO_ANSWER) {
      return this.failed(data, kafkaError.INVALID_REQUIRED_ACKS)
    }
    const partition = this.goesById
      ? findPartitionById(this.services, topic.topicId, data.index)
      : findPartition(this.services, topic.name, data.index)
    if (typeof partition === 'number') return this.notServed(data, partition, image)
    const refused = this.whyRefused(image, data)
    if (refused !== undefined) return refused
    if (isLongerThanAnything(data.records ?? [])) {
      return this.failed(data, kafkaError.UNKNOWN_SERVER_ERROR)
    }
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

  /** What is wrong before the log is asked; the log checks the batch itself. */
  private whyRefused(
    image: TopicImage | undefined,
    data: PartitionData,
  ): PartitionDraft | undefined {
    if (image?.isInternal && this.context.header.clientId !== ADMIN_CLIENT_ID) {
      return this.failed(data, kafkaError.INVALID_TOPIC_EXCEPTION)
    }
    if (data.records === null || data.records.length === 0) {
      return this.failed(data, kafkaError.INVALID_RECORD)
    }
    if (this.context.header.apiVersion < FIRST_VERSION_WITH_ZSTD && isZstd(data.records)) {
      return this.failed(data, kafkaError.UNSUPPORTED_COMPRESSION_TYPE)
    }
    if (this.request.acks === ALL_IN_SYNC && this.lacksReplicas(image, data.index)) {
      return this.failed(data, kafkaError.NOT_ENOUGH_REPLICAS)
    }
    return undefined
  }

  // As Kafka: never more than there are replicas.
  private lacksReplicas(image: TopicImage | undefined, index: number): boolean {
    const partition = image?.partitions[index]
    if (image === undefined || partition === undefined) return false
    const asked =
      image.configs['min.insync.replicas'] ??
      this.services.config.topicDefaults['min.insync.replicas'] ??
      '1'
    const needed = Math.min(Number(asked), partition.replicas.length)
    return partition.inSyncReplicas.length < needed
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
    const draft = this.failed(data, errorNumber(failed.failure.code))
    const records = data.records ?? []
    this.services.logger.debug('refused records', {
      connection: this.context.client.connectionId,
      partition: `${partition.topic}-${partition.index}`,
      reason: failed.failure.message,
    })
    // As Kafka, which says it of these two kinds only.
    if (failed.recordIndex >= 0 || isNoBatch(records)) draft.errorMessage = failed.failure.message
    if (failed.recordIndex >= 0) draft.recordErrors = recordErrors(records, failed)
    if (tellsLogStart(draft.errorCode) && isOneBatch(records)) {
      draft.logStartOffset = partition.log.state().logStartOffset
    }
    return draft
  }

  private failed(data: PartitionData, errorCode: number): PartitionDraft {
    this.anyError = true
    const draft: PartitionDraft = {
      index: data.index,
      errorCode,
      baseOffset: -1,
      logAppendTimeMs: -1,
      logStartOffset: -1,
      recordErrors: [],
      errorMessage: null,
      currentLeader: noLeader,
    }
    return draft
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

const noLeader = { leaderId: -1, leaderEpoch: -1 }
const noEndpoints: ProduceResponse['nodeEndpoints'] = []
const noErrors: PartitionResponse['recordErrors'] = []

/** As Kafka, a timestamp type that is wrong for the whole batch is told of every record. */
function recordErrors(
  records: readonly Uint8Array[],
  { failure, recordIndex }: AppendFailed,
): PartitionResponse['recordErrors'] {
  const batchIndexErrorMessage = failure.message
  const first = { batchIndex: recordIndex, batchIndexErrorMessage }
  if (failure.code !== 'INVALID_TIMESTAMP') return [first]
  const count = Math.min(countWithLogAppendTime(records), MAX_RECORD_ERRORS)
  if (count === 0) return [first]
  return Array.from({ length: count }, (_, batchIndex) => ({ batchIndex, batchIndexErrorMessage }))
}

function succeeded(data: PartitionData, appended: Appended): PartitionDraft {
  return {
    index: data.index,
    errorCode: kafkaError.NONE,
    baseOffset: appended.baseOffset,
    logAppendTimeMs: appended.logAppendTimeMs,
    logStartOffset: appended.logStartOffset,
    recordErrors: noErrors,
    errorMessage: null,
    currentLeader: noLeader,
  }
}

/** As Kafka: only of what was refused by the log itself, for the records' own sake. */
function tellsLogStart(errorCode: number): boolean {
  return (
    errorCode === kafkaError.INVALID_RECORD ||
    errorCode === kafkaError.INVALID_TIMESTAMP ||
    errorCode === kafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER ||
    errorCode === kafkaError.INVALID_PRODUCER_EPOCH ||
    errorCode === kafkaError.UNKNOWN_PRODUCER_ID ||
    errorCode === kafkaError.INVALID_TXN_STATE ||
    errorCode === kafkaError.UNKNOWN_SERVER_ERROR
  )
}

function whyNotAcknowledged(services: IoServices, partition: Partition, end: WaitEnd): number {
  if (end === 'timed-out') return kafkaError.REQUEST_TIMED_OUT
  if (end === 'offline') return kafkaError.KAFKA_STORAGE_ERROR
  const now = findPartitionById(services, partition.topicId, partition.index)
  if (now === kafkaError.UNKNOWN_TOPIC_ID) return kafkaError.UNKNOWN_TOPIC_OR_PARTITION
  return typeof now === 'number' ? now : kafkaError.NOT_LEADER_OR_FOLLOWER
}
